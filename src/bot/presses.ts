/** What a press means: who may do it, what it moves, and what the one who pressed is told. Every refusal is answered and audited. */
import type { Time } from '../checks/observation.ts';
import { againstApproving, mayDo } from './approval.ts';
import type { Meaning } from './button.ts';
import type { Desk } from './desk.ts';
import { isHideable } from './expected.ts';
import type { Fault } from './fault.ts';
import type { Happening, Incident, StoryFinding } from './incident.ts';
import type { Message } from './message.ts';
import { nameOf, type Person, type Policy, personOf } from './people.ts';
import type { Answer, AuditEntry, Clock, Press, Store } from './ports.ts';
import { details, refusal, type View } from './present.ts';
import type { Rounds } from './rounds.ts';
import { addSeconds } from './time.ts';

export type PressesDeps = {
  store: Store;
  clock: Clock;
  desk: Desk;
  rounds: Pick<Rounds, 'learn'>;
  policy: () => Policy;
  view(incident: Incident): Promise<View>;
  /** Begun now, waited for by nobody. */
  begin(name: string, task: () => Promise<void>): void;
  fault: Fault;
};

export type Presses = {
  /** Answers privately, or with nothing when the change of the card says it all. The same press twice is one. */
  press(press: Press): Promise<Answer>;
  /** Refusals that were only counted are written down as a number. */
  flushRefusals(): Promise<void>;
};

export function createPresses(deps: PressesDeps): Presses {
  const { store, clock, desk, rounds, policy, begin, fault } = deps;
  let pressed = new Set<string>();
  /** A refused press is audited, once a minute per person and reason, then counted. */
  const refusals = new Map<string, { minute: string; more: number; entry: Omit<AuditEntry, 'at'> }>();

  return { press, flushRefusals };

  async function press(given: Press): Promise<Answer> {
    // A platform may deliver one press twice.
    const known = `${given.by.platform} ${given.id}`;
    if (pressed.has(known)) return undefined;
    if (pressed.size > 5000) pressed = new Set([...pressed].slice(-1000));
    pressed.add(known);
    const kept = await store.button(given.button);
    if (!kept) return refusal({ kind: 'stale' });
    return deed(kept.meaning as Meaning, given);
  }

  async function deed(meaning: Meaning, press: Press): Promise<Answer> {
    const person = personOf(policy(), press.by);
    const now = policy();
    const kind = (
      { ask: 'ask', take: 'take', expected: 'expect', details: 'look', approve: 'approve', decline: 'decline', resolve: 'resolve' } as const
    )[meaning.kind];
    const verdict = mayDo(kind, person, press.by, now);
    if (!verdict.ok) {
      await refuse(meaning, press, verdict.refusal.kind);
      return refusal(verdict.refusal);
    }
    const story = await store.incident(meaning.incident);
    if (!story) return refusal({ kind: 'stale' });
    if (story.state === 'joined') return refusal({ kind: 'joined', into: story.joinedInto ?? '' });
    const by = verdict.person.id;
    const at = clock.now();
    const record = (what: string) => (_: Incident, moved: boolean) =>
      moved ? [{ at, who: by, what, incident: story.id, data: { platform: press.by.platform, user: press.by.user, press: press.id } }] : [];

    switch (meaning.kind) {
      case 'details':
        return details(await deps.view(story));
      case 'take':
        if (story.owner)
          return refusal({ kind: 'already', by: nameOf(policy(), story.owner.by), secondsAgo: secondsSince(story.owner.at, at) });
        return settled(await moved(story.id, { kind: 'taken', at, by }, record('took it')));
      case 'ask': {
        const isTaken = story.state === 'planning' || story.state === 'asking' || story.state === 'acting';
        const after = isTaken
          ? story
          : await moved(story.id, { kind: 'asked', at, by, want: meaning.want }, record(`asked to ${meaning.want}`));
        return after ? busy(after) : undefined;
      }
      case 'approve':
        return approve(story, meaning, verdict.person, press, at);
      case 'decline': {
        const isOpen = (one: Incident) => one.state === 'asking' && one.plan?.hash === meaning.hash;
        const after = isOpen(story) ? await moved(story.id, { kind: 'declined', at, by }, record('declined'), isOpen) : story;
        return after ? refusal({ kind: 'stale' }) : undefined;
      }
      case 'expected':
        return expected(story, by, press, at);
      case 'resolve':
        return settled(await moved(story.id, { kind: 'resolved', at, by, why: 'a person said so' }, record('closed it')));
      default:
        return meaning satisfies never;
    }
  }

  async function approve(
    story: Incident,
    meaning: Extract<Meaning, { kind: 'approve' }>,
    person: Person,
    press: Press,
    at: Time,
  ): Promise<Answer> {
    const by = person.id;
    let isAsking = story.state === 'asking';
    let against = againstApproving(story, person, meaning.hash, policy(), at);
    fault('approve: before it is written');
    await desk.happen(
      story.id,
      (latest) => {
        against = againstApproving(latest, person, meaning.hash, policy(), at);
        isAsking = latest.state === 'asking';
        return against ? undefined : { kind: 'approved', at, by, hash: meaning.hash };
      },
      (after, moved) =>
        moved
          ? [
              {
                at,
                who: by,
                what: 'approved',
                incident: story.id,
                data: {
                  plan: meaning.plan,
                  hash: meaning.hash,
                  shown: after.plan?.items.map((item) => item.does) ?? [],
                  platform: press.by.platform,
                  user: press.by.user,
                },
              },
            ]
          : [],
    );
    fault('approve: after it was written');
    if (!against) return undefined;
    await refuse(meaning, press, against.kind);
    // Declined or run out: there is no newer question to point at.
    if (against.kind === 'plan-changed' && !isAsking) return refusal({ kind: 'stale' });
    return refusal(against.kind === 'already' ? { ...against, by: nameOf(policy(), against.by) } : against);
  }

  /** Moves the story, unless it does not fit any more. Answers with the story as it stood when nothing was moved. */
  async function moved(
    id: string,
    happening: Happening,
    audit: (after: Incident, moved: boolean) => AuditEntry[],
    fits: (latest: Incident) => boolean = () => true,
  ): Promise<Incident | undefined> {
    let wasMoved = false;
    const after = await desk.happen(
      id,
      (latest) => (fits(latest) ? happening : undefined),
      (now, did) => {
        wasMoved = did;
        return audit(now, did);
      },
    );
    return wasMoved ? undefined : after;
  }

  async function expected(story: Incident, by: string, press: Press, at: Time): Promise<Answer> {
    const days = wholeNumber(press.values?.days);
    const cap = amount(press.values?.cap);
    if (days === undefined || days < 1 || days > 30 || cap === undefined) {
      return {
        summary: 'Not understood',
        parts: [{ kind: 'text', text: 'Give a cap in dollars an hour (0 to 100000) and 1 to 30 days. Nothing was changed.' }],
      };
    }
    const until = addSeconds(at, days * 24 * 3600);
    const standing = Object.values(story.findings).filter((finding) => finding.state === 'active');
    if (standing.length > 0 && !standing.some(({ check }) => isHideable(check))) return neverExpected(standing);
    let hideable: StoryFinding[] = [];
    const kept = await moved(story.id, { kind: 'expected', at, by, until }, (after, did) => {
      hideable = Object.values(after.findings).filter((finding) => finding.state === 'active' && isHideable(finding.check));
      const data = { until, capUsdPerHour: cap, findings: hideable.map((finding) => finding.key) };
      return did ? [{ at, who: by, what: 'expected', incident: story.id, data }] : [];
    });
    if (kept) return settled(kept);
    // After the story: if the process dies in between, it alarms once more rather than hiding what nobody was told of.
    for (const finding of hideable) {
      const principal = finding.actor?.subject;
      await store.saveExpectation({
        id: `${story.id} ${finding.key}`,
        kind: days === 1 ? 'once' : principal ? 'principal' : 'new normal',
        check: finding.check,
        region: finding.place.region,
        scope: finding.place.scope,
        capUsdPerHour: cap,
        until,
        by,
        at,
        hid: 0,
        ...(principal ? { principal } : {}),
      });
    }
    // What costs more than what was called expected was not called expected.
    const usdOf = (finding: StoryFinding) => Object.values(finding.usdPerHour).reduce((sum, usd) => sum + usd, 0);
    const answered = hideable.filter((finding) => usdOf(finding) <= cap);
    // What is expected once is no habit.
    if (days > 1) begin(`learn ${story.id}`, () => rounds.learn(answered, at));
    const never = standing.filter(({ check }) => !isHideable(check));
    return never.length > 0 ? neverExpected(never) : undefined;
  }

  async function refuse(meaning: Meaning, press: Press, why: string): Promise<void> {
    const key = `${press.by.platform} ${press.by.space} ${press.by.user} ${why}`;
    const minute = clock.now().slice(0, 16);
    const known = refusals.get(key);
    if (known?.minute === minute) {
      known.more += 1;
      return;
    }
    if (refusals.size >= 1000) await flushRefusals();
    const entry = {
      who: `${press.by.platform}:${press.by.user}`,
      what: 'refused',
      incident: meaning.incident,
      data: { wanted: meaning.kind, why, space: press.by.space },
    };
    refusals.set(key, { minute, more: 0, entry });
    const at = clock.now();
    if (known && known.more > 0) await store.audit({ ...known.entry, at, data: { ...known.entry.data, more: known.more } });
    await store.audit({ ...entry, at });
  }

  /** What was only counted is written down as a number. */
  async function flushRefusals(): Promise<void> {
    const minute = clock.now().slice(0, 16);
    for (const [key, { minute: last, more, entry }] of refusals) {
      if (last === minute && refusals.size < 1000) continue;
      refusals.delete(key);
      if (more > 0) await store.audit({ ...entry, at: clock.now(), data: { ...entry.data, more } });
    }
  }
}

