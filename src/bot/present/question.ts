/** The question before acting. Pure. */
import { mean } from '../button.ts';
import type { Plan } from '../incident.ts';
import type { Part, Text } from '../message.ts';
import { approvers, nameOf } from '../people.ts';
import { count, cut, dollars, duration, listed, rate } from '../words.ts';
import { isIdentity } from './headline.ts';
import { logBehind } from './looks.ts';
import { costs } from './money.ts';
import { oneLine } from './pieces.ts';
import { holesParts, planLines, planNotes, planWords } from './plan-words.ts';
import { accountsOf, approvedBy, type Shown, type View } from './view.ts';

/** The question before acting: the whole plan, what is left alone, until when it holds, and two buttons. Closed, it keeps the plan and says how it ended. */
export function question(view: View): Shown {
  const { incident, policy, now } = view;
  const { plan } = incident;
  if (!plan) {
    const text = 'This question is closed: there is no plan any more. The card says how things stand.';
    return { message: { summary: cut(`${incident.id}: the question is closed`, 110), parts: [{ kind: 'text', text }] }, buttons: [] };
  }
  const open = incident.state === 'asking' && now < plan.expiresAt;
  const buttons = open
    ? [
        mean(
          { kind: 'approve', incident: incident.id, plan: plan.id, hash: plan.hash },
          planWords[plan.kind].button,
          plan.kind === 'undo' ? 'primary' : 'danger',
        ),
        mean({ kind: 'decline', incident: incident.id, plan: plan.id, hash: plan.hash }, 'Not now', 'plain'),
      ]
    : [];
  const limits = open ? limitsOf(view, plan) : undefined;
  const parts: Part[] = [
    { kind: 'header', text: `${planWords[plan.kind].asks} ${incident.id} in ${accountsOf(view, plan.items).join(', ') || 'no account'}?` },
    { kind: 'list', ordered: true, items: planLines(plan) },
    ...(limits ? [{ kind: 'text' as const, text: [{ bold: limits.first }, ` ${limits.rest}`] }] : []),
    ...planNotes(plan, now).map((text): Part => ({ kind: 'text', text })),
    ...holesParts('What stays open:', plan.holes),
    ...(open ? askingLines(view, plan) : [{ kind: 'text' as const, text: closedWords(view, plan) }]),
    ...(buttons.length > 0 ? [{ kind: 'buttons' as const, buttons: buttons.map((meant) => meant.button) }] : []),
  ];
  const saves = plan.usdPerHour > 0 && plan.kind !== 'undo' ? `, saves ${rate(plan.usdPerHour)}` : '';
  const waits = `${planWords[plan.kind].asks} ${incident.id}? ${count(plan.items.length, 'step')}${saves}`;
  const other = plan.peopleNeeded > 1 ? ` other than ${nameOf(policy, plan.askedBy)}` : '';
  const needs = policy.people.length > 0 ? ` · waits for an admin${other}` : '';
  return { message: { summary: oneLine(`${waits}${open ? needs : ' · closed'}`, 110), parts }, buttons };
}

/** What one might think the plan does and it does not; undefined when there is nothing of the kind. */
function limitsOf(view: View, plan: Plan): { first: string; rest: string } | undefined {
  const { incident } = view;
  const { running, perHour } = costs(view);
  if (plan.kind === 'revoke' && running.length > 0) {
    const goOn = `${count(running.length, 'instance')} ${running.length === 1 ? 'goes' : 'go'} on running`;
    return { first: 'This stops no machine:', rest: `${goOn}${perHour > 0 ? `, at ${dollars(perHour)} an hour` : ''}.` };
  }
  const isKnown = incident.subjects.some(isIdentity) || incident.actors.length > 0;
  if (plan.kind === 'stop') {
    const who = isKnown ? 'whoever started them is not cut off' : 'who started them is not known yet';
    return { first: 'This stops machines only:', rest: `${who} and can start more.` };
  }
  if (plan.kind !== 'contain' || isKnown) return undefined;
  const first = 'Who started these machines is not known yet:';
  const behind = logBehind(view);
  if (behind === 'unread')
    return { first, rest: 'the log that names them cannot be read. Until it can, they are not cut off and can start more.' };
  const late = behind === 'unknown' ? '' : ` (events ${duration(behind.seconds)} behind)`;
  return {
    first,
    rest: `the log has not named them${late}. When it does, this plan cuts them off as well; until then they can start more.`,
  };
}
function askingLines(view: View, plan: Plan): Part[] {
  const { policy } = view;
  const starts = plan.kind === 'undo' && plan.usdPerHour > 0 ? `This costs ${dollars(plan.usdPerHour)} an hour again. ` : '';
  const saves = plan.kind !== 'undo' && plan.usdPerHour > 0 ? `Saves ${dollars(plan.usdPerHour)} an hour. ` : '';
  const asker = nameOf(policy, plan.askedBy);
  const two =
    plan.peopleNeeded > 1
      ? `Above ${rate(policy.twoPeopleAboveUsdPerHour)} it takes two people: ${asker} asked, somebody else must approve. `
      : `${asker} asked. `;
  const admins = approvers(policy)
    .filter((person) => plan.peopleNeeded < 2 || person.id !== plan.askedBy)
    .map((person) => person.name);
  return [
    {
      kind: 'text',
      text: [`${saves}${starts}This plan is valid until `, { time: plan.expiresAt, as: 'clock' }, '. No answer means nothing is done.'],
    },
    {
      kind: 'text',
      text: `${two}May approve: ${listed(admins, 6) || 'nobody'}. Whoever does acts in their own name; it goes into the audit log and the provider’s log.`,
    },
  ];
}

/** How a question that is no longer open ended. */
function closedWords(view: View, plan: Plan): Text {
  const { incident, now } = view;
  const names = approvedBy(view, plan);
  if (names.length > 0) return `Approved by ${listed(names)}. The card shows what came of it.`;
  if (now >= plan.expiresAt)
    return ['This question ran out at ', { time: plan.expiresAt, as: 'clock' }, '. Nothing was done by it; ask again on the card.'];
  return incident.state === 'joined'
    ? ['Closed: the story is part of ', { code: incident.joinedInto ?? '?' }, ' now.']
    : 'Closed: nothing was done by it. Ask again on the card.';
}
