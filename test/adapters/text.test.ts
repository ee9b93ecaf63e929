import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, joined, limited, within } from '../../src/adapters/text.ts';
import type { Piece } from '../../src/bot/message.ts';

const dialect = {
  rendered: (piece: Piece, most: number) => within(typeof piece === 'string' ? piece : 'x', most),
  needsGlue: (before: string, after: string) => /\*$/.test(before) && /^\*/.test(after),
};

describe('text', () => {
  it('loses what could hide, reorder or forge words', () => {
    expect(clean('a\u200bb\u202ec\nd\u2028e\u0000f\ud800')).toBe('abc d e f\ufffd');
  });

  it('is cut between whole characters, at what fits when rendered', () => {
    expect(within('ab🚨c', 3)).toBe('ab');
    expect(within('a&b', 5, (char) => (char === '&' ? '&amp;' : char))).toBe('a');
  });

  it('is joined piece by piece until one does not fit, of which stands what fits', () => {
    expect(joined(['one ', 'two ', 'three'], 10, dialect)).toBe('one two th');
    expect(joined(['*a*', '*b*'], 10, dialect)).toBe('*a*\u200b*b*');
  });

  it('is bounded before anything is done with it', () => {
    const many = limited(Array.from({ length: 1000 }, () => 'piece'));
    const long = limited({ bold: 'x'.repeat(1_000_000) });

    expect([many.pieces.length, many.shortened, long.shortened]).toEqual([100, true, true]);
    expect(limited('short')).toEqual({ pieces: ['short'], shortened: false });
  });

  it('never grows beyond its bound, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('*a*'))), fc.nat(200), (pieces, most) => {
        const line = joined(pieces, most, dialect);
        expect(line.length).toBeLessThanOrEqual(most);
      }),
      { seed: 3 },
    );
  });
});
