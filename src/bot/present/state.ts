/** How a story stands: what it waits for, what came back, how it ended. Pure. */
import type { Time } from '../../checks/observation.ts';
import type { Incident } from '../incident.ts';
import type { Piece, Text } from '../message.ts';
import { approvers, nameOf } from '../people.ts';
import { isSo } from '../step.ts';
import { count, cut, dollars, listed, whole } from '../words.ts';
import { costs, type Running } from './money.ts';
import { actedHead, badOutcome, planOf } from './outcome.ts';
import { regionWords } from './pieces.ts';
import { planWords, saving } from './plan-words.ts';
import { actorName, type View } from './view.ts';

/** One or two lines: what the story waits for. `in`: a result already says who did what. */
export function stateLines(view: View, place: 'card' | 'result' = 'card'): Text[] {
  const { incident, policy, now } = view;
  const { plan, watch } = incident;
  const owner = incident.owner ? [` ${nameOf(policy, incident.owner.by)} is on it.`] : [];
  const why = whyNot(view);
  switch (incident.state) {
    case 'open': {
      const came: Text[] = cameBack(view).length > 0 ? [[{ bold: '▲ Came back: ' }, ...backWords(view)]] : [];
      const done: Text[] = acted(incident) && place === 'card' ? [actedHead(view)] : [];
      const taken: Text[] = incident.owner
        ? [[`${nameOf(policy, incident.owner.by)} is on it since `, { time: incident.owner.at, as: 'clock' }, '.']]
        : why
          ? []
          : ['Nobody has taken this yet.'];
      return [
        ...came,
        ...done,
        ...taken,
        ...(why ? [`${why} What must be done now has to be done by hand, in the provider’s own console.`] : []),
      ];
    }
    case 'planning':
      return [['The plan is being made: what it would touch is being read, nothing is changed by that.', ...owner]];
    case 'asking': {
      if (!plan) return [['A question is being written.', ...owner]];
      if (now >= plan.expiresAt)
        return [['The question ran out at ', { time: plan.expiresAt, as: 'clock' }, '; nothing was done by it.', ...owner]];
      const waits = plan.peopleNeeded > 1 ? `waits for an admin other than ${nameOf(policy, plan.askedBy)}` : 'waits for an admin';
      return [
        [
          `A question is open in the thread until `,
          { time: plan.expiresAt, as: 'clock' },
          `: ${planWords[plan.kind].short}, ${count(plan.items.length, 'step')}${saving(plan)}; ${waits}.`,
          ...owner,
        ],
      ];
    }
    case 'acting': {
      const of = plan?.items.length ?? 0;
      const steps = Object.values(incident.steps).filter((step) => plan?.items.some((item) => item.id === step.item.id));
      const finished = plan?.kind === 'undo' ? steps.filter((step) => step.undone) : steps;
      const failed = finished.filter((step) => badOutcome(plan?.kind === 'undo' ? step.undone?.outcome : step.outcome)).length;
      const followed = Object.values(incident.steps).filter((step) => step.followed).length;
      return [
        [
          { bold: plan?.kind === 'undo' ? 'Undoing: ' : 'Acting: ' },
          `${whole(Math.min(finished.length, of))} of ${count(of, 'step')} finished${failed > 0 ? `, ${whole(failed)} not done` : ''}${followed > 0 ? `, ${whole(followed)} added by the rule` : ''}.`,
        ],
      ];
    }
    case 'watching': {
      const head = place === 'card' ? [actedHead(view)] : [];
      const came: Text[] = cameBack(view).length > 0 ? [[{ bold: '▲ Came back: ' }, ...backWords(view)]] : [];
      const due = (watch?.looks ?? []).filter((look) => look.saw === undefined).map((look) => look.due);
      const saw = (watch?.looks ?? []).filter((look) => look.saw !== undefined);
      if (due.length === 0) return [...came, ...head];
      const last: Piece[] = saw.length > 0 ? [` Last time: ${cut(saw.at(-1)?.saw ?? '', 120)}.`] : [];
      const goal = planOf(incident)?.kind === 'contain' ? ' before it is called contained' : '';
      return [...came, ...head, ['Looking again at ', ...timeList(due), `${goal}.`, ...last]];
    }
    case 'resolved':
    case 'expected': {
      const { resolved } = incident;
      if (!resolved) return [incident.state === 'expected' ? 'Somebody said this is expected.' : 'Closed.'];
      const looked = (watch?.looks ?? []).filter((look) => look.saw !== undefined);
      if (watch?.containedAt && incident.state === 'resolved' && !resolved.by) {
        const looks = looked.length > 0 ? ` in ${count(looked.length, 'look')}` : '';
        const isWhole =
          !Object.values(incident.steps).some((step) => badOutcome(step.outcome)) && (planOf(incident)?.holes ?? []).length === 0;
        return [
          ...(place === 'card' ? [actedHead(view)] : []),
          [
            `Nothing came back${looks} until `,
            { time: watch.containedAt, as: 'clock' },
            `.${isWhole ? ' Nothing more need be done here.' : ''}`,
          ],
        ];
      }
      const by = resolved.by ? ` by ${nameOf(policy, resolved.by)}` : '';
      const verb = incident.state === 'expected' ? `Said to be expected${by}` : `Closed${by}`;
      // What a button says by itself is not said again.
      const reason = resolved.by ? '' : `: ${cut(resolved.why, 200)}`;
      const { running, perHour } = costs(view);
      const goesOn =
        running.length > 0
          ? `${count(running.length, 'instance')} of it still ${running.length === 1 ? 'runs' : 'run'}${perHour > 0 ? `, at ${dollars(perHour)} an hour` : ''}.`
          : 'Nothing more need be done.';
      return [[`${verb} at `, { time: resolved.at, as: 'clock' }, `${reason}. ${goesOn}`]];
    }
    case 'joined':
      return [['Two stories proved to be one. It goes on in ', { code: incident.joinedInto ?? '?' }, '; there is nothing to press here.']];
    default:
      return incident.state satisfies never;
  }
}

