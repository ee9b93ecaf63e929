/** Everything that is known of a story, for the one who asks. Pure. */
import type { StoryFinding } from '../incident.ts';
import type { Message, Part, Text } from '../message.ts';
import type { Machine } from '../ports.ts';
import { count, cut, dollars, shortName } from '../words.ts';
import { headline, worstFirst } from './headline.ts';
import { lookLines } from './looks.ts';
import { usable } from './money.ts';
import { planOf, stepLine } from './outcome.ts';
import { codes, codesOf, hash, oneLine } from './pieces.ts';
import { sparedWords } from './plan-words.ts';
import { row } from './rows.ts';
import { actorName, type View } from './view.ts';

/** Everything that is known, for the one who asks: findings with facts and evidence, machines, steps, looks, the course of events. */
export function details(view: View): Message {
  const { incident, now } = view;
  const findings = Object.values(incident.findings).sort(worstFirst);
  const steps = Object.values(incident.steps);
  const machines = [...view.machines].sort((a, b) => (b.usdPerHour ?? 0) - (a.usdPerHour ?? 0));
  const parts: Part[] = [
    { kind: 'header', severity: incident.severity, text: headline(view), aside: incident.id },
    ...findings.slice(0, 10).flatMap((finding) => findingParts(finding)),
    ...(findings.length > 10
      ? [{ kind: 'text' as const, quiet: true, text: `${count(findings.length - 10, 'more finding')} in the record.` }]
      : []),
    ...section(
      'Machines',
      machines.map((machine) => machineLine(view, machine)),
      15,
    ),
    ...section('What was done', steps.map(stepLine), 20),
    ...section('Spared', (planOf(incident)?.spared ?? []).map(sparedWords), 10),
    ...section('How far was looked into', incident.lookedInto, 5),
    ...section('Looks', lookLines(view.looks, now), 20),
    ...section(
      'Course of events',
      incident.history.toReversed().map((happened): Text => [{ time: happened.at, as: 'date' }, ' ', happened.text]),
      12,
    ),
    { kind: 'text', quiet: true, text: ['Audit up to ', ...hash(view.auditHash), '. The card in the room shows what can be done.'] },
  ];
  return { summary: oneLine(`${incident.id}: details`, 110), parts };
}

function findingParts(finding: StoryFinding): Part[] {
  const facts = Object.entries(finding.facts).slice(0, 8);
  const rows = [
    row('Severity', [
      `${finding.severity}${finding.learning ? ' · still learning what is usual here' : ''}${finding.state === 'cleared' ? ` · withdrawn: ${cut(finding.clearedWhy || 'it is no longer so', 160)}` : ''}`,
    ]),
    row('Since', [[{ time: finding.at, as: 'date' }, ` · ${finding.place.region}`]]),
    ...facts.map(([label, fact]) => row(cut(label, 40), [cut(fact, 200)])),
    row('About', [codes(finding.about, 4)]),
    row('Evidence', [finding.evidence.length > 0 ? codesOf(finding.evidence, 3) : 'none kept']),
    row('Check', [[{ code: finding.check }]]),
  ];
  return [
    { kind: 'text', text: [{ bold: cut(finding.title, 160) }], ...(finding.state === 'cleared' ? { struck: true } : {}) },
    { kind: 'facts', rows: rows.filter((found) => found.lines.some((line) => !Array.isArray(line) || line.length > 0)) },
  ];
}

function machineLine(view: View, machine: Machine): Text {
  const starter = view.startedBy[machine.resource];
  const price = usable(machine.usdPerHour);
  return [
    { code: shortName(machine.resource) },
    ` ${cut(machine.shape.type || machine.what, 60)}${machine.name ? ` “${cut(machine.name, 60)}”` : ''}, ${machine.place.region}, ${price === undefined ? 'price not known' : `${machine.estimated ? 'about ' : ''}${dollars(price)}/h`}, since `,
    { time: machine.startedAt, as: 'date' },
    ...(starter ? [` by ${actorName(view.incident, starter)}`] : []),
    ...(machine.goneAt ? [', gone ', { time: machine.goneAt, as: 'clock' as const }] : []),
  ];
}

function section(title: string, items: Text[], most: number): Part[] {
  if (items.length === 0) return [];
  const more = items.length - most;
  return [
    { kind: 'text', text: [{ bold: title }] },
    { kind: 'list', items: items.slice(0, most), ...(more > 0 ? { more } : {}) },
  ];
}
