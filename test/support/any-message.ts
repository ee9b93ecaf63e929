/** Any message at all, and the nastiest of texts: for the property tests of the renderers. */
import fc from 'fast-check';
import type { Message, Part, Piece, Text } from '../../src/bot/message.ts';
import { severities } from '../../src/checks/observation.ts';

const nasty = fc.constantFrom(
  '<!channel>',
  '<!here|x>',
  '<@U0ADA>',
  '<@112233445566778899>',
  '<@&112233445566778899>',
  '<#112233445566778899>',
  '</warden:1>',
  '<t:1:R>',
  '<:x:1>',
  '@everyone',
  '@here',
  '@channel',
  '&amp;&lt;',
  '*b* _i_ ~s~ __u__ ~~s~~ ||spoiler||',
  '`c` ``c`` ```fence```',
  '```\n',
  '\n> quote\n# head\n- item\n1. item\n-# small',
  '> quote',
  '>>> quote',
  '# head',
  '- item',
  '1. item',
  '[x](http://evil.example)',
  '<http://evil.example|click>',
  'https://evil.example/a_b*c*',
  ':rotating_light:',
  '\u202Ertl\u200B\u2066\u200D\u2060',
  '\uD800',
  '\uDFFF\uD83D',
  '\u0000\u001B[31m',
  'a'.repeat(5_000),
  '&'.repeat(3_000),
  '👩‍👩‍👧‍👦'.repeat(200),
  '\\',
  '\\*',
  '',
  ' ',
);

export const anyString: fc.Arbitrary<string> = fc.oneof(
  nasty,
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(nasty, { maxLength: 4 }).map((parts) => parts.join(' ')),
  fc.array(nasty, { maxLength: 4 }).map((parts) => parts.join('')),
);
const anyPiece: fc.Arbitrary<Piece> = fc.oneof(
  anyString,
  fc.record({ bold: anyString }),
  fc.record({ code: anyString }),
  fc.record({
    time: fc.oneof(fc.constant('2026-11-23T14:02:00.000Z'), anyString),
    as: fc.constantFrom('clock' as const, 'date' as const, 'ago' as const),
  }),
  fc.record({
    link: fc.oneof(fc.constantFrom('https://example.com/a?b=1&c=2|3', 'javascript:alert(1)', 'http://example.com/(x)<y>'), anyString),
    label: anyString,
  }),
);
const anyText: fc.Arbitrary<Text> = fc.oneof(anyString, anyPiece, fc.array(anyPiece, { maxLength: 6 }));
const anyButton = fc.record({
  id: fc.oneof(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }), fc.constant('same')),
  label: anyString,
  style: fc.constantFrom('danger' as const, 'primary' as const, 'plain' as const),
});
const anyPart: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant('header' as const), text: anyString, severity: fc.constantFrom(...severities), aside: anyText }),
  fc.record({ kind: fc.constant('header' as const), text: anyString }),
  fc.record({
    kind: fc.constant('facts' as const),
    rows: fc.array(fc.record({ label: anyString, lines: fc.array(anyText, { maxLength: 5 }) }), { maxLength: 12 }),
  }),
  fc.record({ kind: fc.constant('text' as const), text: anyText, quiet: fc.boolean(), struck: fc.boolean() }),
  fc.record({
    kind: fc.constant('list' as const),
    items: fc.array(anyText, { maxLength: 60 }),
    ordered: fc.boolean(),
    more: fc.nat(2_000),
  }),
  fc.record({ kind: fc.constant('image' as const), png: fc.constant(new Uint8Array([1])), name: anyString, alt: anyString }),
  fc.record({ kind: fc.constant('buttons' as const), buttons: fc.array(anyButton, { maxLength: 40 }) }),
);

export const anyMessage: fc.Arbitrary<Message> = fc.record({
  summary: anyString,
  severity: fc.constantFrom(...severities),
  parts: fc.oneof(fc.array(anyPart, { maxLength: 8 }), fc.array(anyPart, { minLength: 40, maxLength: 70 })),
});
