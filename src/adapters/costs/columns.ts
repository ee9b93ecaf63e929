/**
 * Where in a table the columns are that matter. Taken are FOCUS cost and usage exports (FinOps Open Cost and Usage Specification, 1.0 to 1.2) of any
 * provider, and AWS Cost and Usage Reports with their older (`lineItem/…`) and newer (`line_item_…`) names. Names are compared without case.
 */
import type { Measure } from './problem.ts';

export type Columns = {
  kind: 'FOCUS' | 'CUR';
  width: number;
  cost: number;
  start: number;
  end: number;
  currency: number;
  category: number;
  services: number[];
  regions: number[];
  account: number;
  accountName: number;
  payer: number;
  providers: number[];
  resource: number;
  /** Amounts, quantities and prices: two rows that differ only in them are two charges for the same thing. */
  amounts: boolean[];
  /** What stands in for something that is missing. */
  notes: string[];
};

/** The columns, or why this is not a table that can be read and what to export in its place. */
export function columnsOf(header: string[], measure: Measure): Columns | { not: string } {
  const names = header.map((name) => name.trim().toLowerCase());
  const at = (...choices: string[]): number => {
    for (const name of choices) {
      const place = names.indexOf(name.toLowerCase());
      if (place >= 0) return place;
    }
    return -1;
  };
  const amounts = names.map((name) => /cost|price|quantity|amount|rate$|rates?\//.test(name));
  const common = { width: header.length, amounts };
  if (at('lineItem/UsageStartDate', 'line_item_usage_start_date') >= 0) return { ...common, ...ofReport(at, measure) };

  const notes: string[] = [];
  const optional = (name: string, instead: string) => {
    if (at(name) < 0) notes.push(`the column ${name} is missing: ${instead}`);
    return at(name);
  };
  const wanted = measure === 'billed' ? 'BilledCost' : 'EffectiveCost';
  const other = measure === 'billed' ? 'EffectiveCost' : 'BilledCost';
  const cost = at(wanted, other);
  const missing = [
    ...(at('ChargePeriodStart') < 0 ? ['ChargePeriodStart'] : []),
    ...(cost < 0 ? [`${wanted} (or ${other})`] : []),
    ...(at('BillingCurrency') < 0 ? ['BillingCurrency'] : []),
  ];
  if (missing.length > 0) {
    const found = header.slice(0, 8).join(', ').slice(0, 160);
    const advice = adviceFor(names);
    return { not: `${named(missing)} missing, so this is not a FOCUS export (its columns begin ${found})${advice ? `. ${advice}` : ''}` };
  }
  if (at(wanted) < 0) notes.push(`the column ${wanted} is missing: ${other} is counted in its place`);
  return {
    ...common,
    kind: 'FOCUS',
    cost,
    start: at('ChargePeriodStart'),
    end: optional('ChargePeriodEnd', 'each charge is counted on the day it begins'),
    currency: at('BillingCurrency'),
    category: optional('ChargeCategory', 'everything is counted as usage, also fees, taxes and credits'),
    services: [optional('ServiceName', 'services cannot be told apart')],
    regions: [at('RegionId'), at('RegionName'), at('Region')],
    account: optional('SubAccountId', 'costs are put under the billing account'),
    accountName: at('SubAccountName'),
    payer: at('BillingAccountId'),
    providers: [at('ProviderName'), at('ServiceProviderName'), at('Provider')],
    resource: at('ResourceId'),
    notes,
  };
}

function ofReport(at: (...choices: string[]) => number, measure: Measure): Omit<Columns, 'width' | 'amounts'> | { not: string } {
  const cost = at('lineItem/UnblendedCost', 'line_item_unblended_cost');
  const currency = at('lineItem/CurrencyCode', 'line_item_currency_code');
  if (cost < 0 || currency < 0) {
    return {
      not: `this is an AWS Cost and Usage Report without ${cost < 0 ? 'line_item_unblended_cost' : 'line_item_currency_code'}; export it again with that column, or as FOCUS`,
    };
  }
  const region = at('product/regionCode', 'product_region_code', 'product/region', 'product_region');
  return {
    kind: 'CUR',
    cost,
    start: at('lineItem/UsageStartDate', 'line_item_usage_start_date'),
    end: at('lineItem/UsageEndDate', 'line_item_usage_end_date'),
    currency,
    category: at('lineItem/LineItemType', 'line_item_line_item_type'),
    services: [at('product/ProductName', 'product_product_name'), at('lineItem/ProductCode', 'line_item_product_code')],
    regions: [region],
    account: at('lineItem/UsageAccountId', 'line_item_usage_account_id'),
    accountName: at('lineItem/UsageAccountName', 'line_item_usage_account_name'),
    payer: at('bill/PayerAccountId', 'bill_payer_account_id'),
    providers: [],
    resource: at('lineItem/ResourceId', 'line_item_resource_id'),
    notes: [
      'this is an AWS Cost and Usage Report, not FOCUS: its unblended cost is counted',
      ...(measure === 'effective' ? ['it has no effective cost in one column: what was paid in advance is counted when it was paid'] : []),
      ...(region < 0 ? ['the column product_region_code is missing: regions cannot be told apart'] : []),
    ],
  };
}

const focusFrom =
  'Export FOCUS instead: AWS Data Exports “FOCUS with AWS columns”, Azure Cost Management “Cost and usage details (FOCUS)”, Google Cloud’s FOCUS view of the billing export';
/** What other tables are recognised, and what to do about them. */
function adviceFor(names: string[]): string | undefined {
  const has = (...some: string[]) => some.some((name) => names.includes(name));
  if (
    names.some((name) => /^(service|linked account|region|usage type|instance type|date)$/.test(name)) &&
    names.some((name) => /\(\$|total costs/.test(name))
  )
    return 'It looks like the table that the Cost Explorer page downloads: save the API’s answer instead (aws ce get-cost-and-usage --granularity DAILY --metrics UnblendedCost --group-by Type=DIMENSION,Key=SERVICE Type=DIMENSION,Key=REGION …)';
  if (has('costinbillingcurrency', 'pretaxcost', 'metercategory')) return `It looks like an Azure cost details file. ${focusFrom}`;
  if (has('usage_start_time', 'cost_type') || names.some((name) => name.startsWith('service.')))
    return `It looks like a Google Cloud billing export. ${focusFrom}`;
  return names.length > 1 ? focusFrom : undefined;
}

const named = (columns: string[]): string =>
  `the column${columns.length > 1 ? 's' : ''} ${columns.join(', ')} ${columns.length > 1 ? 'are' : 'is'}`;
