import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { render, renderBare, renderForm } from '../../../src/adapters/slack/blocks.ts';
import { mrkdwn, plain } from '../../../src/adapters/slack/text.ts';
import { card } from '../../contract/chat.ts';
import { anyMessage, anyString } from '../../support/any-message.ts';
import { slackProblems, wordsOf } from '../../support/slack-stand-in.ts';

type Loose = Parameters<typeof slackProblems>[0];
const parsedWords = (rendered: Loose): string[] => [
  rendered.text,
  ...rendered.blocks.filter(({ type }) => type === 'section' || type === 'context').flatMap(wordsOf),
];

describe('the Slack renderer', () => {
  it('renders whatever message there is into something Slack takes', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(slackProblems(render(message, { mention: ['U0ADA'] }) as Loose)).toEqual([]);
        expect(slackProblems(renderBare(message) as Loose)).toEqual([]);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('lets nobody be mentioned, whatever the text says', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const rendered = render(message) as Loose;
        for (const words of parsedWords(rendered)) {
          const tokens = [...words.matchAll(/<[^>]*>/g)].map(([token]) => token);
          expect(tokens.filter((token) => !/^<(!date\^\d+\^[^|]+\||https?:)/.test(token))).toEqual([]);
          expect(words.replaceAll(/<[^>]*>/g, '')).not.toMatch(/[<>]|@(channel|here|everyone)/i);
        }
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  it('lets no text format itself', () => {
    fc.assert(
      fc.property(anyString, (text) => {
        const line = mrkdwn(text, 3_000);
        expect(line).not.toMatch(/[*~`\u202E\u200B\p{Cc}]/u);
        expect(line).not.toMatch(/^&gt;|(^|[^\p{L}\p{N}])_|_($|[^\p{L}\p{N}])/u);
        expect(line.isWellFormed()).toBe(true);
      }),
      { seed: 9, numRuns: 500 },
    );
  });

  it('keeps to the length asked for, never half an entity', () => {
    fc.assert(
      fc.property(fc.array(anyString, { maxLength: 4 }), fc.integer({ min: 20, max: 400 }), (text, most) => {
        expect(mrkdwn(text, most).length).toBeLessThanOrEqual(most);
        expect(plain(text, most).length).toBeLessThanOrEqual(most);
        expect(mrkdwn(text, most).replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&');
      }),
      { seed: 10, numRuns: 500 },
    );
  });

  it('shows the card in the order it was written', () => {
    const { text, blocks } = render(card);

    expect(text).toBe('CRITICAL $79/h: stolen key starts miners in 3 regions (production)');
    expect(blocks.map(({ type }) => type)).toEqual(['header', 'context', 'section', 'section', 'actions']);
    expect(wordsOf(blocks)).toEqual([
      '🟥 ▲ CRITICAL  Miners are being started with a stolen key',
      'INC-42 · 3 min old',
      '*Who*  user *ci-deploy* · key `AKIA…MPLE`\n*Costs*  $79.41 an hour since <!date^1795442520^{time}|14:02 UTC>',
      '• us-west-2\n• ap-south-1\n+957 more',
      'Contain everything',
      'This is expected …',
    ]);
  });

  it('says where it cut', () => {
    expect(mrkdwn('x'.repeat(100), 50)).toMatch(/^x+ … cut$/);
    expect(mrkdwn('x'.repeat(100_000), 50)).toMatch(/^x+ … cut$/);
    expect(mrkdwn(['a', { code: 'i-0abc'.repeat(20) }], 50)).toMatch(/^a\u200b`[^`]+` … cut$/);
  });

  it('strikes through what was withdrawn and lowers what is said aside', () => {
    const { blocks } = render({
      summary: 's',
      parts: [
        { kind: 'text', text: 'gone', struck: true },
        { kind: 'text', text: 'aside', quiet: true },
      ],
    });

    expect(blocks).toMatchObject([{ type: 'section', text: { text: '~gone~' } }, { type: 'context' }]);
  });

  it('leaves no link that is not of the web', () => {
    expect(mrkdwn({ link: 'javascript:alert(1)', label: 'x' }, 100)).toBe('x');
    expect(mrkdwn({ link: 'https://example.com/?a=1&b=2', label: 'case' }, 100)).toBe('<https://example.com/?a=1&amp;b=2|case>');
  });

  it('cuts the title of a form to what Slack takes and shows it in full inside', () => {
    const view = renderForm({ title: 'This is expected for a long while', submit: 'Save', fields: [] }, '{}');

    expect(view.title.text.length).toBeLessThanOrEqual(24);
    expect(wordsOf(view.blocks)).toEqual(['*This is expected for a long while*']);
  });
});
