import type { World } from '../world.ts';
import { type Charge, dayMs } from './charges.ts';

/** Charges as a table of FOCUS 1.0 or 1.2 with the columns that AWS adds; in 1.2 the service provider's column is called otherwise. */
export function focusTable(
  world: World,
  charges: readonly Charge[],
  { version, month }: { version: '1.0' | '1.2'; month: string },
): string {
  const columns: Record<string, (charge: Charge) => string> = {
    BilledCost: ({ charge, net }) => (charge === covered ? '0' : number(net)),
    BillingAccountId: () => world.accountId,
    BillingCurrency: () => 'USD',
    BillingPeriodStart: () => `${month}-01T00:00:00Z`,
    ChargeCategory: ({ charge }) => categories[charge] ?? 'Usage',
    ChargePeriodEnd: ({ fromMs }) => time(fromMs + dayMs),
    ChargePeriodStart: ({ fromMs }) => time(fromMs),
    CommitmentDiscountStatus: ({ charge }) => (charge === covered ? 'Used' : ''),
    ContractedCost: ({ usd }) => number(usd),
    EffectiveCost: ({ net }) => number(net),
    ListCost: ({ usd }) => number(usd),
    [version === '1.0' ? 'ProviderName' : 'ServiceProviderName']: () => 'AWS',
    RegionId: ({ region }) => (region === 'NoRegion' || region === 'global' ? '' : region),
    ResourceId: ({ resource }) => resource,
    ServiceName: ({ service }) => service,
    SubAccountId: ({ account }) => account,
    Tags: ({ tags }) => JSON.stringify(Object.fromEntries(Object.entries(tags).map(([key, value]) => [`user:${key}`, value]))),
    x_UsageType: ({ usageType }) => usageType,
  };
  const lines = charges.map((charge) => Object.values(columns).map((of) => quoted(of(charge))));
  return `${[Object.keys(columns), ...lines].map((cells) => cells.join(',')).join('\n')}\n`;
}

const covered = 'SavingsPlanCoveredUsage';
const categories: Record<string, string> = {
  Fee: 'Purchase',
  SavingsPlanRecurringFee: 'Purchase',
  Tax: 'Tax',
  Credit: 'Credit',
  Refund: 'Credit',
};
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const number = (value: number): string => value.toFixed(10);
const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
