/**
 * Who is at the page: one-time links minted on somebody's terminal, and the sessions they open. Only hashes are kept. A link belongs to a
 * person, so that minting a new one makes the older one worthless, and the keeping stays as small as the list of people.
 */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Time } from '../../checks/observation.ts';

/** Small durable facts, shared with other processes on the same database. The Store has these two. */
export interface LoginStore {
  setting(name: string): Promise<string | undefined>;
  setSetting(name: string, value: string | undefined): Promise<void>;
}

const linkMinutes = 5;
export const sessionHours = 12;
const mostSessions = 50;

/**
 * Makes a one-time login link for that person (the id of the configuration), valid for five minutes, and returns its path, to be put
 * behind the console's URL. Any process on the same database may call it. `now` is real time, also where the bot's clock is virtual.
 */
export async function mintLogin(store: LoginStore, person: string, now: Time): Promise<string> {
  const token = secret();
  const link: Link = { hash: digest(token), until: later(now, linkMinutes * 60), used: false };
  await store.setSetting(linkName(person), JSON.stringify(link));
  return `/login/${encodeURIComponent(person)}/${token}`;
}

/** An open session: whose, and the token each of its POST requests must carry. */
export type Session = { hash: string; person: string; csrf: string };
export type LinkState = 'good' | 'used' | 'old' | 'unknown';

export interface Logins {
  /** Looks at a link without using it up, since programs that preview links fetch them too. */
  look(person: string, token: string): Promise<LinkState>;
  /** Uses the link up and opens a session; `secret` goes into the cookie and nowhere else. */
  redeem(person: string, token: string): Promise<{ secret: string } | Exclude<LinkState, 'good'>>;
  session(secret: string | undefined): Promise<Session | undefined>;
  logOut(session: Session): Promise<void>;
}

/** Links and sessions over that store; `now` is real time. One process redeems (the one with the page); any number may mint. */
export function createLogins(store: LoginStore, now: () => Time): Logins {
  let turn: Promise<unknown> = Promise.resolve();
  let known: Kept[] | undefined;

  return {
    async look(person, token) {
      return (await linkOf(person, token)).state;
    },
    redeem(person, token) {
      return inTurn(async () => {
        const { state, link } = await linkOf(person, token);
        if (state !== 'good' || !link) return state === 'good' ? 'unknown' : state;
        await store.setSetting(linkName(person), JSON.stringify({ ...link, used: true }));
        const opened = secret();
        const session: Kept = { hash: digest(opened), person, until: later(now(), sessionHours * 3600) };
        await save([...(await valid()), session].slice(-mostSessions));
        return { secret: opened };
      });
    },
    async session(presented) {
      if (!presented) return undefined;
      const hash = digest(presented);
      const session = (await valid()).find((kept) => kept.hash === hash);
      return session && { hash, person: session.person, csrf: digest(`csrf of ${presented}`) };
    },
    logOut(session) {
      return inTurn(async () => save((await valid()).filter((kept) => kept.hash !== session.hash)));
    },
  };

  async function linkOf(person: string, token: string): Promise<{ state: LinkState; link?: Link }> {
    const link = read(linkSchema, await store.setting(linkName(person)));
    if (!link || link.hash !== digest(token)) return { state: 'unknown' };
    if (link.used) return { state: 'used', link };
    return { state: now() < link.until ? 'good' : 'old', link };
  }

  async function valid(): Promise<Kept[]> {
    known ??= read(z.array(keptSchema), await store.setting(sessionsName)) ?? [];
    return known.filter((kept) => now() < kept.until);
  }

  async function save(sessions: Kept[]): Promise<void> {
    await store.setSetting(sessionsName, JSON.stringify(sessions));
    known = sessions;
  }

  /** Two presses of the same link at once must not both find it unused. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }
}

const linkSchema = z.object({ hash: z.string(), until: z.string(), used: z.boolean() });
type Link = z.infer<typeof linkSchema>;
const keptSchema = z.object({ hash: z.string(), person: z.string(), until: z.string() });
type Kept = z.infer<typeof keptSchema>;

const sessionsName = 'console/sessions';
const linkName = (person: string) => `console/login/${person}`;
const secret = () => randomBytes(32).toString('base64url');
const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
const later = (time: Time, seconds: number): Time => new Date(Date.parse(time) + seconds * 1000).toISOString();

/** What another version wrote, or nobody, counts as absent: the worst that follows is another log-in. */
function read<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
