import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/bot/inspect.ts';
import type { Finding } from '../../../src/checks/check.ts';
import { queueBehind } from '../../../src/checks/coverage/queue-behind.ts';
import type { Observation, Of } from '../../../src/checks/observation.ts';
import { at, observed } from '../observed.ts';

const queue = (clock: string, facts: Partial<Of<'queue.measured'>>) =>
  observed('queue.measured', { at: at(clock), by: 'aws/push', ...facts });
const look = (clock: string, facts: Partial<Of<'look.finished'>>) =>
  observed('look.finished', { at: at(clock), since: at('13:00'), complete: false, of: 1, seen: 0, evidence: [], ...facts });

function found(...observations: Observation[]): Finding[] {
  const inspector = createInspector({ checks: [queueBehind] });
  inspector.inspect(observations);
  return inspector.findings();
}

describe('a queue', () => {
  it('that is more than five minutes behind is a high finding, told once while it lasts', () => {
    const findings = found(
      queue('14:00', { oldestSeconds: 20 }),
      queue('14:05', { oldestSeconds: 301 }),
      queue('14:06', { oldestSeconds: 360 }),
    );

    expect(findings).toMatchObject([
      { severity: 'high', title: 'Pushed events wait unread in their queue', facts: { Behind: '5 minutes' } },
    ]);
    expect(findings[0]?.evidence).toHaveLength(1);
  });

  it('is a high finding when messages in it could not be read, and again only when there are more', () => {
    const once = found(queue('14:00', { dead: 0 }), queue('14:05', { dead: 2 }), queue('14:20', { dead: 2 }), queue('14:35', { dead: 2 }));
    const more = found(queue('14:00', { dead: 2 }), queue('14:15', { dead: 3 }));

    expect(once).toMatchObject([{ severity: 'high', facts: { Unread: '2 messages were put aside' } }]);
    expect(once[0]?.evidence).toHaveLength(1);
    expect(more[0]?.evidence).toHaveLength(2);
  });

  it('is nothing while it keeps up, nor when somebody clears the messages away', () => {
    expect(found(queue('14:00', { oldestSeconds: 300 }), queue('14:15', { oldestSeconds: 0, dead: 0 }))).toEqual([]);
    expect(found(queue('14:00', { dead: 2 }), queue('14:05', { dead: 0 }))[0]?.evidence).toHaveLength(1);
  });
});

describe('the log', () => {
  it('that is more than twenty minutes behind is a high finding of its region', () => {
    const findings = found(look('14:30', { upTo: at('14:00'), gap: 'the events of us-east-1 could not be read: AWS slowed us down' }));

    expect(findings).toMatchObject([{ severity: 'high', facts: { Region: 'us-east-1', Behind: '30 minutes' } }]);
  });

  it('is nothing while it is as late as usual, where it could never be read, or when the look does not read on from the last', () => {
    expect(found(look('14:30', { upTo: at('14:25') }))).toEqual([]);
    expect(found(look('14:30', { upTo: at('14:30', '2026-11-22') }))).toEqual([]);
    const { since: _, ...costs } = look('14:30', { upTo: at('02:00'), source: 'aws/costs', noun: 'days' });
    expect(found(costs as Observation)).toEqual([]);
  });

  it('is nothing when a past day is read, however long ago it ended', () => {
    expect(
      found(look('10:00', { since: at('00:00', '2026-11-22'), upTo: at('00:00'), noun: 'days of the past', seen: 1, complete: true })),
    ).toEqual([]);
  });
});
