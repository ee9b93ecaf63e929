import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Incident, StoryFinding } from '../../src/bot/incident.ts';
import type { Message, Part } from '../../src/bot/message.ts';
import { asPlainText } from '../../src/bot/plain.ts';
import { asLine, burn, card, details, question, refusal, result, storyHeadline, type View } from '../../src/bot/present.ts';
import type { Subject } from '../../src/checks/observation.ts';
import {
  ciDeploy,
  finding,
  incident,
  instance,
  item,
  key,
  look,
  machine,
  plan,
  policy,
  production,
  revoke,
  step,
  stop,
  view,
} from './present-story.ts';

const now = '2026-11-23T14:05:00.000Z';
const text = (message: Message): string => asPlainText(message, now);
const labels = (message: Message): string[] =>
  message.parts.flatMap((part) => (part.kind === 'buttons' ? part.buttons.map((button) => button.label) : []));
const row = (message: Message, label: string): string =>
  text(message)
    .split('\n')
    .find((line) => line.startsWith(label)) ?? '';
const linesOf = (message: Message): number =>
  message.parts
    .map((part: Part) =>
      part.kind === 'facts' ? part.rows.reduce((sum, found) => sum + found.lines.length, 0) : part.kind === 'buttons' ? 0 : 1,
    )
    .reduce((sum, lines) => sum + lines, 0);
const done = Object.fromEntries(plan().items.map((one) => [one.id, step(one)]));
const approvals = [{ by: 'grace', hash: 'hash-1', at: '2026-11-23T14:08:00.000Z' }];
const watching = (over: Partial<Incident> = {}): Incident =>
  incident({
    state: 'watching',
    plan: plan(),
    approvals,
    standing: { plan: plan(), approvals },
    steps: done,
    watch: { looks: [{ due: '2026-11-23T14:10:00.000Z', saw: 'nothing came back' }, { due: '2026-11-23T14:14:00.000Z' }] },
    ...over,
  });
const stopped = (): View['machines'] => Array.from({ length: 14 }, (_, n) => machine(n + 1));

