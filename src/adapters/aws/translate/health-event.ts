/** A warning of AWS Health about keys or abuse, as its API or EventBridge tells it. Pure. */
import type { Of, Place, Severity, Subject } from '../../../checks/observation.ts';
import type { Heard } from './guardduty-finding.ts';
import { iamSubject, instanceSubject, keySubject, partitionOf, principalSubject } from './names.ts';
import { list, number, text } from './reading.ts';
import { timeOf } from './time.ts';

/**
 * The warning with the keys, users and machines it names; undefined for anything but the kinds RISK and ABUSE. Long ones come in pages,
 * which are kept apart. The same by both paths.
 */
export function healthEvent(detail: unknown, { heard, by, place }: Heard): Of<'provider.alerted'> | undefined {
  const service = text(detail, 'service')?.toUpperCase();
  const rule = text(detail, 'eventTypeCode');
  const arn = text(detail, 'eventArn');
  if ((service !== 'RISK' && service !== 'ABUSE') || rule === undefined || arn === undefined) return undefined;
  const page = number(detail, 'page') ?? 1;
  const entities = list(detail, 'affectedEntities').flatMap((one) => text(one, 'entityValue') ?? []);
  const subjects = [...new Set(entities.flatMap((entity) => subjectOf(entity, place)))];
  const { about, severity, words } = meaningOf(service, rule);
  return {
    kind: 'provider.alerted',
    id: `health/${arn}${page > 1 ? `/${page}` : ''}`,
    at: timeOf(text(detail, 'startTime')) ?? timeOf(text(detail, 'lastUpdatedTime')) ?? heard,
    heard,
    by,
    place,
    evidence: [arn],
    rule: rule.slice(0, 256),
    severity,
    summary: words,
    about,
    subjects: subjects.length > 0 ? subjects.slice(0, 50) : [`scope:${place.scope.id}`],
  };
}

type Meaning = { about: Of<'provider.alerted'>['about']; severity: Severity; words: string };

/** Codes of AWS Health (AWS_RISK_…, AWS_ABUSE_…); new ones are taken for what their kind is. */
function meaningOf(service: 'RISK' | 'ABUSE', rule: string): Meaning {
  if (service === 'ABUSE') {
    return /COPYRIGHT|DMCA|TRADEMARK|CONTENT/.test(rule)
      ? { about: 'other', severity: 'low', words: 'AWS had a complaint about something this account publishes' }
      : { about: 'takeover', severity: 'high', words: 'AWS was told that something in this account attacks or harms others' };
  }
  if (/CONSOLE/.test(rule))
    return { about: 'leak', severity: 'critical', words: 'AWS believes that somebody else signs in to this account' };
  if (/QUARANTINE/.test(rule)) return { about: 'leak', severity: 'critical', words: 'AWS put a principal under quarantine' };
  if (/SUSPECTED/.test(rule))
    return { about: 'leak', severity: 'critical', words: 'AWS suspects that a key of this account is known to strangers' };
  if (/CREDENTIAL|EXPOSED|COMPROMISE/.test(rule)) {
    return { about: 'leak', severity: 'critical', words: 'AWS found a key of this account where strangers can read it' };
  }
  return { about: 'takeover', severity: 'high', words: 'AWS warns of a risk to this account' };
}

/** Keys by their id, users by name or ARN, machines by id or ARN. A machine's id alone says nothing where no region is told. */
function subjectOf(entity: string, place: Place): Subject[] {
  const value = entity.trim();
  const key = keySubject(value);
  if (key) return Object.values(key);
  if (value === 'root' || value === '<root_account>') return [`principal:arn:${partitionOf(place.region)}:iam::${place.scope.id}:root`];
  if (value.startsWith('arn:')) return [/:iam::\d*:(?:user|role|root)/.test(value) ? principalSubject(value) : `resource:${value}`];
  if (/^i-[0-9a-f]{8,17}$/.test(value)) return place.region === 'global' ? [] : [instanceSubject(place, value)];
  if (value === place.scope.id || !/^[\w+=,.@-]{1,64}$/.test(value)) return [];
  return [iamSubject(place, 'user', value)];
}
