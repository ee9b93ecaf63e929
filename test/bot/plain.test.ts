import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/bot/message.ts';
import { asPlainText } from '../../src/bot/plain.ts';

const message: Message = {
  summary: 's',
  severity: 'high',
  parts: [
    { kind: 'header', severity: 'high', text: 'A key is used', aside: ['INC-1 · ', { time: '2026-11-23T14:02:00.000Z', as: 'ago' }] },
    {
      kind: 'facts',
      rows: [
        { label: 'Who', lines: [['user ', { bold: 'ada' }], 'second line'] },
        { label: 'Looked', lines: ['17 of 17'] },
      ],
    },
    { kind: 'text', text: 'gone', struck: true },
    { kind: 'list', ordered: true, items: [[{ code: 'i-1' }], 'two'], more: 957 },
    { kind: 'image', png: new Uint8Array(), name: 'x.png', alt: 'costs by day' },
    { kind: 'buttons', buttons: [{ id: 'x', label: 'Contain', style: 'danger' }] },
  ],
};

describe('a message as plain text', () => {
  it('keeps every part as a line one can read', () => {
    expect(asPlainText(message, '2026-11-23T14:05:00.000Z').split('\n')).toEqual([
      '▲ HIGH  A key is used   INC-1 · 3 min ago',
      'Who     user ada',
      '        second line',
      'Looked  17 of 17',
      '(withdrawn) gone',
      ' 1  i-1',
      ' 2  two',
      '   +957 more',
      '[picture: costs by day]',
      '[ Contain ]',
    ]);
  });

  it('says the time itself where now is not known', () => {
    expect(asPlainText(message)).toContain('INC-1 · 2026-11-23 14:02 UTC');
  });

  it('lets no name move the cursor, turn the text round or begin a line', () => {
    const hostile: Message = { summary: '', parts: [{ kind: 'text', text: '\u001b[2Jevil\n\u202egnp.exe\u0007' }] };

    expect(asPlainText(hostile)).toBe(' [2Jevil gnp.exe');
  });
});
