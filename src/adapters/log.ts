/** Logs: pino on standard error, constant text with data beside it, secrets scrubbed everywhere, also inside error messages. */
import pino from 'pino';
import type { Log } from '../bot/ports.ts';

/** `to`: where the lines go, standard error by default. */
export function createLog(level: string, to: { write(line: string): void } = process.stderr): Log {
  const out = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line) => to.write(line) },
  );
  const write = (name: 'debug' | 'info' | 'warn' | 'error') => (data: object, text: string) => {
    if (out.isLevelEnabled(name)) out[name](scrubbed(data) as object, scrub(text));
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** A text without what looks like a secret. Access key ids are no secrets but are masked to their last four. */
export function scrub(text: string): string {
  return patterns.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}

const name = '(?:secret|token|passw(?:or)?d|authorization|signature|cookie|api[_-]?key|private[_-]?key|external[_-]?id)[\\w-]{0,40}';
/** The name of a secret, what stands between name and value, and the value. */
const named = (between: string, value: string): RegExp => new RegExp(`(${name}${between})${value}`, 'gi');

const patterns: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, '[private key]'],
  [/\bxox[a-z][.-][\w.-]+/g, '[slack token]'],
  [/\bxapp-[\w-]+/g, '[slack app token]'],
  [/\b[MNO][A-Za-z\d_-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, '[discord token]'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '[web token]'],
  // With these letters the session tokens begin that AWS hands out today.
  [/\b(?:FwoG|FQoG|IQoJ)[\w+/=%-]{40,}/g, '[session token]'],
  [/\b(Bearer|Basic|Bot)(\s+)(?=\S{0,200}\d)[\w.~+/-]{12,}=*/gi, '$1$2[removed]'],
  [/\b((?:set-)?cookie:\s*)[^\n"']+/gi, '$1[removed]'],
  // "name": "value", also inside a text that is JSON itself; <Name>value</Name>; name=value.
  [named('\\\\*["\']?\\s*[:=]\\s*\\\\*(["\'])', '(?:(?!\\2|\\\\\\2)[^])+'), '$1[removed]'],
  [named('>', '[^<]+'), '$1[removed]'],
  [named('=', '[^\\s"\'&,;}<]+'), '$1[removed]'],
  // name: value. Plain words may follow a colon: a value has a digit.
  [named(':\\s*', '(?=\\S{0,200}\\d)[^\\s"\',;}<]{6,}'), '$1[removed]'],
  // What follows is known by its looks alone.
  [/\b((?:AKIA|ASIA)[A-Z0-9]{0,12})([A-Z0-9]{4})\b/g, '…$2'],
  [/(https?:\/\/)[^\s/@"']+@/gi, '$1[removed]@'],
  [/(https:\/\/hooks\.slack\.com\/\w+\/)[^\s"'<>]+/g, '$1[removed]'],
  // An address with a random-looking part is a key to whoever has it: the webhooks of chats, pagers and heartbeats.
  [/(?<=https?:\/\/[^\s"'<>]{1,500}[/=])(?=[\w-]{0,200}\d)[\w-]{20,}/g, '[removed]'],
  // Forty mixed characters are the form of an AWS secret access key.
  [/(?<![\w/+-])(?=\S{0,39}[a-z])(?=\S{0,39}[A-Z])(?=\S{0,39}\d)[A-Za-z0-9/+]{40}(?![\w/+=-])/g, '[secret key]'],
];

const secretName = new RegExp(name, 'i');

/** No payload belongs into a log, and nothing may keep the process busy writing one. */
const limits = { depth: 5, values: 500, characters: 4000 };

/**
 * Every text inside a value scrubbed, and every text under the name of a secret removed. Errors become name, message, code, stack and what
 * lies behind them. Bounded in depth, number and length; throws nothing.
 */
export function scrubbed(value: unknown): unknown {
  let left = limits.values;
  const text = (raw: string): string => {
    // Cut after scrubbing: half a secret would not be known as one.
    const clean = scrub(raw.slice(0, 2 * limits.characters));
    return clean.length > limits.characters ? `${clean.slice(0, limits.characters)}…` : clean;
  };
  const walk = (one: unknown, depth: number, isSecret: boolean): unknown => {
    if (typeof one === 'string') return isSecret ? '[removed]' : text(one);
    if (typeof one === 'function' || typeof one === 'symbol') return undefined;
    if (typeof one === 'bigint') return String(one);
    if (typeof one !== 'object' || one === null) return one;
    if (depth > limits.depth) return '[deeper]';
    if (left-- <= 0) return '[more]';
    if (one instanceof Date) return Number.isNaN(one.getTime()) ? null : one.toISOString();
    if (one instanceof URL) return isSecret ? '[removed]' : text(one.href);
    if (ArrayBuffer.isView(one) || one instanceof ArrayBuffer) return `[${one.byteLength} bytes]`;
    if (one instanceof Error) return error(one, depth, isSecret);
    if (one instanceof Map) return walk(Object.fromEntries([...one].map(([key, inner]) => [String(key), inner])), depth, isSecret);
    if (one instanceof Set) return walk([...one], depth, isSecret);
    if (Array.isArray(one)) return one.slice(0, 100).map((inner) => walk(inner, depth + 1, isSecret));
    return Object.fromEntries(
      Object.entries(one)
        .slice(0, 100)
        .map(([key, inner]) => [text(key), walk(inner, depth + 1, isSecret || secretName.test(key))]),
    );
  };
  const error = (one: Error, depth: number, isSecret: boolean): unknown => {
    const { code } = one as { code?: unknown };
    return {
      name: text(String(one.name)),
      message: text(String(one.message)),
      ...(typeof code === 'string' || typeof code === 'number' ? { code: walk(code, depth, false) } : {}),
      stack: text(String(one.stack ?? '')),
      ...(one.cause === undefined ? {} : { cause: walk(one.cause, depth + 1, isSecret) }),
      ...(one instanceof AggregateError ? { errors: one.errors.map((inner) => walk(inner, depth + 1, isSecret)) } : {}),
    };
  };
  try {
    return walk(value, 0, false);
  } catch {
    return { unreadable: true };
  }
}
