/** What is happening, in one sentence. Pure. */
import type { Subject } from '../../checks/observation.ts';
import type { Incident, StoryFinding } from '../incident.ts';
import { rank } from '../severity.ts';
import { costs } from './money.ts';
import type { View } from './view.ts';

/**
 * What is happening to you, in one sentence, from the findings still standing: the worst one's title, or what two of them mean together.
 * Two are only put together when they are about the same key or principal; a key *looks* stolen unless the provider says it leaked.
 */
export function storyHeadline(incident: Incident, running = true): string {
  const active = Object.values(incident.findings)
    .filter((finding) => finding.state === 'active')
    .sort(worstFirst);
  const machines = active.filter((finding) => topic(finding) === 'compute');
  const keys = active.filter(
    (finding) => /^identity\/.*(network|leak)/.test(finding.check) && finding.about.some((subject) => subject.startsWith('credential:')),
  );
  const users = active.filter((finding) => topic(finding) === 'persistence');
  const verb = running ? 'are being' : 'were';
  const together = (one: StoryFinding[], other: StoryFinding[]) =>
    one.find((finding) => other.some((second) => second.about.some((subject) => isIdentity(subject) && finding.about.includes(subject))));
  const key = together(keys, machines);
  if (key) return `Machines ${verb} started with a key that ${saysLeak(key) ? 'has leaked' : 'looks stolen'}`;
  if (together(users, machines)) return `Machines ${verb} started by somebody who also made an administrator`;
  const stolen = together(keys, users);
  if (stolen) return `A key that ${saysLeak(stolen) ? 'has leaked' : 'looks stolen'} made an administrator`;
  return active[0]?.title || incident.headline || 'Nothing that still stands';
}

export const headline = (view: View): string => storyHeadline(view.incident, costs(view).running.length > 0);

export const topic = (finding: StoryFinding): string => finding.check.split('/')[0] ?? '';

export const isIdentity = (subject: Subject): boolean => /^(principal|credential|session):/.test(subject);

const saysLeak = (finding: StoryFinding): boolean => /leak|quarantine/.test(finding.check);

export const worstFirst = (a: StoryFinding, b: StoryFinding): number =>
  Number(a.state === 'cleared') - Number(b.state === 'cleared') ||
  rank(b.severity) - rank(a.severity) ||
  (a.at < b.at ? -1 : a.at > b.at ? 1 : a.key < b.key ? -1 : 1);
