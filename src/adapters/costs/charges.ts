/** What kind of charge a row is, in the words of each provider's bill. */
import type { Cost } from '../../bot/digest.ts';

type Charge = Cost['charge'];
const ofAws = /^(Usage|DiscountedUsage|SavingsPlanCoveredUsage)$/;

/** By an AWS record type (Cost Explorer RECORD_TYPE, line item type of a Cost and Usage Report). Without one only the sign and the name of the service tell. */
export function chargeOfRecord(recordType: string | undefined, service: string, amount: number): Charge {
  if (recordType === 'Tax' || (recordType === undefined && service === 'Tax')) return 'tax';
  if (recordType === undefined) return amount < 0 ? 'credit' : 'usage';
  if (ofAws.test(recordType)) return 'usage';
  return amount < 0 ? 'credit' : 'fee';
}

/** By FOCUS ChargeCategory; undefined for a category FOCUS does not know. */
export function chargeOfCategory(category: string | undefined, amount: number): Charge | undefined {
  switch (category?.toLowerCase()) {
    case undefined:
    case 'usage':
      return 'usage';
    case 'purchase':
      return 'fee';
    case 'tax':
      return 'tax';
    case 'credit':
      return 'credit';
    case 'adjustment':
      return amount < 0 ? 'credit' : 'fee';
    default:
      return undefined;
  }
}

export function cloudOf(provider: string | undefined): string {
  if (!provider) return 'unknown';
  if (/\baws\b|amazon/i.test(provider)) return 'aws';
  if (/microsoft|azure/i.test(provider)) return 'azure';
  if (/google|\bgcp\b/i.test(provider)) return 'gcp';
  return provider.toLowerCase();
}
