/** What every store must do, whatever database is behind it. A new dialect calls `storeContract` with its own way to open one. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Effect, Incident, StoryFinding } from '../../src/bot/incident.ts';
import type { Store, StoredEffect } from '../../src/bot/ports.ts';
import type { Observation, Of, Scope, Subject } from '../../src/checks/observation.ts';

/** `another` opens the same database once more, as a second process would; where that cannot be, it gives the same store. */
export type Opened = { store: Store; another: () => Promise<Store> };

export function storeContract(name: string, open: () => Promise<Opened>): void {
  describe(`the store over ${name}`, () => {
    let store: Store;
    let another: Opened['another'];
    let opened: Store[] = [];
    const openFresh = async () => {
      const fresh = await open();
      store = fresh.store;
      another = async () => {
        const second = await fresh.another();
        opened.push(second);
        return second;
      };
      opened.push(store);
    };
    const closeAll = async () => {
      for (const each of new Set(opened)) await each.close();
      opened = [];
    };
    beforeEach(openFresh);
    afterEach(closeAll);

    const keep = (observations: Observation[], raw: Record<string, unknown> = {}) => store.keep(source, { observations, raw, cursors: {} });
    const stored = async (since = at(0), until?: string) => Array.fromAsync(store.observations(since, until));

    describe('keeping what was seen', () => {
      it('returns what is new in event order, and nothing when the same is read again', async () => {
        const [early, late] = [acted({ id: 'b', at: at(1) }), acted({ id: 'a', at: at(2) })];

        const first = await keep([late, early]);
        const again = await keep([{ ...early, heard: at(30) }, late]);

        expect(first).toEqual([early, late]);
        expect(again).toEqual([]);
      });

      it('returns an observation that changed, and lets the one heard later stand', async () => {
        await keep([acted({ id: 'a', heard: at(10), operation: 'first' })]);

        const later = await keep([acted({ id: 'a', heard: at(20), operation: 'second' })]);
        const stale = await keep([acted({ id: 'a', heard: at(15), operation: 'third' })]);

        expect(later).toMatchObject([{ operation: 'second' }]);
        expect(stale).toEqual([]);
        expect(await stored()).toMatchObject([{ id: 'a', heard: at(20), operation: 'second' }]);
      });

      it('returns a machine that is told otherwise while it is young; later it only remembers', async () => {
        const price = (usd: number) => ({ perHour: { amount: usd, currency: 'USD', usd } });
        const young = machine('i-1', { at: at(0), heard: at(5) });
        const old = machine('i-2', { at: '2026-01-05T08:00:00.000Z', heard: at(5) });
        await keep([young, old]);

        const again = await keep([
          { ...young, ...price(9), heard: at(6) },
          { ...old, ...price(9), heard: at(6) },
        ]);

        expect(again.map(({ id }) => id)).toEqual([young.id]);
        expect(await stored('2026-01-01T00:00:00.000Z')).toMatchObject([{ id: old.id, ...price(9) }, { id: young.id }]);
      });

      it('returns a bill that is revised while its day may still be judged; later it only keeps the new amount', async () => {
        const young = { ...spend({ heard: at(5), amount: 10 }), at: at(0) };
        const old = { ...spend({ day: '2026-10-01', heard: at(5), amount: 10 }), at: '2026-10-02T00:00:00.000Z' };
        await keep([young, old]);

        const again = await keep([young, old].map((one) => ({ ...one, cost: { amount: 12, currency: 'USD', usd: 12 }, heard: at(6) })));

        expect(again.map(({ id }) => id)).toEqual([young.id]);
        expect((await store.costs('2026-10-01', '2026-11-30')).map(({ amount }) => amount)).toEqual([12, 12]);
      });

      it('does not take the same facts in another order for a change', async () => {
        const seen = acted({ id: 'a' });
        await keep([seen]);

        const again = await keep([Object.fromEntries(Object.entries(seen).reverse()) as typeof seen]);

        expect(again).toEqual([]);
      });

      it('ends up the same for every order of arrival and every cut into batches', async () => {
        const version = fc.record({
          id: fc.constantFrom('a', 'b', 'c'),
          heard: fc.integer({ min: 1, max: 4 }),
          operation: fc.constantFrom('x', 'y'),
        });
        const arrivals = fc
          .array(version, { minLength: 1, maxLength: 8 })
          .chain((list) =>
            fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.integer({ min: 1, max: 4 })),
          );
        await fc.assert(
          fc.asyncProperty(arrivals, async ([list, shuffled, size]) => {
            const results: Observation[][] = [];
            for (const order of [list, shuffled]) {
              await closeAll();
              await openFresh();
              const observations = order.map(({ id, heard, operation }) => acted({ id, at: at(0), heard: at(heard), operation }));
              for (let start = 0; start < observations.length; start += size) await keep(observations.slice(start, start + size));
              results.push(await stored());
            }

            expect(results[0]).toEqual(results[1]);
          }),
          { numRuns: 15, seed: 1 },
        );
      });

      it('reads back from a time on, before another, over many pages, while the reader asks the store in between', async () => {
        const many = Array.from({ length: 2500 }, (_, i) => acted({ id: `e${String(i).padStart(4, '0')}`, at: at(Math.floor(i / 700)) }));
        await keep(many.toReversed());

        const ids: string[] = [];
        for await (const observation of store.observations(at(0))) {
          if (ids.length % 500 === 0) await store.setting('anything');
          ids.push(observation.id);
        }

        expect(ids).toEqual(many.map((observation) => observation.id));
        expect((await stored(at(1), at(2))).map((observation) => observation.at)).toEqual(Array(700).fill(at(1)));
      });

      it('remembers where each source stands, by source and account', async () => {
        await store.keep(source, { observations: [], raw: {}, cursors: { 'us-east-1': 'a', 'eu-west-1': 'b' } });
        await store.keep(source, { observations: [], raw: {}, cursors: { 'us-east-1': 'c' } });

        expect(await store.cursors(source)).toEqual({ 'us-east-1': 'c', 'eu-west-1': 'b' });
        expect(await store.cursors({ ...source, name: 'aws/other' })).toEqual({});
        expect(await store.cursors({ ...source, scope: { ...scope, id: '210987654321' } })).toEqual({});
      });
    });

    describe('machines', () => {
      it('knows a machine as the inventory last saw it', async () => {
        await keep([machine('m1', { heard: at(5), perHour: { amount: 5.67, currency: 'USD', usd: 5.67 }, name: 'web' })]);

        expect(await store.machines()).toEqual([
          {
            resource: 'resource:m1',
            place,
            by: 'aws/inventory',
            what: 'instance',
            shape: { type: 'g5.xlarge', family: 'g5', vcpus: 4, gpus: 1 },
            name: 'web',
            usdPerHour: 5.67,
            estimated: false,
            startedAt: at(0),
            seenAt: at(5),
          },
        ]);
      });

      it('refreshes when it was seen even though the observation is nothing new', async () => {
        await keep([machine('m1', { heard: at(5) })]);

        const fresh = await keep([machine('m1', { heard: at(9) })]);

        expect(fresh).toEqual([]);
        expect(await store.machines()).toMatchObject([{ seenAt: at(9) }]);
      });

      it('marks those gone that a later look no longer returned, of that source in that place only, and takes it back when one is seen again', async () => {
        const elsewhere = { ...place, region: 'eu-west-1' };
        await keep([machine('m1', { heard: at(5) }), machine('m2', { heard: at(8) }), machine('m3', { heard: at(5), place: elsewhere })]);

        await keep([machine('c1', { heard: at(5), by: 'aws/containers' })]);

        const gone = await store.markGone('aws/inventory', place, at(7), at(8));
        const twice = await store.markGone('aws/inventory', place, at(7), at(9));
        const running = await store.machines({ running: true });
        await keep([machine('m1', { heard: at(10) })]);

        expect(gone).toMatchObject([{ resource: 'resource:m1', goneAt: at(8) }]);
        expect(twice).toEqual([]);
        expect(running.map((m) => m.resource)).toEqual(['resource:c1', 'resource:m2', 'resource:m3']);
        expect(await store.machines({ running: false })).toEqual([]);
      });

      it('does not let a late answer of an earlier look bring a machine back, nor make it look unseen', async () => {
        await keep([machine('m1', { heard: at(1) })]);
        await store.markGone('aws/inventory', place, at(4), at(5));

        await keep([machine('m1', { heard: at(3) })]);
        await keep([machine('m1', { heard: at(2) })]);

        expect(await store.machines()).toMatchObject([{ seenAt: at(3), goneAt: at(5) }]);
      });

      it('takes a stopped machine for gone since it was first seen stopped', async () => {
        await keep([machine('m1', { heard: at(1) })]);

        const changed = await keep([machine('m1', { heard: at(2), running: false })]);
        await keep([machine('m1', { heard: at(3), running: false })]);

        expect(changed).toHaveLength(1);
        expect(await store.machines({ resources: ['resource:m1', 'resource:unknown'], running: false })).toMatchObject([
          { seenAt: at(3), goneAt: at(2) },
        ]);
      });
    });

    describe('links, looks and costs', () => {
      it('finds links from either end, once, since the earliest time', async () => {
        await keep([linked('l1', 'credential:k', 'principal:u', at(4)), linked('l2', 'credential:k', 'principal:u', at(2))]);
        await keep([linked('l3', 'credential:k', 'principal:u', at(3)), linked('l4', 'principal:other', 'principal:u', at(1))]);

        expect(await store.links(['credential:k'])).toEqual([{ from: 'credential:k', to: 'principal:u', how: 'key of', at: at(2) }]);
        expect(await store.links(['principal:u', 'credential:k'])).toHaveLength(2);
        expect(await store.links([])).toEqual([]);
      });

      it('does not link what was refused', async () => {
        await keep([{ ...linked('l1', 'principal:new', 'principal:u', at(1)), outcome: 'denied' }]);

        expect(await store.links(['principal:u'])).toEqual([]);
      });

      it('keeps the newest look of each source at each place, whatever came last', async () => {
        await keep([look({ at: at(5), seen: 17 }), look({ at: at(3), seen: 1 })]);
        await keep([look({ at: at(4), seen: 2, gap: 'not allowed' })]);
        await keep([look({ at: at(4), region: 'eu-west-1', seen: 3, complete: false, gap: 'throttled' })]);

        expect(await store.looks()).toEqual([
          {
            source: 'aws/inventory',
            place: { ...place, region: 'eu-west-1' },
            at: at(4),
            upTo: at(4),
            noun: 'regions',
            of: 17,
            seen: 3,
            complete: false,
            gap: 'throttled',
          },
          { source: 'aws/inventory', place, at: at(5), upTo: at(5), noun: 'regions', of: 17, seen: 17, complete: true },
        ]);
      });

      it('keeps one cost per day, place, service and charge: the one heard last', async () => {
        await keep([spend({ heard: at(2), amount: 12, provisional: false }), spend({ heard: at(1), amount: 10 })]);
        await keep([
          spend({ heard: at(1), amount: 11 }),
          spend({ heard: at(1), day: '2026-11-21', amount: 5 }),
          spend({ heard: at(1), charge: 'tax', amount: 2 }),
        ]);

        const first = { day: '2026-11-20', scope, region: 'us-east-1', service: 'EC2', currency: 'USD' };
        expect(await store.costs('2026-11-20', '2026-11-20')).toEqual([
          { ...first, charge: 'tax', amount: 2, provisional: true },
          { ...first, charge: 'usage', amount: 12, provisional: false },
        ]);
        expect(await store.costs('2026-11-20', '2026-11-21')).toHaveLength(3);
      });

      it('keeps the same money cut otherwise apart, and what it was after discounts', async () => {
        const bill = spend({ heard: at(1), amount: 10 });
        const cut = { ...bill, kind: 'spend.detailed' as const, cut: 'cause' as const, usageType: 'BoxUsage:m5.large' };
        await keep([
          { ...bill, net: 8 },
          { ...spend({ heard: at(1), charge: 'tax', amount: 2 }), recordType: 'Tax' },
          { ...cut, id: 'cause 1', resource: 'i-0abc' },
          { ...cut, id: 'cause 2', cost: { amount: 3, currency: 'USD', usd: 3 } },
          { ...cut, id: 'cause 2 again', cost: { amount: 4, currency: 'USD', usd: 4 }, heard: at(2) },
          { ...bill, id: 'in euros', cost: { amount: 9, currency: 'EUR' } },
        ]);

        const day = ['2026-11-20', '2026-11-20'] as const;
        expect(
          (await store.costs(...day)).map(({ charge, amount, currency, net, recordType }) => [charge, amount, currency, net, recordType]),
        ).toEqual([
          ['tax', 2, 'USD', undefined, 'Tax'],
          ['usage', 9, 'EUR', undefined, undefined],
          ['usage', 10, 'USD', 8, undefined],
        ]);
        expect((await store.costs(...day, 'cause')).map(({ amount, usageType, resource }) => [amount, usageType, resource])).toEqual([
          [10, 'BoxUsage:m5.large', 'i-0abc'],
          [4, 'BoxUsage:m5.large', undefined],
        ]);
        expect(await store.costs(...day, 'team')).toEqual([]);
      });

      it('keeps of each budget what was read last, until its time is over', async () => {
        const budget = (heard: string, amount: number): Observation => ({
          ...common,
          kind: 'budget.seen',
          id: 'budget/all',
          heard,
          name: 'all',
          per: 'month',
          from: '2026-11-01T00:00:00.000Z',
          until: '2026-12-01T00:00:00.000Z',
          limit: { amount: 100, currency: 'USD', usd: 100 },
          spent: { amount, currency: 'USD', usd: amount },
        });
        await keep([budget(at(2), 61), budget(at(1), 60)]);
        await keep([budget(at(1), 60)]);

        expect(await store.budgets('2026-11-23T00:00:00.000Z')).toMatchObject([
          { name: 'all', per: 'month', spent: { amount: 61 }, readAt: at(2), scope },
        ]);
        expect(await store.budgets('2026-12-01T00:00:00.000Z')).toEqual([]);
      });
    });

    describe('stories', () => {
      const save = (incident: Incident, effects: Effect[] = []) => store.save([{ incident, effects }]);

      it('gives back what was saved, its findings included', async () => {
        const incident = story({ findings: { a: finding('a'), b: finding('b', { state: 'cleared', clearedWhy: 'gone' }) } });

        expect(await save(incident)).toBe('saved');

        expect(await store.incident('INC-1')).toEqual(incident);
        expect(await store.incident('INC-2')).toBeUndefined();
      });

      it('changes, adds and drops findings', async () => {
        await save(story({ findings: { a: finding('a'), b: finding('b') } }));
        const changed = story({ version: 2, findings: { b: finding('b', { severity: 'critical' }), c: finding('c') } });

        await save(changed);

        expect(await store.incident('INC-1')).toEqual(changed);
      });

      it('refuses a version that was not made from the stored one', async () => {
        await save(story({ headline: 'stands' }));

        expect(await save(story({ version: 1 }))).toBe('someone was first');
        expect(await save(story({ version: 3 }))).toBe('someone was first');
        expect(await save(story({ id: 'INC-9', version: 2 }))).toBe('someone was first');
        expect(await store.incidents()).toMatchObject([{ id: 'INC-1', version: 1, headline: 'stands' }]);
      });

      it('saves several stories with effects, evidence and audit rows, or nothing of all of them', async () => {
        await save(story({ id: 'INC-2' }));
        await keep([acted({ id: 'o', evidence: ['event-1'] })], { 'event-1': { eventName: 'RunInstances' } });
        const audit = [{ at: at(1), who: 'ada', what: 'approved', incident: 'INC-1', data: {} }];
        const good = { incident: story({ findings: { a: finding('a') } }), effects: [{ kind: 'show' } as const], audit };

        const lost = await store.save([good, { incident: story({ id: 'INC-2', version: 1 }), effects: [{ kind: 'page', at: at(0) }] }]);

        expect(lost).toBe('someone was first');
        expect(await store.incident('INC-1')).toBeUndefined();
        expect(await store.evidence('INC-1')).toEqual([]);
        expect(await store.claim(at(9), 60, 10)).toEqual([]);
        expect(await store.auditRows({ most: 10 })).toEqual([]);

        const won = await store.save([good, { incident: story({ id: 'INC-2', version: 2 }), effects: [{ kind: 'page', at: at(0) }] }]);

        expect(won).toBe('saved');
        expect((await store.claim(at(9), 60, 10)).map((e) => [e.incident, e.effect.kind])).toEqual([
          ['INC-1', 'show'],
          ['INC-2', 'page'],
        ]);
        expect(await store.auditRows({ incident: 'INC-1', most: 10 })).toMatchObject([{ number: 1, who: 'ada' }]);
        expect(await store.verifyAudit()).toEqual({ ok: true, rows: 1 });
      });

      it('lets exactly one of two writers win each version, however they interleave', async () => {
        const second = await another();
        await save(story({ version: 1 }));

        let version = 1;
        await fc.assert(
          fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 6 }), async (turns) => {
            version++;
            const results = await Promise.all(
              turns.map((first, i) =>
                (first ? store : second).save([
                  { incident: story({ version, headline: String(i) }), effects: [{ kind: 'nudge', text: String(i), mention: false }] },
                ]),
              ),
            );

            expect(results.filter((result) => result === 'saved')).toHaveLength(1);
            expect(await store.incident('INC-1')).toMatchObject({ version, headline: String(results.indexOf('saved')) });
          }),
          { numRuns: 25, seed: 2 },
        );

        let shown = 0;
        for (;;) {
          const [effect] = await store.claim(at(9), 60, 10);
          if (!effect) break;
          await store.finish(effect.id);
          shown++;
        }
        expect(shown).toBe(version - 1);
      });

      it('finds stories by state and by when they last changed, oldest first', async () => {
        await save(story({ id: 'INC-2', openedAt: at(2), changedAt: at(2), state: 'resolved' }));
        await save(story({ id: 'INC-1', openedAt: at(1), changedAt: at(5) }));

        const ids = async (filter?: Parameters<Store['incidents']>[0]) => (await store.incidents(filter)).map(({ id }) => id);
        expect(await ids()).toEqual(['INC-1', 'INC-2']);
        expect(await ids({ states: ['open', 'acting'] })).toEqual(['INC-1']);
        expect(await ids({ since: at(3) })).toEqual(['INC-1']);
        expect(await ids({ states: ['resolved'], since: at(3) })).toEqual([]);
      });

      it('never gives a number twice', async () => {
        const second = await another();

        const numbers = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? store : second).nextIncidentNumber()));

        expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      });

      it('keeps the records behind a finding, and names those it has not got', async () => {
        await keep([acted({ id: 'o', evidence: ['event-1'] })], {
          'event-1': { eventName: 'RunInstances' },
          'event-9': { eventName: 'Other' },
        });

        await save(story({ findings: { a: finding('a', { evidence: ['event-1', 'event-2'] }) } }));

        expect(await store.evidence('INC-1')).toEqual([
          { id: 'event-1', raw: { eventName: 'RunInstances' } },
          { id: 'event-2', raw: null },
        ]);
      });

      it('takes up a record that arrives after the finding that names it', async () => {
        await save(story({ findings: { a: finding('a', { evidence: ['event-1', 'event-2'] }) } }));

        await keep([acted({ id: 'o', evidence: ['event-1'] })], { 'event-1': { eventName: 'RunInstances' } });

        expect(await store.evidence('INC-1')).toEqual([
          { id: 'event-1', raw: { eventName: 'RunInstances' } },
          { id: 'event-2', raw: null },
        ]);
      });

      it('stores no secret that a record brings along', async () => {
        const record = {
          responseElements: {
            accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
          },
        };
        await keep([acted({ id: 'o', evidence: ['event-1'] })], { 'event-1': record });

        await save(story({ findings: { a: finding('a') } }));

        expect(await store.evidence('INC-1')).toEqual([
          {
            id: 'event-1',
            raw: { responseElements: { accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: '[secret removed]' } } },
          },
        ]);
      });
    });

    describe('effects', () => {
      const give = async (effects: Effect[], id = 'INC-1') => {
        const before = await store.incident(id);
        await store.save([{ incident: story({ id, version: (before?.version ?? 0) + 1 }), effects }]);
      };
      const claim = async (minute: number, most = 10) => store.claim(at(minute), 60, most);
      const kinds = (effects: StoredEffect[]) => effects.map(({ effect }) => effect.kind);
      const act: Effect = { kind: 'act', plan: 'p' };
      const lookAgain = (minute: number): Effect => ({ kind: 'look again', plan: 'p', due: at(minute) });

      it('are handed out oldest first, one per lane of a story at a time', async () => {
        await give([{ kind: 'show' }, act, { kind: 'nudge', text: 'x', mention: false }, { kind: 'page', at: at(0) }]);
        await give([{ kind: 'show' }], 'INC-2');

        const first = await claim(1);
        const none = await claim(1);
        await store.finish(first[0]!.id);
        const next = await claim(1);

        expect(first.map((e) => [e.incident, e.effect.kind])).toEqual([
          ['INC-1', 'show'],
          ['INC-1', 'act'],
          ['INC-1', 'page'],
          ['INC-2', 'show'],
        ]);
        expect(first[0]).toMatchObject({ attempts: 1, state: 'waiting' });
        expect(none).toEqual([]);
        expect(kinds(next)).toEqual(['nudge']);
      });

      it('that only show a story are sent once when many wait, unless one of them is being sent', async () => {
        await give([{ kind: 'show' }]);
        await give([{ kind: 'show' }, { kind: 'show', only: 'discord' }]);
        const sending = await claim(1);
        await give([{ kind: 'show' }]);
        await give([{ kind: 'show' }]);
        for (const { id } of sending) await store.finish(id);

        const next = await claim(1);

        expect(sending.map(({ effect }) => effect)).toEqual([{ kind: 'show' }, { kind: 'show', only: 'discord' }]);
        expect(kinds(next)).toEqual(['show']);
        await store.finish(next[0]!.id);
        expect(await store.nextEffectDue()).toBeUndefined();
      });

      it('are free at once when the only process that works on them starts again', async () => {
        await give([act]);
        await claim(1);

        await store.releaseLeases();

        expect(await claim(1)).toMatchObject([{ effect: act, attempts: 2 }]);
      });

      it('are handed out at most so many at once', async () => {
        await give([{ kind: 'show' }, act]);

        expect(kinds(await claim(1, 1))).toEqual(['show']);
        expect(kinds(await claim(1, 1))).toEqual(['act']);
      });

      it('go to one of two workers only', async () => {
        const second = await another();
        for (let i = 0; i < 10; i++) await give([{ kind: 'show' }, act], `INC-${i}`);

        const claims = await Promise.all([
          store.claim(at(1), 60, 7),
          second.claim(at(1), 60, 7),
          store.claim(at(1), 60, 7),
          second.claim(at(1), 60, 7),
        ]);

        const ids = claims.flat().map(({ id }) => id);
        expect(ids).toHaveLength(20);
        expect(new Set(ids).size).toBe(20);
      });

      it('are free again when the lease of a worker that died runs out, and count the attempt', async () => {
        await give([act]);
        await claim(1);

        expect(await store.nextEffectDue()).toBe(at(2));
        expect(await store.claim(at(1, 59), 60, 10)).toEqual([]);
        expect(await claim(2)).toMatchObject([{ effect: act, attempts: 2 }]);
      });

      it('wait for their time and do not hold up others when they are appointments', async () => {
        await give([lookAgain(5), { kind: 'expire', plan: 'p', at: at(4) }, { kind: 'page', at: at(7) }, act, { kind: 'show' }]);

        const now = await claim(1);
        for (const { id } of now) await store.finish(id);

        expect(kinds(now)).toEqual(['act', 'show']);
        expect(await store.nextEffectDue()).toBe(at(4));
        expect(kinds(await claim(4))).toEqual(['expire']);
        expect(kinds(await claim(5))).toEqual(['look again']);
        expect(kinds(await claim(7))).toEqual(['look again', 'page']);
      });

      it('whose time comes while a younger one of their lane is being done wait for it', async () => {
        await give([lookAgain(5), act]);
        const [acting] = await store.claim(at(4, 30), 60, 10);

        const meanwhile = await claim(5);
        await store.finish(acting!.id);

        expect(acting).toMatchObject({ effect: act });
        expect(meanwhile).toEqual([]);
        expect(kinds(await claim(5))).toEqual(['look again']);
      });

      it('that failed wait and keep their lane in order, without stopping the other lane', async () => {
        await give([{ kind: 'show' }, act, { kind: 'nudge', text: 'x', mention: true }, { kind: 'follow', plan: 'p', items: [] }]);
        const [show, acting] = await claim(1);

        await store.postpone(show!.id, at(5), 'the chat is down');
        await store.finish(acting!.id);

        expect(kinds(await claim(2))).toEqual(['follow']);
        expect(kinds(await claim(4))).toEqual(['follow']);
        const later = await claim(5);
        expect(later).toMatchObject([
          { effect: { kind: 'show' }, attempts: 2, lastError: 'the chat is down', dueAt: at(5) },
          { effect: { kind: 'follow' } },
        ]);
      });

      it('do not keep instances running because looking up the past failed', async () => {
        await give([
          { kind: 'look into', subjects: [] },
          { kind: 'plan', want: 'contain', by: 'ada' },
        ]);
        const [lookInto] = await claim(1);
        const meanwhile = await claim(1);

        await store.postpone(lookInto!.id, at(9), 'throttled');

        expect(meanwhile).toEqual([]);
        expect(kinds(await claim(1))).toEqual(['plan']);
      });

      it('that cannot be done are buried, shown, and let the next pass', async () => {
        await give([act, { kind: 'follow', plan: 'p', items: [] }]);
        const [acting] = await claim(1);

        await store.bury(acting!.id, 'no such account');

        expect(await store.deadEffects()).toMatchObject([{ effect: act, state: 'dead', lastError: 'no such account' }]);
        expect(kinds(await claim(1))).toEqual(['follow']);
      });

      it('do not say they are due while something older holds them back', async () => {
        await give([act, { kind: 'follow', plan: 'p', items: [] }]);
        const before = await store.nextEffectDue();
        const [acting] = await claim(1);

        await store.postpone(acting!.id, at(7), 'busy');

        expect(before! <= at(1)).toBe(true);
        expect(await store.nextEffectDue()).toBe(at(7));
        await store.finish((await claim(7))[0]!.id);
        await store.finish((await claim(7))[0]!.id);
        expect(await store.nextEffectDue()).toBeUndefined();
      });

      it('keep order and never overlap in a lane, whatever fails, and all end', async () => {
        const some = fc.array(
          fc.constantFrom<Effect>({ kind: 'show' }, { kind: 'page', at: at(0) }, act, { kind: 'look into', subjects: [] }, lookAgain(6), {
            kind: 'follow',
            plan: 'p',
            items: [],
          }),
          { minLength: 1, maxLength: 7 },
        );
        const fate = fc.constantFrom('finish', 'postpone', 'bury', 'die');
        await fc.assert(
          fc.asyncProperty(some, some, fc.array(fate, { maxLength: 12 }), async (one, two, fates) => {
            await closeAll();
            await openFresh();
            await give(one, 'INC-1');
            await give(two, 'INC-2');
            const ended: number[] = [];
            const chatting = ({ effect: { kind } }: StoredEffect) => (kind === 'page' ? 'page' : kind === 'show' || kind === 'nudge');
            const strict = (effect: StoredEffect) => !['look into', 'look again', 'page'].includes(effect.effect.kind);
            const order: StoredEffect[] = [];

            for (let minute = 1; minute < 60 && ended.length < one.length + two.length; minute += 2) {
              const claimed = await claim(minute);
              const lanes = claimed.map((effect) => `${effect.incident} ${chatting(effect)}`);
              expect(new Set(lanes).size).toBe(lanes.length);
              for (const effect of claimed) {
                const what = fates.shift() ?? 'finish';
                if (what === 'postpone') await store.postpone(effect.id, at(minute + 3), 'again');
                if (what === 'bury') await store.bury(effect.id, 'never');
                if (what === 'finish') await store.finish(effect.id);
                if (what === 'finish' || what === 'bury') {
                  ended.push(effect.id);
                  order.push(effect);
                }
              }
            }

            expect(ended.toSorted((a, b) => a - b)).toEqual(Array.from({ length: one.length + two.length }, (_, i) => i + 1));
            for (const lane of Map.groupBy(order.filter(strict), (effect) => `${effect.incident} ${chatting(effect)}`).values()) {
              expect(lane.map(({ id }) => id)).toEqual(lane.map(({ id }) => id).toSorted((a, b) => a - b));
            }
            expect(await store.nextEffectDue()).toBeUndefined();
          }),
          { numRuns: 15, seed: 3 },
        );
      });
    });

    describe('the audit log', () => {
      const entry = (what: string, incident?: string) => ({
        at: at(1),
        who: 'ada',
        what,
        ...(incident ? { incident } : {}),
        data: { plan: 'p', n: 1 },
      });

      it('numbers its rows and chains their hashes', async () => {
        const empty = await store.lastAuditHash();
        const first = await store.audit(entry('asked', 'INC-1'));
        const second = await store.audit(entry('approved'));

        expect([first.number, second.number]).toEqual([1, 2]);
        expect(new Set([empty, first.hash, second.hash]).size).toBe(3);
        expect(second.hash).toMatch(/^[0-9a-f]{64}$/);
        expect(await store.lastAuditHash()).toBe(second.hash);
        expect(await store.auditRows({ most: 10 })).toEqual([first, second]);
        expect(await store.auditRows({ most: 1 })).toEqual([second]);
        expect(await store.auditRows({ incident: 'INC-1', most: 10 })).toEqual([
          { ...entry('asked', 'INC-1'), number: 1, hash: first.hash },
        ]);
        expect(await store.verifyAudit()).toEqual({ ok: true, rows: 2 });
      });

      it('stays one chain when two processes write to it', async () => {
        const second = await another();

        const rows = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? store : second).audit(entry(`row ${i}`))));

        expect(rows.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
        expect(await store.verifyAudit()).toEqual({ ok: true, rows: 20 });
      });

      it('still checks out after retention removed its beginning, and goes on', async () => {
        await store.audit({ ...entry('old'), at: '2024-01-01T00:00:00.000Z' });
        await store.audit({ ...entry('old too'), at: '2024-01-02T00:00:00.000Z' });
        await store.audit(entry('young'));

        await store.forget(at(0), { observations: 95, incidents: 400 });
        const next = await store.audit(entry('younger'));

        expect((await store.auditRows({ most: 10 })).map(({ what }) => what)).toEqual(['young', 'younger']);
        expect(next.number).toBe(4);
        expect(await store.verifyAudit()).toEqual({ ok: true, rows: 2 });
      });

      it('checks out when retention removed all of it', async () => {
        const last = await store.audit({ ...entry('old'), at: '2024-01-01T00:00:00.000Z' });

        expect(await store.forget(at(0), { observations: 95, incidents: 400 })).toBe(1);

        expect(await store.lastAuditHash()).toBe(last.hash);
        expect(await store.verifyAudit()).toEqual({ ok: true, rows: 0 });
      });
    });

    describe('small facts', () => {
      it('replaces a memory as a whole, with its horizon', async () => {
        const entry = {
          memory: 'compute/never-used-region known',
          key: 'us-east-1',
          day: '2026-11-20',
          first: at(0),
          last: at(9),
          value: 1.5,
        };
        expect(await store.memory()).toEqual({ horizon: undefined, entries: [] });

        await store.saveMemory(at(1), [entry, { ...entry, key: 'eu-west-1' }]);
        await store.saveMemory(at(2), [{ ...entry, value: 2 }]);

        expect(await store.memory()).toEqual({ horizon: at(2), entries: [{ ...entry, value: 2 }] });
      });

      it('knows what a button means, however often it was shown', async () => {
        const form = { title: 'Expected', submit: 'Save', fields: [] };
        await store.saveButtons([
          { id: 'b1', meaning: { kind: 'take', incident: 'INC-1' } },
          { id: 'b2', meaning: 'x', form },
        ]);
        await store.saveButtons([{ id: 'b1', meaning: { kind: 'take', incident: 'INC-1' } }]);

        expect(await store.button('b1')).toEqual({ meaning: { kind: 'take', incident: 'INC-1' } });
        expect(await store.button('b2')).toEqual({ meaning: 'x', form });
        expect(await store.button('b3')).toBeUndefined();
      });

      it('keeps what is expected until it ends, and counts what that hid', async () => {
        const expectation = {
          id: 'x1',
          principal: 'principal:u' as Subject,
          check: 'compute/never-used-region',
          region: 'us-east-1',
          scope,
          capUsdPerHour: 5,
          until: at(9),
          by: 'ada',
          at: at(0),
          hid: 0,
        };
        await store.saveExpectation(expectation);
        await store.countHidden('x1');
        await store.countHidden('x1');

        expect(await store.expectations(at(8))).toEqual([{ ...expectation, hid: 2 }]);

        const hidden = (key: string, minute: number) => ({ key, title: `what ${key} is`, at: at(minute), usdPerHour: 5 });
        for (let n = 0; n < 25; n += 1) await store.countHidden('x1', hidden(`k${n}`, 3));
        await store.countHidden('x1', hidden('k20', 4));
        const [after] = await store.expectations(at(8));
        expect(after?.hid).toBe(28);
        expect(after?.hidden).toHaveLength(20);
        expect(after?.hidden?.at(-1)).toEqual(hidden('k20', 4));
        expect(await store.expectations(at(9))).toEqual([]);
      });

      it('sets, changes and removes settings', async () => {
        await store.setSetting('paused', 'by ada');
        await store.setSetting('paused', 'by grace');
        expect(await store.setting('paused')).toBe('by grace');

        await store.setSetting('paused', undefined);
        expect(await store.setting('paused')).toBeUndefined();
      });

      it('adds up the calls that were made, by day and operation', async () => {
        await store.addCalls('2026-11-20', scope, [{ operation: 'GetCostAndUsage', calls: 2, usd: 0.02 }]);
        await store.addCalls('2026-11-20', scope, [
          { operation: 'GetCostAndUsage', calls: 1, usd: 0.01 },
          { operation: 'LookupEvents', calls: 9, usd: 0 },
        ]);
        await store.addCalls('2026-11-20', { ...scope, id: '210987654321' }, [{ operation: 'LookupEvents', calls: 1, usd: 0 }]);
        await store.addCalls('2026-11-22', scope, [{ operation: 'LookupEvents', calls: 1, usd: 0 }]);

        expect(await store.calls('2026-11-20', '2026-11-21')).toEqual([
          { day: '2026-11-20', operation: 'GetCostAndUsage', calls: 3, usd: expect.closeTo(0.03) },
          { day: '2026-11-20', operation: 'LookupEvents', calls: 10, usd: 0 },
        ]);
      });
    });

    describe('forgetting', () => {
      const forget = () => store.forget(at(0), { observations: 95, incidents: 400 });
      const long = '2026-08-01T00:00:00.000Z';
      const veryLong = '2025-09-01T00:00:00.000Z';

      it('removes what is older than its time and nothing else', async () => {
        await keep([
          acted({ id: 'old', at: long, heard: long }),
          machine('still-running', { at: long, heard: at(0) }),
          machine('gone', { at: long, heard: long, running: false }),
          acted({ id: 'young', at: at(0) }),
          look({ at: long, region: 'eu-west-1' }),
          look({ at: at(0) }),
          spend({ day: '2025-09-01', heard: at(0) }),
          spend({ day: '2026-01-01', heard: at(0) }),
          ...['2026-01-01', '2026-11-01'].map((day) => ({
            ...{ ...spend({ day, heard: at(0) }), kind: 'spend.detailed' as const, cut: 'cause' as const, id: `cause ${day}` },
          })),
        ]);
        await store.addCalls('2025-09-01', scope, [{ operation: 'A', calls: 1, usd: 0 }]);

        expect(await forget()).toBeGreaterThan(0);

        const ids = (await stored(veryLong)).map(({ id }) => id);
        expect(ids).toContain('still-running');
        expect(ids).toContain('young');
        expect(ids).not.toContain('old');
        expect(ids).not.toContain('gone');
        expect((await store.machines()).map((m) => m.resource)).toEqual(['resource:still-running']);
        expect((await store.looks()).map(({ place: { region } }) => region)).toEqual(['us-east-1']);
        expect((await store.costs('2025-01-01', '2027-01-01')).map(({ day }) => day)).toEqual(['2026-01-01']);
        expect((await store.costs('2025-01-01', '2027-01-01', 'cause')).map(({ day }) => day)).toEqual(['2026-11-01']);
        expect(await store.calls('2025-01-01', '2027-01-01')).toEqual([]);
        expect(await forget()).toBe(0);
      });

      it('keeps the evidence of a story as long as the story', async () => {
        await keep([acted({ id: 'o', at: long, heard: long, evidence: ['event-1'] })], { 'event-1': { eventName: 'RunInstances' } });
        await store.save([{ incident: story({ changedAt: long, findings: { a: finding('a') } }), effects: [] }]);

        await forget();

        expect(await store.evidence('INC-1')).toEqual([{ id: 'event-1', raw: { eventName: 'RunInstances' } }]);
      });

      it('removes stories that are long over with all that belongs to them, never open ones', async () => {
        const findings = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`f${i}`, finding(`f${i}`, { evidence: [`e${i}`] })]));
        await store.save([
          { incident: story({ id: 'INC-1', state: 'resolved', changedAt: veryLong, findings }), effects: [{ kind: 'show' }] },
          { incident: story({ id: 'INC-2', state: 'open', changedAt: veryLong }), effects: [{ kind: 'show' }] },
          { incident: story({ id: 'INC-3', state: 'resolved', changedAt: long }), effects: [] },
        ]);

        expect(await forget()).toBe(700 + 700 + 1 + 1);

        expect((await store.incidents()).map(({ id }) => id)).toEqual(['INC-2', 'INC-3']);
        expect(await store.evidence('INC-1')).toEqual([]);
        expect((await store.claim(at(1), 60, 10)).map(({ incident }) => incident)).toEqual(['INC-2']);
      });

      it('takes what it must forget in pieces, so that others get their turn', async () => {
        await keep(Array.from({ length: 1600 }, (_, i) => acted({ id: `o${i}`, at: long, heard: long })));
        let done = false;
        const forgetting = forget().finally(() => {
          done = true;
        });

        const row = await store.audit({ at: at(0), who: 'ada', what: 'asked', data: {} });
        const before = done;

        expect(row.number).toBe(1);
        expect(before).toBe(false);
        expect(await forgetting).toBe(1600);
      });
    });
  });
}

