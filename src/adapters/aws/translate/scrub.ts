/** Takes secrets out of a provider record before anything is stored. */

/**
 * A copy of a CloudTrail record without secret keys, session tokens, passwords, user data and environments. Access key ids stay: they
 * are names. Too deep, too long or too wide parts are cut, so that a hostile record costs little. Never throws.
 */
export function scrubEvent(event: unknown): unknown {
  return scrub(event, 0);
}

const removed = '(removed)';
const mostDepth = 40;
const mostText = 8_192;
const mostEntries = 2_000;
const secret =
  /secret(access)?key|session_?token|security_?token|password|passphrase|user_?data|private_?key|client_?secret|auth_?token|authorization(header)?$|^token(code)?$|^environment(variables)?$|^secret(string|binary)$|saml_?assertion|web_?identity_?token/i;

function scrub(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > mostText ? `${value.slice(0, mostText)}… (cut)` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= mostDepth) return '(too deep)';
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((entry) => scrub(entry, depth + 1));
  const copy: Record<string, unknown> = {};
  let entries = 0;
  for (const key of Object.keys(value)) {
    if (key === '__proto__') continue;
    if (++entries > mostEntries) break;
    const inside = (value as Record<string, unknown>)[key];
    // A flag such as passwordResetRequired tells something and gives nothing away.
    const harmless = typeof inside === 'boolean' || typeof inside === 'number' || inside === null;
    copy[key] = secret.test(key) && !harmless ? removed : scrub(inside, depth + 1);
  }
  return copy;
}
