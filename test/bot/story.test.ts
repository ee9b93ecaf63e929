import { describe, expect, it } from 'vitest';
import type { Link } from '../../src/bot/ports.ts';
import { gather, linkBook, placeFinding, type StoryHead } from '../../src/bot/story.ts';
import type { Subject } from '../../src/checks/observation.ts';
import { at, finding, machine, place, user } from '../support/stories.ts';

const key = (id: string): Subject => `credential:${id}`;
const session = (id: string): Subject => `session:${id}`;
const role: Subject = 'principal:arn:aws:iam::123456789012:role/deploy';
const ci = user('ci-deploy').subject;
const link = (from: Subject, how: Link['how'], to: Subject, minute = 0): Link => ({ from, to, how, at: at(minute) });
const story = (number: number, over: Partial<StoryHead> = {}): StoryHead => ({
  id: `INC-${number}`,
  number,
  state: 'open',
  severity: 'high',
  beganAt: at(0),
  changedAt: at(0),
  subjects: [],
  scopes: ['aws/123456789012'],
  keys: [],
  ...over,
});

describe('which findings belong together', () => {
  it('inventory first and the actor five minutes later', () => {
    const book = linkBook();
    const seen = finding({ about: [machine('i-1')] });
    const first = story(1, { subjects: gather(seen.about, book, at(0)), keys: [seen.key] });
    book.add([link(machine('i-1'), 'started', key('AKIA1')), link(key('AKIA1'), 'key of', ci)]);
    const stolen = finding({ key: 'identity/key-from-new-network:AKIA1', about: [key('AKIA1'), ci], at: at(5) });

    const placed = placeFinding(stolen, gather(stolen.about, book, at(0)), [first], at(5));

    expect(placed).toEqual({ into: 'INC-1', absorbs: [] });
  });

  it('what the bill says of a day and the machines of that day, whichever is found first', () => {
    const scope: Subject = 'scope:aws/123456789012';
    const bill = finding({ key: 'spend/above-own-history:x', check: 'spend/above-own-history', about: [scope], at: at(20 * 60) });
    const machines = finding({ about: [machine('i-1')], at: at(0) });
    const ofMachines = story(1, { subjects: [machine('i-1')], keys: [machines.key] });
    const ofBill = story(2, { beganAt: at(20 * 60), changedAt: at(20 * 60), keys: [bill.key] });

    expect(placeFinding(bill, [], [ofMachines], at(30 * 60)).into).toBe('INC-1');
    expect(placeFinding(machines, [machine('i-1')], [ofBill], at(30 * 60)).into).toBe('INC-2');
    // A bill of last week, or of another account, is another matter.
    expect(placeFinding(machines, [machine('i-1')], [{ ...ofBill, beganAt: at(-72 * 60) }], at(30 * 60)).into).toBeUndefined();
    expect(placeFinding(machines, [machine('i-1')], [{ ...ofBill, scopes: ['aws/210987654321'] }], at(30 * 60)).into).toBeUndefined();
  });

  it('two keys of one user', () => {
    const book = linkBook([link(key('AKIA1'), 'key of', ci), link(key('AKIA2'), 'key of', ci)]);
    const first = story(1, { subjects: gather([key('AKIA1')], book, at(0)) });

    const placed = placeFinding(finding({ key: 'k2', about: [key('AKIA2')] }), gather([key('AKIA2')], book, at(0)), [first], at(1));

    expect(placed.into).toBe('INC-1');
  });

  it('a created user acts', () => {
    const created = user('user-x1').subject;
    const book = linkBook([
      link(key('AKIA1'), 'key of', ci),
      link(created, 'created', key('AKIA1'), 2),
      link(key('AKIA9'), 'key of', created, 3),
    ]);
    const first = story(1, { subjects: gather([key('AKIA1')], book, at(0)) });
    const launch = finding({ key: 'launch', about: [machine('i-7'), key('AKIA9'), created], at: at(8) });

    const placed = placeFinding(launch, gather(launch.about, book, at(8)), [first], at(8));

    expect(first.subjects).toContain(created);
    expect(placed.into).toBe('INC-1');
  });

  it('a role shared with an innocent deployment', () => {
    const book = linkBook([
      link(session('ASIA-attacker'), 'session of', role),
      link(session('ASIA-innocent'), 'session of', role),
      link(machine('i-bad'), 'started', session('ASIA-attacker')),
      link(machine('i-good'), 'started', session('ASIA-innocent')),
    ]);
    const attack = story(1, { subjects: gather([machine('i-bad'), session('ASIA-attacker')], book, at(0)) });
    const innocent = finding({ key: 'other', about: [machine('i-good'), session('ASIA-innocent')] });

    const placed = placeFinding(innocent, gather(innocent.about, book, at(0)), [attack], at(1));

    expect(attack.subjects).not.toContain(machine('i-good'));
    expect(attack.subjects).not.toContain(role);
    expect(placed.into).toBeUndefined();
  });

  it('whoever created a user long ago is no accomplice of its stolen key', () => {
    const admin = user('admin').subject;
    const book = linkBook([link(ci, 'created', admin, -60 * 24 * 300), link(key('AKIA1'), 'key of', ci)]);

    expect(gather([key('AKIA1')], book, at(0))).not.toContain(admin);
  });

  it('one attacker in seventeen regions, seen by inventory before anybody is known to have started it, is one story', () => {
    const book = linkBook();
    const first = story(1, { subjects: [machine('i-1')], changedAt: at(2) });
    const elsewhere = finding({ key: 'other region', place: place('sa-east-1'), about: [machine('i-2', 'sa-east-1')], at: at(2) });

    expect(placeFinding(elsewhere, gather(elsewhere.about, book, at(2)), [first], at(3)).into).toBe('INC-1');
  });

  it('keeps the older number when two stories prove to be one, and leaves a story with an open question alone', () => {
    const both = finding({ key: 'both', about: [machine('i-1'), machine('i-2')] });
    const stories = [story(4, { subjects: [machine('i-1')] }), story(2, { subjects: [machine('i-2')] })];
    const asking = [story(4, { subjects: [machine('i-1')], state: 'asking' }), story(2, { subjects: [machine('i-2')] })];

    expect(placeFinding(both, both.about, stories, at(1))).toEqual({ into: 'INC-2', absorbs: ['INC-4'] });
    expect(placeFinding(both, both.about, asking, at(1))).toEqual({ into: 'INC-2', absorbs: [] });
  });

  it('reopens a closed story for the same key within seven days, and begins a new one later', () => {
    const closed = story(3, { state: 'resolved', keys: [finding().key], changedAt: at(0) });

    expect(placeFinding(finding(), [], [closed], at(60 * 24 * 6)).into).toBe('INC-3');
    expect(placeFinding(finding({ about: [] }), [], [closed], at(60 * 24 * 8)).into).toBeUndefined();
  });

  it('a network address joins nothing', () => {
    const book = linkBook();
    const first = story(1, { subjects: gather(['network:203.0.113.9', key('AKIA1')], book, at(0)) });
    const other = finding({ key: 'other', about: ['network:203.0.113.9', key('AKIA5')] });

    expect(placeFinding(other, gather(other.about, book, at(0)), [first], at(1)).into).toBeUndefined();
  });
});
