/** What was done: by whom, with what outcome, and what of it can be undone. Pure. */
import type { Incident, Plan, Step } from '../incident.ts';
import type { Text } from '../message.ts';
import type { PlanItem } from '../ports.ts';
import { isSo } from '../step.ts';
import { count, cut, duration, listed, secondsBetween, shortName, whole } from '../words.ts';
import { codes, regionWords } from './pieces.ts';
import { byVerb, planWords, verbWords } from './plan-words.ts';
import { approvedBy, type View } from './view.ts';

/** "Contained by Ada at 14:09, 7 min after it began." The word is only used once the watch is over. */
export function actedHead(view: View): Text {
  const { incident } = view;
  const plan = planOf(incident);
  const undone = isUndo(incident);
  const steps = Object.values(incident.steps);
  const outcomes = steps.map((step) => (undone ? step.undone?.outcome : step.outcome));
  // What the rule added came later; the door was shut by the plan's own steps.
  const own = steps.filter((step) => undone || !step.followed);
  const at =
    (own.length > 0 ? own : steps)
      .map((step) => (undone ? (step.undone?.at ?? step.at) : step.at))
      .sort()
      .at(-1) ?? incident.changedAt;
  const names = plan ? approvedBy(view, plan) : [];
  const by = names.length > 0 ? ` by ${listed(names)}` : '';
  const failed = outcomes.filter(badOutcome).length;
  const verb = undone
    ? 'Undone'
    : incident.watch?.containedAt && plan?.kind === 'contain'
      ? 'Contained'
      : plan
        ? planWords[plan.kind].done
        : 'Acted';
  return [
    { bold: `${failed > 0 ? '◆' : '▣'} ${verb}${by}` },
    ' at ',
    { time: at, as: 'clock' },
    `${undone ? '' : `, ${duration(secondsBetween(incident.beganAt, at))} after it began`}${failed > 0 ? `; ${count(failed, 'step')} not done` : ''}.`,
  ];
}

/** The exceptions by name, then a line per verb with counts, then what the following rule added. */
export function outcomeLines(view: View): Text[] {
  const { bad, counts, added } = outcomes(view);
  return [...exceptions(bad, 5), ...counts, ...added];
}

/** The same in at most so many lines: the counts in one, and what could not be done before them. */
export function outcomeInShort(view: View, room: number): Text[] {
  const { bad, counts } = outcomes(view);
  if (room < 1 || counts.length === 0) return [];
  const few = room < 2 ? [] : exceptions(bad, bad.length > Math.min(2, room - 1) ? Math.min(1, room - 2) : 2);
  return [...few, counts.join(' · ')];
}

type Outcomes = { bad: Seen[]; counts: string[]; added: Text[] };
type Seen = { item: PlanItem; outcome: Step['outcome']; why?: string | undefined };

function outcomes({ incident }: View): Outcomes {
  const undoing = isUndo(incident);
  const steps = Object.values(incident.steps).filter((step) => !undoing || step.undone);
  const seen = steps.map(
    (step): Seen =>
      undoing && step.undone ? { item: step.item, ...step.undone } : { item: step.item, outcome: step.outcome, why: step.why },
  );
  const counts = byVerb(seen.map((one) => one.item)).map(([verb, items]) => {
    const group = seen.filter((one) => items.includes(one.item));
    const of = (wanted: Step['outcome']) => group.filter((one) => one.outcome === wanted).length;
    const extra = [
      of('already so') > 0 ? `${whole(of('already so'))} already so` : '',
      of('gone') > 0 ? `${whole(of('gone'))} gone before` : '',
      of('refused') + of('failed') > 0 ? `${whole(of('refused') + of('failed'))} not done` : '',
    ].filter(Boolean);
    const words = verbWords[verb];
    const said = (undoing ? words.undone : words.done).replace(
      '…',
      `${whole(of('done'))} of ${count(group.length, words.one, words.many)}`,
    );
    const where = verb === 'stop-compute' ? ` in ${regionWords(items.map((item) => item.place.region))}` : '';
    return `${said}${where}${extra.length > 0 ? `: ${extra.join(', ')}` : ''}`;
  });
  const followed = undoing ? [] : steps.filter((step) => step.followed).map((step) => step.item.resource);
  const added: Text[] = followed.length === 0 ? [] : [['Added by the rule, started after the question: ', ...codes(followed, 5)]];
  return { bad: seen.filter((one) => badOutcome(one.outcome)), counts, added };
}

function exceptions(bad: Seen[], most: number): Text[] {
  const named = bad
    .slice(0, Math.max(0, most))
    .map((one): Text => [{ code: shortName(one.item.resource) }, `: ${cut(one.why || 'no reason was given', 240)}`]);
  const left = bad.length - named.length;
  return left > 0
    ? [
        ...named,
        `${count(left, `${named.length > 0 ? 'more ' : ''}step was`, `${named.length > 0 ? 'more ' : ''}steps were`)} not done; Details names them.`,
      ]
    : named;
}

export const badOutcome = (outcome: Step['outcome'] | undefined): boolean => outcome === 'refused' || outcome === 'failed';

export function stepLine(step: Step): Text {
  const end = step.undone ? `; undone: ${step.undone.outcome}${step.undone.why ? ` (${cut(step.undone.why, 120)})` : ''}` : '';
  return [
    { time: step.at, as: 'clock' },
    ` ${cut(step.item.does, 160)}: ${step.outcome}${step.why ? ` (${cut(step.why, 160)})` : ''}${step.followed ? ', by the following rule' : ''}${end}`,
  ];
}

/** Steps whose effect still stands, as far as this story knows. */
export const standing = (incident: Incident): Step[] =>
  Object.values(incident.steps).filter((step) => isSo(step.outcome) && !isSo(step.undone?.outcome));

export const undoable = (incident: Incident): Step[] =>
  standing(incident).filter((step) => step.outcome === 'done' && step.item.undo !== 'none');

/** The plan whose steps stand in the story: the one in force, not one that is only asked about. */
export const planOf = (incident: Incident): Plan | undefined => incident.standing?.plan ?? incident.plan;

export const isUndo = (incident: Incident): boolean => {
  const plan = planOf(incident);
  return plan ? plan.kind === 'undo' : Object.values(incident.steps).some((step) => step.undone);
};
