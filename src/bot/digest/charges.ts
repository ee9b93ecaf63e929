/** What stands on a bill besides usage. Pure. */
import { money } from '../words.ts';
import type { Cost } from './input.ts';

/** Sums of what is not usage. `commitment` is the part of `fee` that buys usage ahead, `covered` the part of `credit` that it then pays. */
export type Charges = { fee: number; tax: number; credit: number; commitment: number; covered: number };

export function chargesOf(rows: readonly Cost[]): Charges {
  const charges = { fee: 0, tax: 0, credit: 0, commitment: 0, covered: 0 };
  for (const row of rows) {
    if (row.charge === 'usage') continue;
    charges[row.charge] += row.amount;
    if (isCommitment(row)) charges.commitment += row.amount;
    if (isCovered(row)) charges.covered += row.amount;
  }
  return charges;
}

/** Fees, tax and credits in words, where there are any. */
export const chargeWords = ({ fee, tax, credit, commitment, covered }: Charges, currency: string): string[] => [
  ...(fee !== 0
    ? [`fees ${money(fee, currency)}${commitment !== 0 ? ` of which ${money(commitment, currency)} for commitments` : ''}`]
    : []),
  ...(tax !== 0 ? [`tax ${money(tax, currency)}`] : []),
  ...(credit !== 0
    ? [
        `credits ${money(credit, currency)}${covered !== 0 ? ` of which ${money(covered, currency)} for what commitments and discounts pay` : ''}`,
      ]
    : []),
];

/** What the provider will ask for, were there no credits: a budget is about that, since credits end. */
export const isBeforeCredits = (row: Cost): boolean => row.charge !== 'credit' || isCovered(row);

/** Savings Plans and reservations, by the words of the Cost Explorer's record types and of FOCUS' charge descriptions. */
export const isCommitment = ({ charge, service, recordType = '' }: Cost): boolean =>
  charge === 'fee' && /savings? ?plan|reserv|^RI ?Fee$|commitment/i.test(`${recordType || service}`);
const isCovered = ({ charge, service, recordType = '' }: Cost): boolean =>
  charge === 'credit' && /negation|discount/i.test(`${recordType || service}`);
