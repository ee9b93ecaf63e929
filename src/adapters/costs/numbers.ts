/** Amounts as saved costs have them: a plain decimal number, or one that a table program has put points and commas into. */

const plain = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** A plain decimal number, with or without an exponent; undefined for anything else, also for thousands separators. */
export function numberOf(text: string): number | undefined {
  const number = plain.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** What points and commas mean in a file: `1,234.56` or `1.234,56`. A file has one custom, and it is known from the first number that can only be one. */
export type Custom = 'point' | 'comma';

const grouped: Record<Custom, RegExp> = {
  point: /^[+-]?\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d*)?$/,
  comma: /^[+-]?\d{1,3}(?:[.' \u00a0\u202f]\d{3})+(?:,\d*)?$/,
};
const bare: Record<Custom, RegExp> = { point: plain, comma: /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i };

/**
 * A number that is not plain. With no custom known yet, one that can be read in two ways ("1,234") is undefined; `custom` is what it was read
 * with.
 */
export function writtenNumber(text: string, custom: Custom | undefined): { value: number; custom: Custom } | undefined {
  const bareText = text.replace(/^([+-]?)\s*(?:[$€£]|[A-Z]{3}\s)\s*/, '$1').replace(/\s*(?:[$€£]|[A-Z]{3})$/, '');
  const ways = (custom ? [custom] : (['point', 'comma'] as const)).filter((way) => grouped[way].test(bareText) || bare[way].test(bareText));
  const [way] = ways;
  if (way === undefined || ways.length > 1) return undefined;
  const digits =
    way === 'point' ? bareText.replace(/[,' \u00a0\u202f]/g, '') : bareText.replace(/[.' \u00a0\u202f]/g, '').replace(',', '.');
  const value = numberOf(digits);
  return value === undefined ? undefined : { value, custom: way };
}