describe('the card', () => {
  it('says what is happening, who, from where, what it costs and what was looked at', () => {
    const { message } = card(view());

    expect(message.severity).toBe('critical');
    expect(text(message).split('\n')[0]).toBe(
      '▲ CRITICAL  Machines are being started with a key that looks stolen   INC-42 · began 3 min ago',
    );
    expect(row(message, 'Who')).toContain('user ci-deploy · key AKIA…MPLE');
    expect(row(message, 'From')).toContain('203.0.113.9 · a hosting network in NL');
    expect(row(message, 'What')).toContain('14 × g5.12xlarge running in 3 regions (us-west-2, ap-south-1, sa-east-1)');
    expect(row(message, 'Looked')).toContain('17 of 17 regions, 14 s ago · events 4 min behind · GuardDuty is off in 3 regions');
  });

  it('counts the cost from the list price of each machine, so far and until nine in the zone of the team', () => {
    const { message } = card(view());

    // 14 × 5.672 = 79.408 an hour; 3 minutes of it; 09:00 in Berlin is 08:00 UTC, 17 h 55 min later.
    expect(row(message, 'Costs')).toContain('$79.41 an hour at list price since 14:02 UTC');
    expect(row(message, 'Costs')).toContain('$3.97 so far');
    expect(row(message, 'Costs')).toContain('about $1,427 by 09:00 Berlin if nobody acts');
    expect(burn(view()).usdPerHour).toBeCloseTo(79.408, 6);
  });

  it('has a notification of at most 110 characters with money, regions and account', () => {
    const { message } = card(view());

    expect(message.summary).toBe('CRITICAL $79/h: machines are being started with a key that looks stolen in 3 regions (production)');
  });

  it('offers to contain, stop, revoke, take, expect and look closer', () => {
    const { message, buttons } = card(view());

    expect(labels(message)).toEqual([
      'Contain everything  −$79/h',
      'Stop 14 instances  −$79/h',
      'Revoke the key',
      'I am on it',
      'This is expected …',
      'Close: resolved',
      'Details',
    ]);
    expect(buttons.map((meant) => meant.meaning)).toContainEqual({ kind: 'ask', incident: 'INC-42', want: 'contain' });
    const form = buttons.find((meant) => meant.meaning.kind === 'expected')?.button.form;
    expect(form?.fields.map((field) => field.id)).toEqual(['cap', 'days']);
    expect(form?.fields[1]).toMatchObject({ kind: 'number', max: 30 });
  });

  it('never shows more of a key than its first and last four letters', () => {
    const everything = [card(view()).message, details(view()).parts, question(view({ incident: incident({ plan: plan() }) })).message];

    expect(JSON.stringify(everything)).not.toContain('AKIAIOSFODNN7EXAMPLE');
  });

  it.each([
    ['nobody may approve', { policy: policy({ people: [] }) }, 'Nobody is configured who may approve'],
    ['acting is switched off', { policy: policy({ actions: 'off' }) }, 'Acting is switched off'],
    ['the account gives no role to act', { cannotAct: 'No acting role is configured for production.' }, 'No acting role is configured'],
  ])('has no button that acts when %s, and says why', (_, over: Partial<View>, why) => {
    const { message, buttons } = card(view(over));

    expect(buttons.filter((meant) => meant.meaning.kind === 'ask')).toEqual([]);
    expect(text(message)).toContain(why);
  });

  it('does not claim to have looked when nothing was looked at', () => {
    const { message } = card(view({ looks: [] }));

    expect(row(message, 'Looked')).toContain('nothing has been looked at yet');
  });

  it('shows the regions that could not be read, and a look that has grown old', () => {
    const looks = [
      look({ of: 17, seen: 15, complete: false, gap: 'access denied', place: { scope: production, region: 'eu-south-2' } }),
      look({ source: 'aws/audit-log', at: '2026-11-23T13:00:00.000Z', upTo: '2026-11-23T12:50:00.000Z' }),
    ];

    const line = row(card(view({ looks })).message, 'Looked');

    expect(line).toContain('15 of 17 regions');
    expect(line).toContain('access denied (eu-south-2)');
    expect(line).toContain('aws/audit-log last looked 1 h 5 min ago');
  });

  it('adds the looks of several regions to one number and takes the age of the oldest', () => {
    const regions = ['us-east-1', 'us-west-2', 'eu-west-1'];
    const looks = regions.map((region, n) =>
      look({ place: { scope: production, region }, of: 1, seen: 1, at: `2026-11-23T14:0${n + 1}:00.000Z` }),
    );

    const line = row(card(view({ looks })).message, 'Looked');

    expect(line).toContain('3 of 3 regions, 4 min ago');
  });

  it('marks an estimate, and says how many machines have no price', () => {
    const { usdPerHour: _, ...unpriced } = machine(2);

    const line = row(card(view({ machines: [machine(1, { estimated: true }), unpriced] })).message, 'Costs');

    expect(line).toContain('about $5.67 an hour at list price (price of 1 not known)');
    expect(line).toContain('about $0.28 so far');
  });

  it('counts a machine that only the log has named, until inventory has had its chance', () => {
    const asked = { region: finding({ key: 'region', usdPerHour: { [instance(7)]: 5 }, remedies: [stop] }) };
    const early = view({ machines: [], incident: incident({ findings: asked }) });

    expect(burn(early)).toEqual({ usdPerHour: 5, soFarUsd: 0.25, running: 1 });
    expect(burn({ ...early, now: '2026-11-23T16:05:00.000Z' }).usdPerHour).toBe(0);
  });

  it('strikes a withdrawn finding through and says why', () => {
    const cleared = finding({ key: 'c', state: 'cleared', title: 'A GPU runs here', clearedWhy: 'it is the team’s training job' });

    const { message } = card(view({ incident: incident({ findings: { ...incident().findings, c: cleared } }) }));

    expect(message.parts).toContainEqual({ kind: 'text', struck: true, text: 'A GPU runs here' });
    expect(text(message)).toContain('Withdrawn: it is the team’s training job');
    expect(row(message, 'What')).not.toContain('A GPU runs here');
  });

  it('tells how old the key is and how long it lay unused before', () => {
    const keyAges = { [key]: { createdAt: '2025-10-07T00:00:00.000Z', lastUsedAt: '2026-08-20T00:00:00.000Z' } };

    const { message } = card(view({ keyAges }));

    expect(row(message, 'Who')).toContain('key AKIA…MPLE, 412 days old, not used for 95 days before');
  });

  it('shows the open question with its end, and no button that would ask twice', () => {
    const { message } = card(view({ incident: incident({ state: 'asking', plan: plan() }) }));

    expect(text(message)).toContain(
      'A question is open in the thread until 14:20 UTC: contain, 16 steps, −$79/h; waits for an admin other than Ada.',
    );
    expect(labels(message)).toEqual(['I am on it', 'Details']);
  });

  it('counts the steps while acting', () => {
    const steps = Object.fromEntries(
      plan()
        .items.slice(0, 9)
        .map((one, n) => [one.id, step(one, n === 0 ? { outcome: 'failed', why: 'throttled' } : {})]),
    );

    const { message } = card(view({ incident: incident({ state: 'acting', plan: plan(), steps }) }));

    expect(text(message)).toContain('Acting: 9 of 16 steps finished, 1 not done.');
  });

  it('says done, not contained, while it is still being watched', () => {
    const { message } = card(view({ incident: watching(), machines: stopped(), now: '2026-11-23T14:11:00.000Z' }));

    expect(text(message)).toContain('▣ Done by Grace at 14:09 UTC, 7 min after it began.');
    expect(text(message)).toContain('Looking again at 14:14 UTC before it is called contained. Last time: nothing came back.');
    expect(text(message)).not.toContain('Contained');
    expect(row(message, 'Costs')).toContain('$9.26 so far at list price · nothing of it is running now');
    expect(labels(message)).toEqual(['Undo …', 'Close: resolved', 'Details']);
  });

  it('says contained and grows calm once the watch is over', () => {
    const over = watching({
      state: 'resolved',
      resolved: { at: '2026-11-23T14:50:00.000Z', why: 'contained and watched' },
      watch: { looks: [{ due: '2026-11-23T14:10:00.000Z', saw: 'nothing came back' }], containedAt: '2026-11-23T14:50:00.000Z' },
    });

    const { message } = card(view({ incident: over, machines: stopped(), now: '2026-11-23T14:51:00.000Z' }));

    expect(message.severity).toBeUndefined();
    expect(message.summary).toMatch(/^Contained: machines were started with a key that looks stolen/);
    expect(text(message)).toContain('▣ Contained by Grace at 14:09 UTC, 7 min after it began.');
    expect(text(message)).toContain('Nothing came back in 1 look until 14:50 UTC.');
    expect(labels(message)).toEqual(['Undo …', 'Details']);
  });

  it('says what came back and who started it', () => {
    const late = machine(50, { startedAt: '2026-11-23T14:11:00.000Z', place: { scope: production, region: 'eu-west-3' } });

    const { message } = card(
      view({
        incident: watching(),
        machines: [...stopped(), late],
        startedBy: { [late.resource]: ciDeploy },
        now: '2026-11-23T14:12:00.000Z',
      }),
    );

    expect(text(message)).toContain('▲ Came back: 1 instance in eu-west-3, started by ci-deploy.');
    expect(labels(message)[0]).toBe('Contain these too  −$5.67/h');
  });

  it('sends the reader to the older story when two proved to be one', () => {
    const { message, buttons } = card(view({ incident: incident({ state: 'joined', joinedInto: 'INC-7' }) }));

    expect(text(message)).toContain('Part of INC-7');
    expect(buttons).toEqual([]);
  });

  it('is the same for the same view, so that showing it again changes nothing', () => {
    expect(card(view())).toEqual(card(view()));
  });
});

