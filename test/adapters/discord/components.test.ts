import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { render, renderBare, renderForm } from '../../../src/adapters/discord/components.ts';
import { markdown, plain } from '../../../src/adapters/discord/text.ts';
import { card } from '../../contract/chat.ts';
import { anyMessage, anyString } from '../../support/any-message.ts';
import { buttonsOf, discordProblems, modalProblems, wordsOf } from '../../support/discord-stand-in.ts';

/** Text without what a backslash makes harmless. */
const active = (text: string): string => text.replaceAll(/\\[^\p{L}\p{N}\s]/gu, '');

describe('the Discord renderer', () => {
  it('renders whatever message there is into something Discord takes', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(discordProblems(render(message, { mention: ['112233445566778899'] }).body)).toEqual([]);
        expect(discordProblems(renderBare(message, [], true).body)).toEqual([]);
        expect(discordProblems(renderBare(message, [], false).body)).toEqual([]);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('lets nobody be mentioned, whatever the text says', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const { body } = render(message);
        expect(body.allowed_mentions).toEqual({ parse: [], users: [], replied_user: false });
        expect(active(body.content).replaceAll(/`[^`]*`/g, '')).not.toMatch(/<[@#:/]|@(everyone|here)/i);
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  it('lets no text format itself', () => {
    fc.assert(
      fc.property(anyString, (text) => {
        const line = markdown(text, 3_000);
        expect(active(line)).not.toMatch(/[*_~`|<>[\]#\u202E\u200B\p{Cc}]|https?:\/\//u);
        expect(line).not.toMatch(/^([-+]|\d+[.)])/);
        expect(line.isWellFormed()).toBe(true);
      }),
      { seed: 9, numRuns: 500 },
    );
  });

  it('keeps to the length asked for', () => {
    fc.assert(
      fc.property(fc.array(anyString, { maxLength: 4 }), fc.integer({ min: 20, max: 400 }), (text, most) => {
        expect(markdown(text, most).length).toBeLessThanOrEqual(most);
        expect(plain(text, most).length).toBeLessThanOrEqual(most);
      }),
      { seed: 10, numRuns: 500 },
    );
  });

  it('shows the card in the order it was written', () => {
    const { body } = render(card);

    expect(body.content).toBe('CRITICAL $79/h: stolen key starts miners in 3 regions \\(production\\)');
    expect(body.embeds).toEqual([
      {
        title: '▲ CRITICAL  Miners are being started with a stolen key',
        color: 0xd92d20,
        description: [
          '-# INC-42 · 3 min old',
          '',
          '**Who**  user **ci-deploy** · key `AKIA…MPLE`',
          '**Costs**  $79.41 an hour since <t:1795442520:t>',
          '',
          '• us-west-2',
          '• ap-south-1',
          '+957 more',
        ].join('\n'),
      },
    ]);
    expect(buttonsOf(body)).toEqual(['Contain everything', 'This is expected …']);
  });

  it('says where it cut', () => {
    expect(markdown('x'.repeat(100), 50)).toMatch(/^x+ … cut$/);
    expect(markdown('x'.repeat(100_000), 50)).toMatch(/^x+ … cut$/);
  });

  it('shows a long list as far as it goes and counts the rest', () => {
    const items = Array.from({ length: 1_000 }, (_, at) => `i-${at}`);

    expect(wordsOf(render({ summary: 's', parts: [{ kind: 'list', items, more: 5 }] }).body).join()).toContain('• i-59\n+945 more');
  });

  it('notifies by name, and only whom it was told', () => {
    const { body } = render({ summary: '<@1>', parts: [] }, { mention: ['112233445566778899', 'not an id'] });

    expect(body.content).toBe('<@112233445566778899> \\<@1\\>');
    expect(body.allowed_mentions.users).toEqual(['112233445566778899']);
  });

  it('leaves no link that is not of the web', () => {
    expect(markdown({ link: 'javascript:alert(1)', label: 'x' }, 100)).toBe('x');
    expect(markdown({ link: 'https://example.com/a_(b)', label: 'c[a]se' }, 100)).toBe('[c\\[a\\]se](https://example.com/a_%28b%29)');
  });

  it('makes a form of labels, with what is allowed written beside a number', () => {
    const modal = renderForm(
      {
        title: 'This is expected, says somebody at great length indeed',
        submit: 'Save',
        fields: [
          { id: 'cap', label: 'At most, USD an hour', kind: 'number', min: 0, max: 100, initial: 20 },
          { id: 'days', label: 'How long', kind: 'choice', options: [{ value: '7', label: 'a week' }], initial: '7' },
          { id: 'why', label: 'Why', kind: 'text', most: 10_000, optional: true, hint: 'for the record' },
        ],
      },
      'form x',
    );

    expect(modalProblems(modal as unknown as Record<string, unknown>)).toEqual([]);
    expect(modal.components[0]).toMatchObject({ description: 'A number from 0 to 100.', component: { value: '20', required: true } });
    expect(modal.components[2]).toMatchObject({ component: { required: false, max_length: 4_000 } });
  });
});