// ---- builders that show only what matters ---------------------------------------------------------------------------------------

const scope: Scope = { cloud: 'aws', level: 'account', id: '123456789012' };
const place = { scope, region: 'us-east-1' };
const source = { name: 'aws/audit-log', scope };
/** So many minutes (and seconds) after the tests' noon. */
const at = (minutes: number, seconds = 0): string => new Date(Date.UTC(2026, 10, 20, 12, minutes, seconds)).toISOString();
const common = { at: at(0), heard: at(0), by: 'aws/audit-log', place, evidence: ['event-1'] };

function acted(some: Partial<Of<'principal.acted'>> & { id: string }): Of<'principal.acted'> {
  return { kind: 'principal.acted', ...common, operation: 'ec2:RunInstances', ...some };
}

function machine(id: string, some: Partial<Of<'compute.seen'>> = {}): Of<'compute.seen'> {
  return {
    kind: 'compute.seen',
    ...common,
    by: 'aws/inventory',
    id,
    resource: `resource:${id}`,
    what: 'instance',
    shape: { type: 'g5.xlarge', family: 'g5', vcpus: 4, gpus: 1 },
    estimated: false,
    running: true,
    ...some,
  };
}

function linked(id: string, from: Subject, to: Subject, when: string): Of<'identity.linked'> {
  return { kind: 'identity.linked', ...common, id, at: when, from, to, how: 'key of' };
}