/** Why there are no action buttons; undefined when there may be. */
export function whyNot(view: View): string | undefined {
  if (approvers(view.policy).length === 0) return 'Nobody is configured who may approve, so this bot only observes (config → people).';
  if (view.policy.actions === 'off') return 'Acting is switched off (actions: off): there are no buttons to stop or revoke.';
  return view.cannotAct ? cut(view.cannotAct, 240) : undefined;
}

/** What runs although steps were taken: started since the first of them. */
export function cameBack(view: View): Running[] {
  const first = Object.values(view.incident.steps)
    .filter((step) => !isSo(step.undone?.outcome))
    .map((step) => step.at)
    .sort()[0];
  const late = new Set(
    view.machines.filter((machine) => first !== undefined && machine.startedAt > first).map((machine) => machine.resource),
  );
  return costs(view).running.filter((machine) => late.has(machine.resource));
}

function backWords(view: View): Piece[] {
  const back = cameBack(view);
  const starters = [...new Set(back.map((machine) => view.startedBy[machine.resource]).filter((subject) => subject !== undefined))];
  const by =
    starters.length > 0
      ? `, started by ${listed(
          starters.map((subject) => actorName(view.incident, subject)),
          2,
        )}`
      : '';
  return [`${count(back.length, 'instance')} in ${regionWords(back.map((machine) => machine.region))}${by}.`];
}

const timeList = (times: Time[]): Piece[] =>
  times.slice(0, 4).flatMap((time, at): Piece[] => (at === 0 ? [{ time, as: 'clock' }] : [', ', { time, as: 'clock' }]));

export const isOver = (incident: Incident): boolean =>
  incident.state === 'resolved' || incident.state === 'expected' || incident.state === 'joined';

export function ending(incident: Incident): string {
  if (incident.state === 'expected') return 'Expected';
  return incident.watch?.containedAt ? 'Contained' : 'Closed';
}

export const acted = (incident: Incident): boolean => Object.keys(incident.steps).length > 0;
