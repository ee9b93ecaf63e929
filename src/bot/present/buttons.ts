/** The buttons of the card, and the form behind one of them. Pure. */
import { type Meant, mean } from '../button.ts';
import type { Plan } from '../incident.ts';
import type { Form } from '../message.ts';
import { approvers } from '../people.ts';
import { count, isPassword, rate } from '../words.ts';
import { isIdentity } from './headline.ts';
import type { Costs } from './money.ts';
import { standing, undoable } from './outcome.ts';
import { cameBack, whyNot } from './state.ts';
import type { View } from './view.ts';

export function cardButtons(view: View, money: Costs): Meant[] {
  const { incident } = view;
  const id = incident.id;
  const detail = mean({ kind: 'details', incident: id }, 'Details', 'plain');
  const resolve = mean({ kind: 'resolve', incident: id }, 'Close: resolved', 'plain');
  const undo = undoable(incident).length > 0 && !whyNot(view) ? [mean({ kind: 'ask', incident: id, want: 'undo' }, 'Undo …', 'plain')] : [];
  switch (incident.state) {
    case 'joined':
      return [];
    case 'resolved':
    case 'expected':
      return [...undo, detail];
    case 'planning':
    case 'asking':
    case 'acting':
      return [...(incident.owner ? [] : [mean({ kind: 'take', incident: id }, 'I am on it', 'plain')]), detail];
    case 'watching':
      return [...(money.running.length > 0 ? actions(view, money) : []), ...undo, resolve, detail];
    case 'open':
      return [
        ...actions(view, money),
        ...(incident.owner ? [] : [mean({ kind: 'take', incident: id }, 'I am on it', 'plain')]),
        ...(approvers(view.policy).length > 0
          ? [mean({ kind: 'expected', incident: id }, 'This is expected …', 'plain', expectedForm(money.perHour))]
          : []),
        ...undo,
        resolve,
        detail,
      ];
    default:
      return incident.state satisfies never;
  }
}

function actions(view: View, money: Costs): Meant[] {
  if (whyNot(view)) return [];
  const { incident } = view;
  const remedies = Object.values(incident.findings)
    .filter((finding) => finding.state === 'active')
    .flatMap((finding) => finding.remedies);
  const stops = remedies.some((remedy) => remedy.kind === 'stop-compute') && money.running.length > 0;
  const shut = new Set(standing(incident).map((step) => `${step.item.verb} ${step.item.resource}`));
  // As the plan does: what the findings call for, and whoever the links have named since.
  const keys = new Set(
    [
      ...remedies.flatMap((remedy) => (remedy.kind === 'disable-credential' ? [remedy.credential] : [])),
      ...incident.subjects.filter((subject) => subject.startsWith('credential:')),
    ].filter((key) => !isPassword(key) && !shut.has(`disable-credential ${key}`)),
  );
  const denies =
    remedies.some((remedy) => remedy.kind === 'deny-principal' && !shut.has(`${remedy.kind} ${remedy.principal.subject}`)) ||
    incident.subjects.some((subject) => subject.startsWith('principal:') && !shut.has(`deny-principal ${subject}`));
  const cuts = keys.size > 0 || denies;
  const less = money.perHour > 0 ? `  −${rate(money.perHour)}` : '';
  const isKnown = incident.subjects.some(isIdentity);
  const contain = cameBack(view).length > 0 ? 'Contain these too' : cuts || !isKnown ? 'Contain everything' : 'Contain what is left';
  const ask = (want: Plan['kind'], label: string, style: 'danger' | 'primary' | 'plain') =>
    mean({ kind: 'ask', incident: incident.id, want }, label, style);
  return [
    ...(stops || cuts ? [ask('contain', `${contain}${less}`, 'danger')] : []),
    // With nobody left to cut off, containing is stopping: one button says it. Whoever is not known yet is cut off once the log names them.
    ...(stops && (cuts || !isKnown) ? [ask('stop', `Stop ${count(money.running.length, 'instance')}${less}`, 'plain')] : []),
    ...(cuts
      ? [ask('revoke', keys.size > 1 ? `Revoke ${keys.size} keys` : keys.size === 1 ? 'Revoke the key' : 'Shut out who did it', 'plain')]
      : []),
  ];
}

/** The form behind "This is expected": values come back as `cap` (USD an hour, above which it alarms again) and `days` (1 to 30). */
function expectedForm(usdPerHour: number): Form {
  const cap = Math.min(100_000, Math.max(1, Math.ceil(usdPerHour)));
  return {
    title: 'This is expected',
    submit: 'It is expected',
    fields: [
      {
        id: 'cap',
        label: 'Up to how many USD an hour',
        kind: 'number',
        min: 0,
        max: 100_000,
        initial: cap,
        hint: 'Above this it alarms again',
      },
      { id: 'days', label: 'For how many days', kind: 'number', min: 1, max: 30, initial: 7, hint: 'At most 30' },
    ],
  };
}
