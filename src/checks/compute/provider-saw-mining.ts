import { z } from 'zod';
import type { Remedy } from '../check.ts';
import { defineCheck } from '../check.ts';
import type { Of, Severity, Subject } from '../observation.ts';
import { account, finding, stop } from '../suspects.ts';

const id = 'compute/provider-saw-mining';

export const providerSawMining = defineCheck({
  id,
  title: 'The cloud provider’s own threat detector sees mining or a take-over',
  why: 'The provider sees what machines talk to and what runs in them, which no record of calls tells. When it says that something mines, something mines.',
  severity:
    'Critical for mining and for a take-over the provider calls grave, as the provider says (medium at least) for other signs of one. Info for findings made to try the path.',
  falseAlarms: ['A company that mines, or has to do with mining pools.', 'A penetration test.'],
  misses: ['Regions and accounts where the detector is off.', 'Miners that hide whom they talk to.'],
  tactic: 'Impact (TA0040): Resource Hijacking, Compute Hijacking (T1496.001)',
  references: ['MITRE ATT&CK, T1496.001', 'Amazon GuardDuty user guide, finding types'],
  maturity: 'stable',
  watches: ['provider.alerted'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    if ((now.about !== 'mining' && now.about !== 'takeover') || now.outcome) return [];
    const machines = now.subjects.filter((subject) => subject.startsWith('resource:'));
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.sample ? 'sample/' : ''}${now.subjects[0] ?? now.rule}`,
        severity: severityOf(now),
        title: now.sample
          ? 'A finding of the provider’s threat detector that was made to try the path arrived'
          : now.about === 'mining'
            ? 'The cloud provider says that something here is mining'
            : 'The cloud provider says that an identity or machine here was taken over',
        about: now.sample ? [] : now.subjects,
        facts: { Region: now.place.region, Rule: now.rule.slice(0, 100), 'The provider says': now.summary.slice(0, 300) },
        remedies: now.sample ? [] : [...stop(machines, now.place.scope), ...now.subjects.flatMap((subject) => cut(subject, now))],
      }),
    ];
  },
});

function severityOf({ sample, about, severity }: Of<'provider.alerted'>): Severity {
  if (sample) return 'info';
  if (about === 'mining' || severity === 'high' || severity === 'critical') return 'critical';
  return 'medium';
}

function cut(subject: Subject, { place: { scope } }: Of<'provider.alerted'>): Remedy[] {
  if (subject.startsWith('credential:')) return [{ kind: 'disable-credential', credential: subject }];
  if (!subject.startsWith('principal:')) return [];
  const name = subject.slice(subject.lastIndexOf('/') + 1);
  return [{ kind: 'deny-principal', principal: { subject, name, kind: 'unknown', home: scope }, over: scope }];
}
