import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain, renderForm, renderMessage } from '../../../src/adapters/console/render.ts';
import type { Message, Part, Text } from '../../../src/bot/message.ts';
import { wordsOf } from './support.ts';

const sight = { now: '2026-11-23T14:05:00.000Z', pictureUrl: () => '/picture/abc' };
const show = async (...parts: Part[]) => String(await renderMessage({ summary: '', parts }, sight));

describe('a message on the page', () => {
  it('shows severity as a word and a shape, not by colour alone', async () => {
    expect(wordsOf(await show({ kind: 'header', severity: 'critical', text: 'Miners' }))).toBe('▲ CRITICAL Miners');
    expect(wordsOf(await show({ kind: 'header', severity: 'medium', text: 'Odd' }))).toBe('◆ MEDIUM Odd');
  });

  it('marks times so that the page can show them in the zone of its reader', async () => {
    const page = await show({ kind: 'text', text: [{ time: '2026-11-23T14:02:00.000Z', as: 'ago' }] });

    expect(page).toContain('datetime="2026-11-23T14:02:00.000Z"');
    expect(page).toContain('title="2026-11-23 14:02:00 UTC"');
    expect(page).toContain('>3 min ago<');
  });

  it('links to the web only', async () => {
    for (const link of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'not a link', '//evil.example']) {
      expect(await show({ kind: 'text', text: { link, label: 'here' } })).not.toContain('<a ');
    }
    expect(await show({ kind: 'text', text: { link: 'https://docs.example.com/a?b=1&c="', label: 'here' } })).toContain(
      'rel="noopener noreferrer"',
    );
  });

  it('never turns the words of others into markup', async () => {
    const clean = tagsOf(await renderMessage(full('x'), sight));

    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom(...attacks)), async (text) => {
        const page = String(await renderMessage(full(text), sight));
        expect(tagsOf(page)).toEqual(clean);
      }),
      { seed: 20261123, numRuns: 150 },
    );
  });

  it('shows neither control characters nor marks that turn the reading direction', () => {
    expect(plain('a\u202Egnp.exe\u2066b\u0000c\u200Bd\uD800', 100)).toBe('a\uFFFDgnp.exe\uFFFDb\uFFFDc\uFFFDd\uFFFD');
  });

  it('cuts what is too long and says so', () => {
    expect(plain('x'.repeat(50), 10)).toBe(`${'x'.repeat(10)} … (cut)`);
    expect(plain('👩‍💻'.repeat(5), 4).isWellFormed()).toBe(true);
  });

  it('escapes what a form shows', async () => {
    const page = String(
      await renderForm({
        title: attacks[0] ?? '',
        submit: attacks[1] ?? '',
        fields: [{ id: 'why', label: attacks[2] ?? '', kind: 'text', most: 20, hint: attacks[0] ?? '' }],
      }),
    );

    expect(page).not.toMatch(/<script|<img/);
  });
});

const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</dl></div><style>*{display:none}',
  '&lt;b&gt;',
  '{{7*7}}',
  '<!--',
  ']]>',
];

/** Every place of a message that can hold words. */
function full(text: string): Message {
  const pieces: Text = [text, { bold: text }, { code: text }, { time: text, as: 'clock' }, { link: text, label: text }];
  return {
    summary: text,
    severity: 'high',
    parts: [
      { kind: 'header', severity: 'high', text, aside: pieces },
      { kind: 'facts', rows: [{ label: text, lines: [pieces] }] },
      { kind: 'text', text: pieces, quiet: true, struck: true },
      { kind: 'list', ordered: true, items: [pieces], more: 3 },
      { kind: 'image', png: new Uint8Array(), name: text, alt: text },
      { kind: 'buttons', buttons: [{ id: 'abc', label: text, style: 'danger' }] },
    ],
  };
}

/** The elements and the names of their attributes: the same, whatever the words. */
function tagsOf(page: unknown): string[] {
  const tags = String(page).match(/<[^>]*>/g) ?? [];
  return tags.map((tag) => tag.replace(/"[^"]*"/g, '""'));
}
