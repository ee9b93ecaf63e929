import { describe, expect, it } from 'vitest';
import { result } from '../../../src/bot/present.ts';
import { allDone, incident, item, now, plan, step, text, view, watching } from '../present-story.ts';

describe('the result', () => {
  it('counts per verb, names every exception and what the rule added', () => {
    const steps = {
      ...allDone,
      'step-4': step(item(4), { outcome: 'refused', why: 'stop protection could not be removed: ask for ec2:ModifyInstanceAttribute' }),
      'step-5': step(item(5), { outcome: 'gone' }),
      'step-60': step(item(60), { followed: true }),
    };

    const said = text(result(view({ incident: watching({ steps }), now: '2026-11-23T14:11:00.000Z' })));

    expect(said).toContain('◆ Done by Grace at 14:09 UTC, 7 min after it began; 1 step not done.');
    expect(said).toContain('Stopped 13 of 15 instances in us-west-2: 1 gone before, 1 not done');
    expect(said).toContain('i-0004: stop protection could not be removed: ask for ec2:ModifyInstanceAttribute');
    expect(said).toContain('Added by the rule, started after the question: i-0060');
    expect(said).toContain('Left open by the plan:\n -  roles it assumed in other accounts');
    expect(said).toContain('Audit up to 01234567');
  });

  it('says what an undo took back', () => {
    const steps = Object.fromEntries(
      Object.entries(allDone).map(([id, one]) => [id, { ...one, undone: { outcome: 'done' as const, at: now } }]),
    );

    const said = text(result(view({ incident: incident({ state: 'open', steps }) })));

    expect(said).toContain('▣ Undone at 14:05 UTC.');
    expect(said).toContain('Started 14 of 14 instances again');
    expect(said).toContain('There is nothing to undo.');
  });

  it('does not say that nothing more need be done while a step is not done', () => {
    const over = {
      state: 'resolved' as const,
      resolved: { at: now, why: 'contained and watched' },
      watch: { looks: [{ due: now, saw: 'nothing came back' }], containedAt: now },
      standing: { plan: plan({ holes: [] }), approvals: [] },
    };
    const failed = { ...allDone, 'step-4': step(item(4), { outcome: 'failed', why: 'throttled' }) };

    expect(text(result(view({ incident: watching(over) })))).toContain('Nothing more need be done here.');
    expect(text(result(view({ incident: watching({ ...over, steps: failed }) })))).not.toContain('Nothing more need be done');
  });
});