describe('the headline', () => {
  it('does not put a key and machines together that are not about the same identity', () => {
    const findings = {
      key: finding({
        key: 'key',
        check: 'identity/key-from-new-network',
        severity: 'high',
        about: [key],
        title: 'A key is used from a new network',
      }),
      region: finding({ key: 'region', severity: 'medium', about: [instance(1)], title: 'Machines run in a new region' }),
    };

    expect(storyHeadline(incident({ findings }))).toBe('A key is used from a new network');
  });

  it('says leaked only when the provider says so', () => {
    const findings = {
      leak: finding({ key: 'leak', check: 'identity/provider-says-leaked', about: [key] }),
      region: finding({ key: 'region' }),
    };

    expect(storyHeadline(incident({ findings }))).toBe('Machines are being started with a key that has leaked');
  });

  it('speaks of the past when nothing runs any more, and of the worst finding that still stands', () => {
    const gone = incident().findings;

    expect(storyHeadline(incident(), false)).toBe('Machines were started with a key that looks stolen');
    expect(storyHeadline(incident({ findings: { key: gone.key!, region: { ...gone.region!, state: 'cleared' } } }))).toBe(gone.key!.title);
  });
});

describe('the question', () => {
  const asked = (over: Partial<Parameters<typeof plan>[0] & object> = {}): View =>
    view({ incident: incident({ state: 'asking', plan: plan(over) }) });

  it('lists what would be done by verb, doors before machines, with how to undo it', () => {
    const lines = text(question(asked()).message).split('\n');

    expect(lines[0]).toContain('Contain INC-42 in account 1234-5678-9012 (production)?');
    expect(lines[1]).toBe(' 1  Deactivate 1 access key: AKIA…MPLE · undo: yes');
    expect(lines[2]).toBe(' 2  Deny everything to 1 identity: ci-deploy · undo: yes');
    expect(lines[3]).toBe(
      ' 3  Stop 14 instances in us-west-2: i-0001, i-0002, i-0003, i-0004 and 10 more · undo: in part (start again; memory is lost)',
    );
  });

  it('shows the following rule, what is spared, what stays open and until when the plan holds', () => {
    const said = text(question(asked()).message);

    expect(said).toContain('Also: whatever ci-deploy, or identities they create, start until 14:50 UTC, at most 200 resources');
    expect(said).toContain('Not touched: 9 that ran before 14:02');
    expect(said).toContain('What stays open: roles it assumed in other accounts');
    expect(said).toContain('Saves $79.41 an hour. This plan is valid until 14:20 UTC. No answer means nothing is done.');
  });

  it('names who may approve when two people are needed', () => {
    const said = text(question(asked()).message);

    expect(said).toContain('Above $50/h it takes two people: Ada asked, somebody else must approve. May approve: Grace.');
  });

  it('binds both buttons to the hash of the plan that is shown', () => {
    const { buttons } = question(asked());

    expect(buttons.map((meant) => meant.meaning)).toEqual([
      { kind: 'approve', incident: 'INC-42', plan: 'plan-1', hash: 'hash-1' },
      { kind: 'decline', incident: 'INC-42', plan: 'plan-1', hash: 'hash-1' },
    ]);
    expect(question(asked({ hash: 'hash-2' })).buttons[0]?.button.id).not.toBe(buttons[0]?.button.id);
  });

  it('keeps the plan but loses its buttons when it has run out or was answered', () => {
    const late = question({ ...asked(), now: '2026-11-23T14:20:00.000Z' });
    const answered = question(view({ incident: watching() }));

    expect(late.buttons).toEqual([]);
    expect(text(late.message)).toContain('This question ran out at 14:20 UTC. Nothing was done by it');
    expect(answered.buttons).toEqual([]);
    expect(text(answered.message)).toContain('Approved by Grace.');
  });

  it('asks about an undo in its own words', () => {
    const said = text(question(asked({ kind: 'undo', peopleNeeded: 1 })).message);

    expect(said).toContain('Undo what was done in INC-42 in account');
    expect(said).toContain('Start again 14 instances in us-west-2');
    expect(said).toContain('This costs $79.41 an hour again.');
  });
});

