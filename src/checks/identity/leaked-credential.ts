import { z } from 'zod';
import type { Remedy } from '../check.ts';
import { defineCheck } from '../check.ts';
import { account, finding } from '../suspects.ts';

const id = 'identity/leaked-credential';

export const leakedCredential = defineCheck({
  id,
  title: 'The cloud provider says that a key of yours is in strangers’ hands',
  why: 'Providers search public code for their customers’ keys and warn, or put the user under quarantine. Keys in public are used within minutes, and a quarantine leaves ways to start machines open.',
  severity: 'Always critical.',
  falseAlarms: ['A key published on purpose as bait.'],
  misses: ['Keys that leak where the provider does not look.', 'Warnings the provider sends only by e-mail.'],
  tactic: 'Credential Access (TA0006): Unsecured Credentials (T1552)',
  references: [
    'MITRE ATT&CK, T1552',
    'AWS managed policy AWSCompromisedKeyQuarantineV3',
    'Unit 42, EleKtra-Leak, 2023 (used within five minutes)',
  ],
  maturity: 'stable',
  watches: ['provider.alerted'],
  nature: 'event',
  remembers: {},
  params: z.object({}),
  evaluate(now) {
    if (now.about !== 'leak' || now.outcome) return [];
    return [
      finding(id, now, {
        key: `${account(now.place.scope)}/${now.subjects[0] ?? now.rule}`,
        severity: 'critical',
        title: 'The cloud provider says that a key of yours is in strangers’ hands',
        // The one who told us, or put the quarantine in place, is not a suspect.
        about: now.subjects,
        facts: { 'The provider says': now.summary.slice(0, 300) },
        remedies: now.subjects.flatMap((subject): Remedy[] => {
          if (subject.startsWith('credential:')) return [{ kind: 'disable-credential', credential: subject }];
          if (!subject.startsWith('principal:')) return [];
          const name = subject.slice(subject.lastIndexOf('/') + 1);
          return [{ kind: 'deny-principal', principal: { subject, name, kind: 'user', home: now.place.scope }, over: now.place.scope }];
        }),
      }),
    ];
  },
});
