/** Logs: pino on standard error, constant text with data beside it, secrets scrubbed everywhere, also inside error messages. */
import pino from 'pino';
import type { Log } from '../bot/ports.ts';

/** What looks like a secret, wherever it stands. Access key ids are no secrets but are masked to their last four. */
const patterns: [RegExp, string][] = [
  [/\bxox[a-z]-[\w-]+/g, '[slack token]'],
  [/\bxapp-[\w-]+/g, '[slack app token]'],
  [/\b[MNO][A-Za-z\d_-]{23,28}\.[\w-]{6}\.[\w-]{27,}/g, '[discord token]'],
  [/\b((?:AKIA|ASIA)[A-Z0-9]{0,12})([A-Z0-9]{4})\b/g, '…$2'],
  [/((?:secret|token|password|authorization|signature|cookie)[\w-]*["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, '$1[removed]'],
  [/\b(Bearer|Bot)\s+[\w.~+/-]{12,}=*/g, '$1 [removed]'],
];

export function scrub(text: string): string {
  return patterns.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}

/** Every text inside a value scrubbed; errors become name, message and stack. Bounded in depth and length. */
export function scrubbed(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrub(value.length > 4000 ? `${value.slice(0, 4000)}…` : value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 5) return '[deeper]';
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return {
      name,
      message: scrub(message),
      stack: scrub(stack ?? ''),
      ...(cause === undefined ? {} : { cause: scrubbed(cause, depth + 1) }),
    };
  }
  if (Array.isArray(value)) return value.slice(0, 100).map((one) => scrubbed(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 100)
      .map(([key, one]) => [
        key,
        /secret|token|password|authorization|cookie/i.test(key) && typeof one === 'string' ? '[removed]' : scrubbed(one, depth + 1),
      ]),
  );
}

/** `to`: where the lines go, standard error by default. */
export function createLog(level: string, to: { write(line: string): void } = process.stderr): Log {
  const out = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => to.write(line) },
  );
  const write = (name: 'debug' | 'info' | 'warn' | 'error') => (data: object, text: string) => out[name](scrubbed(data) as object, text);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
