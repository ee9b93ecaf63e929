/** Errors of the AWS SDK, in plain words and with the answer to "does trying again help?". */
import { OutsideError } from '../../bot/ports.ts';

export type Trouble = {
  sort: 'denied' | 'throttled' | 'not enabled' | 'bad credentials' | 'no answer' | 'other';
  /** For people, without the provider's sentence where that may hold names an attacker chose. */
  words: string;
  again: boolean;
};

/** What kind of trouble an error of an SDK call is. Never throws. */
export function troubleOf(error: unknown): Trouble {
  const { name, status, transient } = partsOf(error);
  if (throttling.test(name) || status === 429) return { sort: 'throttled', words: `AWS slowed us down (${name})`, again: true };
  if (badCredentials.test(name))
    return { sort: 'bad credentials', words: `the credentials are not accepted there (${name})`, again: false };
  if (denial.test(name) || status === 403) return { sort: 'denied', words: `not allowed (${name})`, again: false };
  if (notEnabled.test(name)) return { sort: 'not enabled', words: `not switched on there (${name})`, again: false };
  if (unreadable.test(name))
    return { sort: 'no answer', words: `what answered does not speak AWS's language there (${name})`, again: true };
  if (network.test(name) || transient) return { sort: 'no answer', words: `no answer from AWS (${name})`, again: true };
  if (status !== undefined && status >= 500) return { sort: 'no answer', words: `AWS had an error of its own (${name})`, again: true };
  return { sort: 'other', words: `AWS answered with an error (${name})`, again: false };
}

/** An SDK error as the bot's `OutsideError`: what was tried, and why it failed. An `OutsideError` stays as it is. */
export function outside(tried: string, error: unknown): OutsideError {
  if (error instanceof OutsideError) return error;
  const trouble = troubleOf(error);
  return new OutsideError(`${tried}: ${trouble.words}`, trouble.again, { cause: error });
}

const throttling =
  /throttl|RequestLimitExceeded|TooManyRequests|SlowDown|LimitExceededException|BandwidthLimitExceeded|PriorRequestNotComplete/i;
const denial = /AccessDenied|UnauthorizedOperation|Forbidden|NotAuthorized|Client\.Unauthorized|BlockedAccount|AccountBlocked/i;
const badCredentials =
  /AuthFailure|InvalidClientTokenId|UnrecognizedClient|ExpiredToken|SignatureDoesNotMatch|InvalidAccessKeyId|MissingAuthenticationToken|InvalidSignature|IncompleteSignature|CredentialsProviderError|TokenRefreshRequired/i;
const notEnabled = /OptInRequired|DataUnavailable|SubscriptionRequired|RegionDisabled|NotOptedIn|not enabled/i;
/** A page of a proxy, or of a stand-in that does not know the service: the SDK fails at its first character. */
const unreadable = /^SyntaxError$|Deserialization/;
const network = /Timeout|ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|NetworkingError|RequestAbort|AbortError/i;

function partsOf(error: unknown): { name: string; status?: number; transient: boolean } {
  if (typeof error !== 'object' || error === null) return { name: 'unknown error', transient: false };
  const { name, code, $metadata, $retryable, errors } = error as {
    name?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
    $retryable?: unknown;
    errors?: unknown[];
  };
  // A refused connection to a name with several addresses is an AggregateError whose parts hold the reason.
  const inner = Array.isArray(errors) && typeof code !== 'string' ? (errors[0] as { code?: unknown } | undefined)?.code : undefined;
  const said = [name, code, inner].find((word) => typeof word === 'string' && word !== '' && word !== 'Error' && word !== 'AggregateError');
  return {
    name: typeof said === 'string' ? said.slice(0, 80) : 'unknown error',
    ...($metadata?.httpStatusCode !== undefined ? { status: $metadata.httpStatusCode } : {}),
    transient: $retryable !== undefined,
  };
}