/** Why nothing was moved, to the one who pressed. */
function settled(story: Incident | undefined): Answer {
  if (!story) return undefined;
  if (story.state === 'joined') return refusal({ kind: 'joined', into: story.joinedInto ?? '' });
  return busy(story);
}

/** Touched guards and our own blindness always alarm. */
const neverExpected = (findings: StoryFinding[]): Message => ({
  summary: 'This cannot be expected',
  parts: [
    {
      kind: 'text',
      text: `${findings[0]?.title ?? 'This'}: touched guards and blind spots cannot be set down as expected. They alarm again when they come again; “Close: resolved” closes this story.`,
    },
  ],
});

function busy(story: Incident): Message {
  const doing: Partial<Record<Incident['state'], string>> = {
    planning: 'a plan is being made',
    asking: 'a question is open already, see the thread',
    acting: 'an approved plan is being carried out',
  };
  const what = doing[story.state];
  return refusal(what ? { kind: 'busy', doing: what } : { kind: 'stale' });
}

const wholeNumber = (text: string | undefined): number | undefined => (/^\d{1,3}$/.test(text?.trim() ?? '') ? Number(text) : undefined);
const amount = (text: string | undefined): number | undefined => {
  const usd = /^\d{1,6}(\.\d{1,6})?$/.test(text?.trim() ?? '') ? Number(text) : Number.NaN;
  return usd <= 100_000 ? usd : undefined;
};
const secondsSince = (then: Time, now: Time): number => Math.max(0, Math.round((Date.parse(now) - Date.parse(then)) / 1000));
