import { describe, expect, it } from 'vitest';
import { payersOf } from '../../../../src/adapters/aws/sources/money.ts';

const [payer, member, other] = ['111111111111', '222222222222', '333333333333'] as const;

describe('who is asked for whose costs', () => {
  it('is each account for itself where nobody is said to be a payer', () => {
    const who = payersOf([{ account: payer }, { account: member }]);

    expect([who(payer), who(member)]).toEqual([{}, {}]);
  });

  it('is the one payer for all others, except for those that say they pay themselves', () => {
    const who = payersOf([{ account: payer, costs: { payer: true } }, { account: member }, { account: other, costs: { payer: false } }]);

    expect([who(payer), who(member), who(other)]).toEqual([{ covers: [member] }, { paidBy: payer }, {}]);
  });

  it('is, of several payers, the one that is named', () => {
    const who = payersOf([
      { account: payer, costs: { payer: true } },
      { account: other, costs: { payer: true } },
      { account: member, costs: { payer: other } },
      { account: '444444444444' },
    ]);

    expect([who(payer), who(other), who(member), who('444444444444')]).toEqual([{}, { covers: [member] }, { paidBy: other }, {}]);
  });
});