describe('the result', () => {
  it('counts per verb, names every exception and what the rule added', () => {
    const steps = {
      ...done,
      'step-4': step(item(4), { outcome: 'refused', why: 'stop protection could not be removed: ask for ec2:ModifyInstanceAttribute' }),
      'step-5': step(item(5), { outcome: 'gone' }),
      'step-60': step(item(60), { followed: true }),
    };

    const said = text(result(view({ incident: watching({ steps }), now: '2026-11-23T14:11:00.000Z' })));

    expect(said).toContain('◆ Done by Grace at 14:09 UTC, 7 min after it began; 1 step not done.');
    expect(said).toContain('Stopped 13 of 15 instances in us-west-2 (1 gone before, 1 not done)');
    expect(said).toContain('i-0004: stop protection could not be removed: ask for ec2:ModifyInstanceAttribute');
    expect(said).toContain('Added by the rule, started after the question: i-0060');
    expect(said).toContain('Still open: roles it assumed in other accounts.');
    expect(said).toContain('Audit up to 01234567');
  });

  it('says what an undo took back', () => {
    const steps = Object.fromEntries(
      Object.entries(done).map(([id, one]) => [id, { ...one, undone: { outcome: 'done' as const, at: now } }]),
    );

    const said = text(result(view({ incident: incident({ state: 'open', steps }) })));

    expect(said).toContain('▣ Undone at 14:05 UTC.');
    expect(said).toContain('Started again 14 of 14 instances');
    expect(said).toContain('There is nothing to undo.');
  });
});