function look(some: Partial<Of<'look.finished'>> & { at: string; region?: string }): Of<'look.finished'> {
  const { region = 'us-east-1', ...rest } = some;
  const id = `look ${region} ${some.at}`;
  return {
    kind: 'look.finished',
    ...common,
    id,
    place: { scope, region },
    source: 'aws/inventory',
    noun: 'regions',
    of: 17,
    seen: 17,
    upTo: some.at,
    complete: true,
    ...rest,
  };
}

function spend(some: {
  day?: string;
  heard: string;
  amount?: number;
  charge?: 'usage' | 'tax';
  provisional?: boolean;
}): Of<'spend.recorded'> {
  const { day = '2026-11-20', heard, amount = 1, charge = 'usage', provisional = true } = some;
  const id = `spend ${day} ${charge}`;
  return {
    kind: 'spend.recorded',
    ...common,
    id,
    heard,
    day,
    service: 'EC2',
    cost: { amount, currency: 'USD', usd: amount },
    charge,
    provisional,
  };
}

export function story(some: Partial<Incident> = {}): Incident {
  return {
    id: 'INC-1',
    version: 1,
    state: 'open',
    openedAt: at(0),
    beganAt: at(0),
    changedAt: at(0),
    severity: 'high',
    headline: 'Miners are being started with a stolen key',
    findings: {},
    subjects: [],
    actors: [],
    approvals: [],
    steps: {},
    lookedInto: [],
    cards: [{ platform: 'console', room: 'main', id: '1' }],
    questions: [],
    history: [],
    ...some,
  };
}

function finding(key: string, some: Partial<StoryFinding> = {}): StoryFinding {
  return {
    key,
    check: 'compute/never-used-region',
    at: at(0),
    place,
    severity: 'high',
    title: 'Machines run in a region never used before',
    about: ['principal:u'],
    evidence: ['event-1'],
    usdPerHour: { 'resource:m1': 5.67 },
    facts: { Region: 'us-east-1' },
    remedies: [],
    learning: false,
    state: 'active',
    changedAt: at(0),
    ...some,
  };
}
