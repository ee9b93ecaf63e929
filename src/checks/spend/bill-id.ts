import type { Scope } from '../observation.ts';

export type BillLine = {
  scope: Scope;
  day: string;
  region: string;
  service: string;
  charge: string;
  currency: string;
  recordType?: string;
};

/** The name of one line of a bill, the same by whichever source and however often it is told. */
export const billId = ({ scope, day, region, service, charge, currency, recordType }: BillLine): string =>
  [
    scope.level === 'account' ? scope.id : `${scope.level} ${scope.id}`,
    day,
    region,
    service,
    charge,
    ...(recordType === undefined ? [] : [recordType]),
    ...(currency === 'USD' ? [] : [currency]),
  ].join('/');
