import { describe, expect, it } from 'vitest';
import { burn, card, details, question, type View } from '../../../src/bot/present.ts';
import {
  ciDeploy,
  finding,
  incident,
  instance,
  item,
  key,
  labels,
  look,
  machine,
  newUser,
  now,
  password,
  plan,
  policy,
  production,
  row,
  step,
  stop,
  stopped,
  text,
  unknownWho,
  view,
  watching,
} from '../present-story.ts';

describe('the card', () => {
  it('says what is happening, who, from where, what it costs and what was looked at', () => {
    const { message } = card(view());

    expect(message.severity).toBe('critical');
    expect(text(message).split('\n')[0]).toBe(
      '▲ CRITICAL  Machines are being started with a key that looks stolen   INC-42 · production · began 3 min ago',
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
    expect(line).toContain('events 1 h 15 min behind');
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

    expect(message.parts).toEqual([
      { kind: 'header', text: 'INC-42 · part of INC-7' },
      { kind: 'text', text: 'Machines are being started with a key that looks stolen', quiet: true, struck: true },
    ]);
    expect(message.summary).toBe('INC-42 · part of INC-7: machines are being started with a key that looks stolen');
    expect(buttons).toEqual([]);
  });

  it('is the same for the same view, so that showing it again changes nothing', () => {
    expect(card(view())).toEqual(card(view()));
  });

  it('says that nobody knows yet who it was, and how far the log that will name them is behind', () => {
    const unknown = view({ incident: unknownWho() });

    const { message } = card(unknown);

    expect(row(message, 'Who')).toContain('not known yet: inventory saw this first; the log that names who is 4 min behind');
    expect(labels(message).slice(0, 2)).toEqual(['Contain everything  −$79/h', 'Stop 14 instances  −$79/h']);
    expect(labels(message).filter((label) => /^(Revoke|Shut out)/.test(label))).toEqual([]);
  });

  it('says so when the log that names who cannot be read, and why only once', () => {
    const gap = 'the events could not be read: not allowed (cloudtrail:LookupEvents)';
    const looks = [
      look(),
      look({ source: 'aws/audit-log', of: 1, seen: 0, complete: false, gap, place: { scope: production, region: 'global' } }),
    ];

    const { message } = card(view({ looks, incident: unknownWho() }));

    expect(row(message, 'Who')).toContain('not known: inventory saw this, and the log that names who cannot be read');
    expect(row(message, 'Looked')).toBe(`Looked  17 of 17 regions, 14 s ago · ${gap}`);
  });

  it('speaks of the looks at its own account only, and of the inventory before any longer list', () => {
    const other = { ...production, id: '210987654321' };
    const looks = [
      look(),
      look({ source: 'aws/audit-log', upTo: '2026-11-23T14:00:46.000Z' }),
      look({ source: 'aws/audit-log', upTo: '2026-11-23T09:00:00.000Z', place: { scope: other, region: 'us-east-1' } }),
      look({ source: 'aws/volumes', noun: 'volumes', of: 400, seen: 400 }),
    ];

    expect(row(card(view({ looks })).message, 'Looked')).toBe('Looked  17 of 17 regions, 14 s ago · events 4 min behind');
  });

  it('names the password of a new administrator as what it is, and counts keys alone to revoke', () => {
    const incidentOfTwo = incident({ subjects: [key, ciDeploy, newUser, password] });

    const { message } = card(view({ incident: incidentOfTwo }));

    expect(row(message, 'Who')).toContain('key AKIA…MPLE · password of user-x1x2');
    expect(labels(message)).toContain('Revoke the key');
  });

  it('puts one finding of each topic before a second one of any, with the new user by name', () => {
    const compute = (n: number) => finding({ key: `c${n}`, severity: 'critical', title: `Machines ${n}`, about: [instance(n)] });
    const admin = finding({
      key: 'a',
      check: 'persistence/admin-user-chain',
      severity: 'high',
      title: 'A new administrator was made',
      about: [newUser],
      facts: { 'New user': 'user-x1x2' },
    });

    const { message } = card(view({ incident: incident({ findings: { a: compute(1), b: compute(2), c: compute(3), d: admin } }) }));

    expect(text(message)).toContain('Machines 2\n        A new administrator was made: user-x1x2 · 1 more finding in Details');
  });

  it('says in figures what it is about when there is no machine', () => {
    const spend = finding({
      key: 's',
      check: 'spend/above-own-history',
      severity: 'medium',
      title: 'Far more money than usual is being spent in us-west-2',
      about: [],
      facts: { Day: '2026-11-22, not final', Spent: '412 USD', Usual: '131 USD' },
    });

    const { message } = card(
      view({ machines: [], incident: incident({ findings: { s: spend }, subjects: [], actors: [], severity: 'medium' }) }),
    );

    expect(row(message, 'What')).toBe('What    Day: 2026-11-22, not final · Spent: 412 USD · Usual: 131 USD');
  });

  it('counts until nine in the morning whatever still runs, but not once somebody acts or has said that it is expected', () => {
    const late = machine(50, { startedAt: '2026-11-23T14:11:00.000Z' });
    const back = view({ incident: watching(), machines: [...stopped(), late], now: '2026-11-23T14:12:00.000Z' });
    const expected = incident({ state: 'expected', resolved: { at: now, why: 'expected', by: 'ada' } });

    expect(row(card(back).message, 'Costs')).toContain('about $110 by 09:00 Berlin if nobody acts');
    expect(row(card(view({ incident: incident({ state: 'acting', plan: plan() }) })).message, 'Costs')).not.toContain('if nobody acts');
    expect(row(card(view({ incident: expected })).message, 'Costs')).not.toContain('if nobody acts');
  });

  it('says what goes on running when somebody closes it', () => {
    const closed = incident({ state: 'resolved', resolved: { at: now, why: 'a person said so', by: 'ada' } });

    expect(text(card(view({ incident: closed })).message)).toContain(
      'Closed by Ada at 14:05 UTC. 14 instances of it still run, at $79.41 an hour.',
    );
    expect(text(card(view({ incident: closed, machines: [] })).message)).toContain(
      'Closed by Ada at 14:05 UTC. Nothing more need be done.',
    );
  });

  it('keeps what was done in one line, after what could not be done', () => {
    const steps = { ...watching().steps, 'step-4': step(item(4), { outcome: 'refused', why: 'ask for ec2:ModifyInstanceAttribute' }) };

    const lines = text(card(view({ incident: watching({ steps }), now: '2026-11-23T14:11:00.000Z' })).message).split('\n');

    expect(lines).toContain('i-0004: ask for ec2:ModifyInstanceAttribute');
    expect(lines).toContain(
      'Deactivated 1 of 1 access key · Cut off 1 of 1 identity · Stopped 13 of 14 instances in us-west-2: 1 not done',
    );
  });

  it('tells people to act by hand where it cannot', () => {
    const { message } = card(view({ cannotAct: 'Observe only: no acting role is configured (accounts → act).' }));

    expect(text(message)).toContain('What must be done now has to be done by hand, in the provider’s own console.');
  });
});
