import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineCheck } from '../../src/checks/check.ts';
import type { Observation } from '../../src/checks/observation.ts';
import { finding as said, spot } from '../../src/checks/suspects.ts';
import { openWorld, start } from '../support/living-bot.ts';
import { machine, place, scope, user } from '../support/stories.ts';

const regions = Array.from({ length: 17 }, (_, n) => `region-${n + 1}`);
const attacker = user('ci');
const common = (region: string, by: string) => ({ at: start, heard: start, by, place: place(region) });

const anywhere = defineCheck({
  ...{ id: 'compute/anywhere', title: 'x', why: 'x', falseAlarms: [], misses: [], tactic: 'Impact (TA0040)', references: [] },
  ...{
    maturity: 'stable',
    watches: ['compute.seen', 'compute.asked', 'provider.alerted'],
    nature: 'event',
    remembers: {},
    params: z.object({}),
  },
  evaluate: (now) => {
    const about =
      now.kind === 'compute.seen' ? [now.resource] : now.kind === 'compute.asked' ? [...now.resources, attacker.subject] : now.subjects;
    const usdPerHour = now.kind === 'compute.seen' ? { [now.resource]: 5 } : {};
    return [
      said('compute/anywhere', now, { key: spot(now), severity: 'high', title: 'Machines run where none ever ran', about, usdPerHour }),
    ];
  },
} as Parameters<typeof defineCheck<'compute.seen' | 'compute.asked' | 'provider.alerted', Record<never, never>, object>>[0]);

/** What three sources say of one machine in one region. */
function seenBy(region: string): Observation[][] {
  const resource = machine('i-1', region);
  const shape = { type: 'm5.large', vcpus: 2 };
  return [
    [
      {
        ...{ kind: 'compute.seen', id: `seen ${region}`, ...common(region, 'test/inventory'), evidence: [resource] },
        ...{ resource, what: 'instance', shape, perHour: { amount: 5, currency: 'USD', usd: 5 }, estimated: false, running: true },
      },
    ],
    [
      {
        ...{ kind: 'compute.asked', id: `asked ${region}`, ...common(region, 'test/log'), evidence: [`event ${region}`], actor: attacker },
        ...{ resources: [resource], count: 1, what: 'instance', shape },
      },
      {
        ...{ kind: 'identity.linked', id: `link ${region}`, ...common(region, 'test/log'), evidence: [] },
        ...{ from: resource, to: attacker.subject, how: 'started' },
      },
    ],
    [
      {
        ...{ kind: 'provider.alerted', id: `alert ${region}`, ...common(region, 'test/alerts'), evidence: [`alert ${region}`] },
        ...{ rule: 'miner', severity: 'high', summary: 'x', about: 'mining', subjects: [resource] },
      },
    ],
  ];
}

describe('the same finding over 17 regions and 3 sources', () => {
  it.each([
    ['source by source', [0, 1, 2]],
    ['the log first', [1, 2, 0]],
  ])('is one card with counts, %s', async (_, order) => {
    const batches = order.flatMap((which) => regions.map((region) => seenBy(region)[which]!));
    const world = await openWorld({
      checks: [anywhere],
      accounts: (account) => [
        {
          ...account,
          sources: [
            {
              ...{ name: 'test/all', scope, everySeconds: 100_000, permissions: [] },
              async *collect() {
                for (const observations of batches) yield { observations, raw: {}, cursors: {} };
              },
            },
          ],
        },
      ],
    });
    await world.pass(120, 20);

    const live = (await world.stories()).filter(({ state }) => state !== 'joined');

    expect(live).toHaveLength(1);
    expect(Object.keys(live[0]!.findings)).toHaveLength(17);
    expect(live[0]!.severity).toBe('high');
    const card = world.chat.text();
    expect(card).toMatch(/17 × +m5\.large/);
    expect(card).toMatch(/17 regions/);
    expect(card).toContain('$85.00 an hour');
  });
});
