/** Discord's errors in plain words, with what to do about them. */
import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { OutsideError } from '../../bot/ports.ts';
import { causeCode } from '../reaching.ts';

/** `tried` completes the sentence "Discord: could not …". */
export function outsideError(tried: string, error: unknown): OutsideError {
  if (error instanceof OutsideError) return error;
  const say = (why: string, again: boolean, retryAfterSeconds?: number) =>
    new OutsideError(`Discord: could not ${tried}: ${why}`, again, {
      cause: error,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  if (error instanceof RateLimitError) {
    const seconds = Math.ceil(Math.max(error.retryAfter, error.timeToReset) / 1_000);
    return say(`Discord asks for a pause of ${seconds} s (too many messages)`, true, seconds);
  }
  if (error instanceof DiscordAPIError) {
    const why = advice[error.code] ?? (error.status === 401 ? advice.token : undefined);
    return say(why ? `${why} (${error.code})` : `${error.message} (${error.code})`, error.status === 429 || error.status >= 500);
  }
  if (error instanceof HTTPError) return say(`it answered with HTTP status ${error.status}`, error.status >= 500);
  if (badToken(error)) return say(advice.token, false);
  return say(reason(error), true);
}

/** Discord's own number for what went wrong, e.g. 10003 for an unknown channel. */
export function discordCode(error: unknown): number | undefined {
  if (error instanceof OutsideError) return discordCode(error.cause);
  return error instanceof DiscordAPIError && typeof error.code === 'number' ? error.code : undefined;
}

/** Errors that say: the message as sent is not acceptable (invalid form body, empty, too large). */
export const refusedForItsForm = (error: unknown): boolean =>
  [50_035, 50_006, 40_005].includes(discordCode(error) ?? 0) || (error instanceof HTTPError && error.status === 413);

/** Does the place that answered not know this path at all? Then it is not where Discord's API is. */
export const nobodyHome = (error: unknown): boolean =>
  (error instanceof DiscordAPIError || error instanceof HTTPError) && (error.status === 404 || error.status === 405);

/** Why the gateway closed for good (docs.discord.com, "Gateway close event codes"). */
export function closedForGood(code: number): string {
  const why: Record<number, string> = {
    4004: 'the token is not valid (any more); make a new one in the developer portal',
    4010: 'the connection was refused as a wrong shard',
    4011: 'the bot is in too many guilds for one connection',
    4012: 'this version of the gateway is no longer served',
    4013: 'the connection asked for something Discord does not know',
    4014: 'the bot asked for something it is not allowed in the developer portal',
  };
  return `${why[code] ?? 'Discord closed the connection'} (${code})`;
}

const advice = {
  token: 'the token is not valid; check DISCORD_TOKEN against the developer portal',
  0: 'it does not accept the token or the address',
  10003: 'it knows no such room; check chat.discord.room (the channel’s id)',
  10004: 'it knows no such server; check chat.discord.guild',
  10008: 'the message is gone; somebody deleted it',
  50001: 'the bot may not see the room; add it to the server and let it view the channel',
  50013: 'the bot lacks a permission in the room: view channel, send messages, embed links, attach files, create public threads',
  50035: 'it does not accept the form of the message',
  50006: 'the message is empty',
  40005: 'the picture is too large',
  50005: 'the message belongs to somebody else',
  160005: 'the thread is locked',
} as Record<number | string, string> & { token: string };

const badToken = (error: unknown): boolean =>
  error instanceof Error && /invalid token|Authentication failed|Expected token to be set/i.test(error.message);

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time';
  const code = causeCode(error);
  return code ? `it cannot be reached (${code})` : error.message;
}
