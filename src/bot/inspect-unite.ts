/** What single observations say under one key, united into one finding. The order is that of events, never that of arrival. */
import type { Finding, Remedy } from '../checks/check.ts';
import type { Subject, Time } from '../checks/observation.ts';
import { rank } from './severity.ts';

/** Limits on one finding, so that an attacker's noise cannot make it grow for ever. */
const mostEvidence = 200;
const mostSubjects = 1000;
const mostFacts = 20;
/** After so long a silence the same key is a new finding: what it said before is history, and its machines are long gone. */
const silenceMs = 7 * 86_400_000;
const cutFact = 'Records';

/** A finding in the making. `last` is the time of the latest observation that speaks for it. */
export type United = {
  finding: Finding;
  last: Time;
  about: Set<Subject>;
  evidence: Set<string>;
  cut: boolean;
};

/** Adds what the next observation in event order says. Returns the first argument, changed, or a fresh start after a long silence. */
export function unite(united: United | undefined, said: Finding): United {
  if (united === undefined || Date.parse(said.at) - Date.parse(united.last) > silenceMs) return begin(said);
  const { finding } = united;
  if (said.at > united.last) united.last = said.at;
  if (said.at < finding.at) finding.at = said.at;
  const higher = rank(said.severity) > rank(finding.severity);
  for (const [label, text] of Object.entries(said.facts))
    if (label in finding.facts ? rank(said.severity) >= rank(finding.severity) : Object.keys(finding.facts).length < mostFacts)
      finding.facts[label] = text;
  if (higher) {
    finding.severity = said.severity;
    finding.title = said.title;
  }
  if (said.actor && !finding.actor) finding.actor = said.actor;
  finding.learning &&= said.learning;
  addAll(united, said);
  return united;
}

/** The finding as it is shown and kept: sorted, so that the same content always looks the same. */
export function shown({ finding, about, evidence, cut }: United): Finding {
  return {
    ...finding,
    about: [...about].sort(),
    evidence: [...evidence].sort(),
    usdPerHour: Object.fromEntries(Object.entries(finding.usdPerHour).sort(([a], [b]) => (a < b ? -1 : 1))) as Finding['usdPerHour'],
    facts: cut ? { ...finding.facts, [cutFact]: `the first ${mostEvidence} are kept as evidence` } : { ...finding.facts },
    remedies: finding.remedies.map((remedy) =>
      remedy.kind === 'stop-compute' ? { ...remedy, resources: [...remedy.resources].sort() } : remedy,
    ),
  };
}

/** A copy that can grow on its own. */
export const copied = (united: United): United => ({
  ...united,
  finding: cloned(united.finding),
  about: new Set(united.about),
  evidence: new Set(united.evidence),
});

/** A finding that was kept, ready to grow again. */
export function resumed(finding: Finding, last: Time): United {
  const { [cutFact]: cut, ...facts } = finding.facts;
  const copy = cloned(finding);
  copy.facts = facts;
  return { finding: copy, last, about: new Set(finding.about), evidence: new Set(finding.evidence), cut: cut !== undefined };
}

function begin(said: Finding): United {
  const finding: Finding = { ...said, about: [], evidence: [], usdPerHour: {}, facts: { ...said.facts }, remedies: [] };
  const united: United = { finding, last: said.at, about: new Set(), evidence: new Set(), cut: false };
  addAll(united, said);
  return united;
}

function addAll(united: United, said: Finding): void {
  const { finding, about, evidence } = united;
  for (const subject of said.about) if (about.size < mostSubjects) about.add(subject);
  for (const id of said.evidence) {
    if (evidence.size < mostEvidence) evidence.add(id);
    else if (!evidence.has(id)) united.cut = true;
  }
  for (const [resource, usd] of Object.entries(said.usdPerHour) as [Subject, number][]) {
    const known = finding.usdPerHour[resource];
    if (known !== undefined || Object.keys(finding.usdPerHour).length < mostSubjects)
      finding.usdPerHour[resource] = Math.max(known ?? 0, usd);
  }
  for (const remedy of said.remedies) addRemedy(finding.remedies, remedy);
}

function addRemedy(remedies: Remedy[], remedy: Remedy): void {
  const name = nameOf(remedy);
  const same = remedies.find((other) => nameOf(other) === name);
  if (same === undefined) remedies.push(remedy.kind === 'stop-compute' ? { ...remedy, resources: [...remedy.resources] } : remedy);
  else if (same.kind === 'stop-compute' && remedy.kind === 'stop-compute')
    for (const resource of remedy.resources)
      if (same.resources.length < mostSubjects && !same.resources.includes(resource)) same.resources.push(resource);
}

function nameOf(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'disable-credential':
      return `${remedy.kind} ${remedy.credential}`;
    case 'deny-principal':
      return `${remedy.kind} ${remedy.principal.subject} ${remedy.over.cloud}/${remedy.over.id}`;
    case 'stop-compute':
      return `${remedy.kind} ${remedy.over.cloud}/${remedy.over.id}`;
    default:
      return remedy satisfies never;
  }
}

const cloned = (finding: Finding): Finding => ({
  ...finding,
  about: [],
  evidence: [],
  usdPerHour: { ...finding.usdPerHour },
  facts: { ...finding.facts },
  remedies: finding.remedies.map((remedy) => (remedy.kind === 'stop-compute' ? { ...remedy, resources: [...remedy.resources] } : remedy)),
});