describe('refusals', () => {
  const admins = policy().people.filter((person) => person.role === 'admin');

  it.each([
    [{ kind: 'stranger', id: 'U02', approvers: admins }, 'Admins: Ada and Grace. (Your id U02 is not in config → people.)'],
    [{ kind: 'not-approver', id: 'linus', approvers: admins }, 'Only admins may do this, and you are not one here. Admins: Ada and Grace.'],
    [{ kind: 'already', by: 'Grace', secondsAgo: 20 }, 'Grace already did this 20 s ago. Nothing was done twice.'],
    [{ kind: 'plan-old', minutes: 15 }, 'This plan is older than 15 minutes'],
    [{ kind: 'asked-yourself', limitUsd: 50 }, 'somebody else has to approve it (rule: two people above $50/h)'],
    [{ kind: 'too-many', count: 1204, most: 500 }, 'This would touch 1,204 resources; the limit is 500'],
    [{ kind: 'joined', into: 'INC-7' }, 'This story is part of INC-7 now.'],
  ] as const)('says %o in plain words', (refused, words) => {
    expect(text(refusal(refused as unknown as Parameters<typeof refusal>[0]))).toContain(words);
  });
});

describe('whatever a story is made of', () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constantFrom('<!channel> @everyone', '``` ||x|| **b**', '\u202Egnp.exe', '\u001b[2J', 'x'.repeat(5000), '👩‍👩‍👧‍👦'.repeat(60), ''),
  );
  const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
  const subject = fc
    .tuple(fc.constantFrom('principal', 'credential', 'session', 'resource', 'network', 'scope'), hostile)
    .map(([kind, name]) => `${kind}:${name}` as Subject);
  const place = fc.record({
    scope: fc.constant(production),
    region: fc.oneof(fc.constantFrom('us-east-1', 'eu-west-1', 'global'), hostile),
  });
  const arbitraryFinding: fc.Arbitrary<StoryFinding> = fc.record({
    key: hostile,
    check: fc.constantFrom('compute/x', 'identity/y', 'persistence/z', 'evasion/w', 'odd'),
    at: time,
    place,
    severity: fc.constantFrom('info', 'low', 'medium', 'high', 'critical'),
    title: hostile,
    about: fc.array(subject, { maxLength: 5 }),
    evidence: fc.array(hostile, { maxLength: 5 }),
    usdPerHour: fc.dictionary(subject, fc.double(), { maxKeys: 4 }) as fc.Arbitrary<Record<Subject, number>>,
    facts: fc.dictionary(hostile, hostile, { maxKeys: 5 }),
    remedies: fc.constantFrom([], [stop], [revoke], [stop, revoke]),
    learning: fc.boolean(),
    state: fc.constantFrom('active', 'cleared'),
    changedAt: time,
  });
  const outcome = fc.constantFrom('done', 'already so', 'refused', 'gone', 'failed');
  const arbitraryStep = fc
    .record({
      n: fc.nat(99),
      at: time,
      followed: fc.boolean(),
      outcome,
      why: hostile,
      undone: fc.option(fc.record({ outcome, at: time }), { nil: undefined }),
    })
    .map(({ n, undone, ...rest }) => step(item(n), { ...rest, ...(undone ? { undone } : {}) }));
  const arbitraryIncident: fc.Arbitrary<Incident> = fc
    .record({
      state: fc.constantFrom('open', 'planning', 'asking', 'acting', 'watching', 'resolved', 'expected', 'joined'),
      severity: fc.constantFrom('info', 'low', 'medium', 'high', 'critical'),
      headline: hostile,
      beganAt: time,
      findings: fc.array(arbitraryFinding, { maxLength: 15 }).map((list) => Object.fromEntries(list.map((one, n) => [`f${n}`, one]))),
      subjects: fc.array(subject, { maxLength: 20 }),
      actors: fc.array(
        fc.record({ subject, name: hostile, kind: fc.constantFrom('root', 'user', 'unknown', 'workload'), home: fc.constant(production) }),
        { maxLength: 4 },
      ),
      steps: fc.array(arbitraryStep, { maxLength: 10 }).map((list) => Object.fromEntries(list.map((one) => [one.item.id, one]))),
      withPlan: fc.boolean(),
      kind: fc.constantFrom('contain', 'stop', 'revoke', 'undo'),
      owner: fc.option(fc.record({ by: hostile, at: time }), { nil: undefined }),
      contained: fc.boolean(),
    })
    .map(({ withPlan, kind, owner, contained, ...rest }) =>
      incident({
        ...(rest as Partial<Incident>),
        ...(withPlan ? { plan: plan({ kind: kind as 'contain' }) } : {}),
        ...(owner ? { owner } : {}),
        watch: { looks: [{ due: now }, { due: now, saw: 'x' }], ...(contained ? { containedAt: now } : {}) },
        history: [{ at: now, text: rest.headline }],
      }),
    );
  const arbitraryView = fc
    .record({ story: arbitraryIncident, machines: fc.nat(1000), at: time, gone: fc.boolean(), name: hostile, observing: fc.boolean() })
    .map(({ story, machines, at, gone, name, observing }) =>
      view({
        incident: story,
        machines: Array.from({ length: machines }, (_, n) =>
          machine(n, { shape: { type: n % 3 ? name : 't3.micro' }, name, ...(gone ? { goneAt: at } : {}) }),
        ),
        now: at,
        accounts: [{ scope: production, name }],
        ...(observing ? { policy: policy({ people: [] }) } : {}),
      }),
    );

  it('can be shown: never throws, a short notification, at most twelve lines, labels that fit', () => {
    fc.assert(
      fc.property(arbitraryView, (shown) => {
        const messages = [card(shown).message, question(shown).message, details(shown), result(shown)];

        for (const message of messages) {
          expect(message.summary.length).toBeLessThanOrEqual(110);
          expect(message.summary).not.toMatch(/[\n\r]/);
          expect(asPlainText(message, shown.now)).toBeTypeOf('string');
          for (const label of labels(message)) expect(label.length).toBeLessThanOrEqual(75);
        }
        expect(linesOf(messages[0]!)).toBeLessThanOrEqual(12);
        expect(JSON.stringify(messages)).not.toMatch(/NaN|Infinity|undefined/);
        expect(asLine(shown.incident, shown.policy)).not.toContain('\n');
      }),
      { numRuns: 150, seed: 42 },
    );
  });

  it('offers to act only while nothing is asked or running, and never when observing', () => {
    fc.assert(
      fc.property(arbitraryView, (shown) => {
        const acts = card(shown).buttons.filter((meant) => meant.meaning.kind === 'ask');

        if (['planning', 'asking', 'acting', 'joined'].includes(shown.incident.state) || shown.policy.people.length === 0)
          expect(acts).toEqual([]);
        for (const meant of question(shown).buttons) expect(shown.incident.plan?.hash).toBe((meant.meaning as { hash?: string }).hash);
      }),
      { numRuns: 100, seed: 43 },
    );
  });
});
