/** A story in one line, for lists. Pure. */
import type { Incident } from '../incident.ts';
import { nameOf, type Policy } from '../people.ts';
import { storyHeadline } from './headline.ts';
import { oneLine } from './pieces.ts';

/** One line for lists: "INC-41 key of “jenkins” is 400 days old (low) · taken by Ada". */
export function asLine(incident: Incident, policy: Policy): string {
  const words: Record<Incident['state'], string> = {
    open: incident.owner ? `taken by ${nameOf(policy, incident.owner.by)}` : 'nobody has taken it',
    planning: 'a plan is being made',
    asking: 'a question waits for an answer',
    acting: 'being acted on',
    watching: incident.watch?.containedAt ? 'contained' : 'acted on, being watched',
    resolved: 'closed',
    expected: 'expected',
    joined: `part of ${incident.joinedInto ?? 'another story'}`,
  };
  return oneLine(`${incident.id} ${storyHeadline(incident)} (${incident.severity}) · ${words[incident.state]}`, 300);
}
