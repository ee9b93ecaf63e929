/** An amount of money as people read it: the same on a finding, on the card and in the digest. Pure. */

/** An amount in its own currency (ISO 4217 code; anything else is written behind the number). Amounts of several currencies are never added. */
export function money(amount: number, currency: string): string {
  if (!Number.isFinite(amount)) return 'an unknown amount';
  const size = Math.abs(amount);
  const sign = amount < 0 && size > 0 ? '−' : '';
  if (size > 0 && size < 0.005) return `${sign ? 'minus ' : ''}less than ${currencyText(0.01, currency, 2)}`;
  // Judged after rounding, so that 99.999 reads "$100" like 100 does.
  return `${sign}${currencyText(size, currency, Math.round(size * 100) / 100 >= 100 ? 0 : undefined)}`;
}

/** The plain number with its currency; `decimals`: as the currency has them when undefined. */
export function currencyText(size: number, currency: string, decimals: number | undefined): string {
  const digits = decimals === undefined ? {} : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  if (!/^[A-Z]{3}$/.test(currency)) {
    const number = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2, ...digits }).format(size);
    return `${number} ${currency || '(currency not stated)'}`;
  }
  return new Intl.NumberFormat('en-US', { style: 'currency', currency, ...digits }).format(size);
}
