import { describe, expect, it } from 'vitest';
import { question, type View } from '../../../src/bot/present.ts';
import { incident, item, look, plan, text, unknownWho, view, watching } from '../present-story.ts';

describe('the question', () => {
  const asked = (over: Partial<Parameters<typeof plan>[0] & object> = {}): View =>
    view({ incident: incident({ state: 'asking', plan: plan(over) }) });

  it('lists what would be done by verb, doors before machines, with how to undo it', () => {
    const lines = text(question(asked()).message).split('\n');

    expect(lines[0]).toContain('Contain INC-42 in account 1234-5678-9012 (production)?');
    expect(lines[1]).toBe(' 1  Deactivate access key AKIA…MPLE of user ci-deploy · undo: yes');
    expect(lines[2]).toBe(' 2  Deny everything to user ci-deploy, its open sessions included · undo: yes');
    expect(lines[3]).toBe(
      ' 3  Stop 14 instances in us-west-2: i-0001, i-0002, i-0003, i-0004 and 10 more · undo: start again; memory is lost',
    );
  });

  it('shows the following rule, what is spared, what stays open and until when the plan holds', () => {
    const said = text(question(asked()).message);

    expect(said).toContain('Also: whatever ci-deploy, or identities they create, start until 14:50 UTC, at most 200 resources');
    expect(said).toContain('Not touched: 9 machines that ran before 14:02');
    expect(said).toContain('What stays open:\n -  roles it assumed in other accounts');
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
    expect(said).toContain('Start 14 instances again in us-west-2');
    expect(said).toContain('This costs $79.41 an hour again.');
  });

  describe('what the plan does not do', () => {
    const { follows: _, ...withoutRule } = plan({ items: plan().items.filter((one) => one.verb === 'stop-compute') });

    it('is to cut anybody off before the log has named who it was, and what happens when it does', () => {
      const follows = { ...plan().follows!, actors: [], names: [], startersOf: withoutRule.items.map((one) => one.resource) };
      const unknown = view({ incident: unknownWho({ state: 'asking', plan: { ...withoutRule, follows, holes: [] } }) });

      const said = text(question(unknown).message);

      expect(said).toContain(
        'Who started these machines is not known yet: the log has not named them (events 4 min behind). When it does, this plan cuts them off as well; until then they can start more.',
      );
      expect(said).toContain(
        'Also: whoever started these machines is cut off once the log names them, and whatever they, or identities they create, start until',
      );
    });

    it('is said of a log that cannot be read, without promising that it will name anybody', () => {
      const looks = [look(), look({ source: 'aws/audit-log', seen: 0, complete: false, gap: 'not allowed' })];

      const said = text(question(view({ looks, incident: unknownWho({ state: 'asking', plan: { ...withoutRule, holes: [] } }) })).message);

      expect(said).toContain('Who started these machines is not known yet: the log that names them cannot be read.');
    });

    it('is to cut off, where it only stops, and to stop, where it only revokes', () => {
      const stopping = view({ incident: incident({ state: 'asking', plan: { ...withoutRule, kind: 'stop' } }) });
      const revoking = asked({ kind: 'revoke', usdPerHour: 0, items: plan().items.filter((one) => one.verb !== 'stop-compute') });

      expect(text(question(stopping).message)).toContain(
        'This stops machines only: whoever started them is not cut off and can start more.',
      );
      expect(text(question(revoking).message)).toContain('This stops no machine: 14 instances go on running, at $79.41 an hour.');
    });

    it('is not said of a plan that does both', () => {
      expect(text(question(asked()).message)).not.toMatch(/This (cuts|stops)/);
    });
  });

  it('says of a role what the plan says of it: only its open sessions end', () => {
    const role = item(1, { verb: 'deny-principal', does: 'End the open sessions of role app-runner', undo: 'full', undoNeeds: '' });

    const lines = text(question(asked({ items: [role] })).message).split('\n');

    expect(lines[1]).toBe(' 1  End the open sessions of role app-runner · undo: yes');
  });

  it('counts what is too many to be said one by one', () => {
    const items = [1, 2, 3, 4].map((n) =>
      item(n, { verb: 'deny-principal', resource: `principal:user/u${n}`, undo: 'full', undoNeeds: '' }),
    );

    expect(text(question(asked({ items })).message).split('\n')[1]).toBe(' 1  Cut off 4 identities: u1, u2, u3, u4 · undo: yes');
  });

  it('says once how machines are undone, and of some what comes on top', () => {
    const items = plan()
      .items.filter((one) => one.verb === 'stop-compute')
      .map((one, n) => (n < 3 ? { ...one, undoNeeds: 'start again; memory is lost, and its group may have ended it' } : one));

    expect(text(question(asked({ items })).message)).toContain(
      ' · undo: start again; memory is lost; 3 of them: its group may have ended it\n',
    );
  });

  it('gives each hole a line of its own, with its link whole', () => {
    const link = `https://console.example.com/${'x'.repeat(200)}`;

    const said = text(question(asked({ holes: ['a role in another account', `a group starts others in their place: ${link}`] })).message);

    expect(said).toContain(`What stays open:\n -  a role in another account\n -  a group starts others in their place: ${link}\n`);
  });
});
