/**
 * JSON text of a document, with what looks like a secret replaced. Sources scrub their records themselves; this is the last net, for the
 * names and shapes that are always a secret: AWS secret keys and session tokens, Slack tokens.
 */
export function jsonWithoutSecrets(value: unknown): string {
  return JSON.stringify(value, (name, inner) => (typeof inner === 'string' ? without(name, inner) : inner)) ?? 'null';
}

export const withoutSecrets = (text: string): string => without('', text);

const removed = '[secret removed]';
const secretName = /^(aws_?)?(secret_?access_?key|session_?token|security_?token)$/i;
/** The same names inside a text, with a value behind them: `SecretAccessKey=…`, `"sessionToken": "…"`, escaped quotes too. */
const namedInText =
  /((?:secret[_-]?access[_-]?key|session[_-]?token|security[_-]?token)\\?["']?\s*[:=]\s*\\?["']?)[A-Za-z0-9/+=_%-]{16,}/gi;
const slackToken = /xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}/g;

function without(name: string, text: string): string {
  if (secretName.test(name)) return removed;
  // Almost every text is innocent; two cheap looks spare it the replacing.
  if (!text.includes('xox') && !/key|token/i.test(text)) return text;
  return text.replace(namedInText, `$1${removed}`).replace(slackToken, removed);
}
