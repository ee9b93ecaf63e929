/** Slack's errors in plain words, with what to do about them. */
import { webApi } from '@slack/bolt';
import { OutsideError } from '../../bot/ports.ts';
import { causeCode } from '../reaching.ts';

/** `tried` completes the sentence "Slack: could not …". */
export function outsideError(tried: string, error: unknown): OutsideError {
  if (error instanceof OutsideError) return error;
  const say = (why: string, again: boolean, retryAfterSeconds?: number) =>
    new OutsideError(`Slack: could not ${tried}: ${why}`, again, {
      cause: error,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return say(`Slack asks for a pause of ${error.retryAfter} s (too many messages)`, true, error.retryAfter);
  }
  if (error instanceof webApi.WebAPIHTTPError) return say(`it answered with HTTP status ${error.statusCode}`, error.statusCode >= 500);
  if (error instanceof webApi.WebAPIRequestError) return say(`it cannot be reached (${reason(error.original)})`, true);
  const code = slackCode(error);
  if (code) return say(advice[code] ? `${advice[code]} (${code})` : code, passing.has(code));
  return say(reason(error), true);
}

/** The error word of an answer with `ok: false`, e.g. 'channel_not_found'. */
function slackCode(error: unknown): string | undefined {
  if (error instanceof OutsideError) return slackCode(error.cause);
  return error instanceof webApi.WebAPIPlatformError ? error.data.error : undefined;
}

/** Errors that say: the blocks as sent are not acceptable. */
export const refusedForItsForm = (error: unknown): boolean =>
  [
    'invalid_blocks',
    'invalid_blocks_format',
    'msg_blocks_too_long',
    'msg_too_long',
    'no_text',
    'invalid_arguments',
    'invalid_attachments',
  ].includes(slackCode(error) ?? '');

/** Was the request certainly not carried out, so that asking again cannot do it twice? */
export function neverArrived(error: unknown): boolean {
  if (!(error instanceof webApi.WebAPIRequestError)) return false;
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(causeCode(error.original) ?? '');
}

/** Does the place that answered not know this method at all? Then it is not where Slack's API is. */
export function nobodyHome(error: unknown): boolean {
  if (error instanceof webApi.WebAPIHTTPError) return [404, 405, 501].includes(error.statusCode);
  const code = slackCode(error);
  return code !== undefined && (code === 'unknown_method' || !/^[a-z_]+$/.test(code));
}

/** Tokens this kind of error says are no longer good; retrying with them is of no use. */
export const tokenRefused = (error: unknown): boolean =>
  [
    'invalid_auth',
    'not_authed',
    'token_revoked',
    'token_expired',
    'account_inactive',
    'not_allowed_token_type',
    'team_disabled',
    'user_removed_from_team',
  ].includes(slackCode(error) ?? '');

const passing = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
  'rate_limited',
  'team_added_to_org',
]);

const advice: Record<string, string> = {
  channel_not_found: 'it knows no such room; check chat.slack.room (the id, C…) and invite the bot there with /invite',
  not_in_channel: 'the bot is not in the room; type /invite and its name there',
  is_archived: 'the room is archived; choose another in chat.slack.room',
  restricted_action: 'the workspace does not let this bot post in the room; ask its admins',
  message_not_found: 'the message is gone; somebody deleted it',
  cant_update_message: 'the message belongs to somebody else',
  edit_window_closed: 'the workspace does not allow changing messages this old',
  missing_scope: 'the app lacks a permission; install it again from the manifest',
  invalid_auth: 'the token is not valid; check it in the app’s settings at api.slack.com/apps',
  not_authed: 'no token was given',
  token_revoked: 'the token was revoked; make a new one in the app’s settings at api.slack.com/apps',
  token_expired: 'the token has expired; make a new one in the app’s settings at api.slack.com/apps',
  account_inactive: 'the bot was removed from the workspace; install the app again',
  not_allowed_token_type: 'this is the wrong sort of token: the bot token begins with xoxb-, the app token with xapp-',
  team_disabled: 'the workspace is switched off',
  invalid_blocks: 'it does not accept the form of the message',
  msg_blocks_too_long: 'the message is too long',
  msg_too_long: 'the message is too long',
};

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  return causeCode(error) ?? error.message;
}
