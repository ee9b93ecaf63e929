/** A story after its plan was carried out: what is said, and what each look after it means. Pure. */
import type { Time } from '../checks/observation.ts';
import type { Advanced, Effect, Happening, Incident, Step } from './incident.ts';
import { again, nudged, plus, resolve, show, told, withoutPlan } from './moves.ts';
import { nameOf, type Policy } from './people.ts';
import { isSo } from './step.ts';
import { addMinutes, later } from './time.ts';

/** So often at most somebody is called for what the approved plan does not cover. */
const mostOftenMinutes = 15;

export function acted(before: Incident, incident: Incident, at: Time, policy: Policy, interrupted?: string): Advanced {
  if (before.state !== 'acting' || !before.plan) return { incident: before, effects: [] };
  const { plan } = before;
  const by = before.approvals.map((approval) => nameOf(policy, approval.by)).join(' and ');
  if (plan.kind === 'undo') {
    const { standing: _, watch: __, resolved: ___, ...rest } = incident;
    const left = plan.items.filter((item) => !isSo(incident.steps[item.id]?.undone?.outcome)).length;
    const text =
      left === 0
        ? `${by} undid what was done. The story is open again.`
        : `${by} undid ${plan.items.length - left} of ${plan.items.length} steps; ${left} not, see the card. The story is open again.`;
    return told(
      { ...withoutPlan(rest), state: 'open' },
      at,
      interrupted ? `${interrupted} ${text}` : text,
      left > 0 || interrupted !== undefined,
    );
  }
  const wrong = plan.items.filter((item) => !isDone(incident.steps[item.id]));
  const until = later(plan.follows?.until ?? plan.shutBy, addMinutes(plan.shutBy, 30));
  const dues = [1, 5, 15, 30].map((minutes) => addMinutes(at, minutes)).filter((due) => due < until);
  const looks = [...dues, later(until, addMinutes(at, 30))].map((due) => ({ due }));
  const words =
    wrong.length === 0
      ? `${by} approved: ${plan.items.length} of ${plan.items.length} steps done. Looking again until nothing comes back.`
      : `${by} approved: ${plan.items.length - wrong.length} of ${plan.items.length} steps done; ${wrong.length} not, see the card.`;
  const watching: Incident = {
    ...incident,
    state: 'watching',
    watch: { looks },
    // Another plan was approved: whatever that one does not cover is told anew.
    ...(incident.uncovered ? { uncovered: { ...incident.uncovered, situations: [] } } : {}),
  };
  return plus(
    told(watching, at, interrupted ? `${interrupted} ${words}` : words, wrong.length > 0 || interrupted !== undefined),
    looks.map((look) => again(before.standing?.plan ?? plan, look.due)),
  );
}

export function looked(before: Incident, incident: Incident, happening: Extract<Happening, { kind: 'looked' }>, policy: Policy): Advanced {
  const { standing, watch } = before;
  const { at, due, back, more, saw } = happening;
  if (!standing || !watch || before.state === 'joined') return { incident: before, effects: [] };
  const looks = watch.looks.map((look) => (look.due === due ? { ...look, saw } : look));
  const followed = Object.values(before.steps).filter((step) => step.followed).length;
  const room = Math.max(0, (standing.plan.follows?.most ?? 0) - followed);
  const isPaused = policy.actions === 'off';
  const within = !isPaused && at <= (standing.plan.follows?.until ?? standing.plan.executeBefore);
  const taken = within ? more.filter((item) => !isDone(before.steps[item.id])).slice(0, room) : [];
  const beyond = happening.beyond + more.length - taken.length + (within ? 0 : back.length);
  const items = [...(within ? back : []), ...taken];
  const steps = { ...before.steps };
  // What somebody undid, or failed, is done again: its step is open once more.
  const begun = { ...before.begun };
  const earlier = { ...before.earlier };
  for (const { id } of items) {
    if (steps[id]) earlier[id] = steps[id];
    delete steps[id];
    delete begun[id];
  }
  const watched: Incident = { ...incident, watch: { ...watch, looks }, steps, begun, earlier };
  const isLast = looks.every((look) => look.saw !== undefined);

  if (items.length > 0) {
    const next = isLast ? [addMinutes(at, 5)] : [];
    const after: Incident = { ...watched, watch: { looks: [...looks, ...next.map((time) => ({ due: time }))] } };
    const follow: Effect = { kind: 'follow', plan: standing.plan.id, items };
    return plus(nudged(after, at, `Came back: ${saw}.${uncovered(beyond)}`, true), [
      follow,
      ...next.map((time) => again(standing.plan, time)),
    ]);
  }
  const before_ = watch.looks.filter((look) => look.saw !== undefined).at(-1)?.saw;
  const open = isPaused && beyond > 0 ? ' Acting is paused: nothing is done about it.' : uncovered(beyond);
  if (beyond > 0 && !isLast) return notOver(watched, at, `Not over: ${saw}.${open}`, saw !== before_);
  if (!isLast || before.state !== 'watching') return show(watched);
  if (beyond > 0 || saw.startsWith('could not see'))
    return nudged({ ...watched, state: 'open' }, at, `Not contained: ${saw}.${open}`, true);
  const contained: Incident = { ...watched, watch: { looks, containedAt: at } };
  const text = 'Contained: nothing came back in any look since.';
  const whole = standing.plan.kind === 'contain';
  return told(whole ? resolve(contained, at, 'contained and watched') : { ...contained, state: 'open' }, at, text, false);
}

/** Somebody is called once for each situation and at most every quarter of an hour; what is new in between is said without calling. */
function notOver(incident: Incident, at: Time, text: string, isNews: boolean): Advanced {
  const { mentionedAt, situations } = incident.uncovered ?? { mentionedAt: '', situations: [] };
  if (!situations.includes(text) && at >= (mentionedAt && addMinutes(mentionedAt, mostOftenMinutes)))
    return nudged({ ...incident, uncovered: { mentionedAt: at, situations: [...situations, text].slice(-20) } }, at, text, true);
  return isNews ? nudged(incident, at, text, false) : show(incident);
}

const uncovered = (beyond: number): string => (beyond > 0 ? ' The approved plan does not cover this: ask for a new one.' : '');

/** A story that is being watched is looked at at once when more is seen to belong to it. */
export function lookSoon(incident: Incident, at: Time): Advanced {
  const { watch, standing } = incident;
  if (incident.state !== 'watching' || !watch || !standing) return show(incident);
  if (watch.looks.some((look) => look.saw === undefined && look.due <= addMinutes(at, 1))) return show(incident);
  const looks = [...watch.looks, { due: at }].sort((a, b) => (a.due < b.due ? -1 : 1));
  return plus(show({ ...incident, watch: { ...watch, looks } }), [again(standing.plan, at)]);
}

const isDone = (step: Step | undefined): boolean => step !== undefined && step.outcome !== 'failed' && step.outcome !== 'refused';
