/** Why nothing was done, told privately to the one who pressed. Pure. */
import type { Refusal } from '../approval.ts';
import type { Message, Text } from '../message.ts';
import type { Person } from '../people.ts';
import { count, cut, duration, listed, rate, whole } from '../words.ts';
import { oneLine, plain } from './pieces.ts';

/** A refusal in plain words, private to the one who pressed. Says what can be done instead, or that nothing was done. */
export function refusal(refused: Refusal): Message {
  const text = refusalText(refused);
  return { summary: oneLine(plain(text), 110), parts: [{ kind: 'text', text }] };
}

function refusalText(refused: Refusal): Text {
  switch (refused.kind) {
    case 'not-approver':
      return [
        `Only admins may do this, and you are not one here. ${adminsAre(refused.approvers)} (You are `,
        { code: refused.id },
        ' in config → people, as a responder.) Nothing was done.',
      ];
    case 'stranger':
      return [
        `Only people of the configuration may do this. ${adminsAre(refused.approvers)} (Your id `,
        { code: refused.id },
        ' is not in config → people.) Nothing was done.',
      ];
    case 'already':
      return `${refused.by} already did this ${duration(refused.secondsAgo)} ago. Nothing was done twice.`;
    case 'plan-old':
      return `This plan is older than ${count(refused.minutes, 'minute')}, so nothing was done. Ask again on the card: a fresh one is read.`;
    case 'plan-changed':
      return 'This is not the plan that is asked about now. The newest question in the thread is; nothing was done.';
    case 'asked-yourself':
      return `You asked for this, so somebody else has to approve it (rule: two people above ${rate(refused.limitUsd)}).`;
    case 'observe-only':
      return 'Nobody is configured who may approve, so this bot only observes. Name an admin in config → people and start it again.';
    case 'actions-off':
      return 'Acting is switched off (actions: off, or paused with pause-actions). Nothing was done; alerts go on.';
    case 'too-many':
      return `This would touch ${whole(refused.count)} resources; the limit is ${whole(refused.most)} (config → approval → mostResources). Nothing was done: stop or revoke alone, or raise the limit.`;
    case 'stale':
      return 'This has moved on since that message was written. The card shows how it stands now; nothing was done.';
    case 'joined':
      return ['This story is part of ', { code: refused.into }, ' now. Please decide there; nothing was done.'];
    case 'busy':
      return `One thing at a time: ${cut(refused.doing, 160)}. Nothing was done twice; the card shows how far it is.`;
    default:
      return refused satisfies never;
  }
}

const adminsAre = (people: Person[]): string =>
  people.length === 0
    ? 'No admin is configured: this bot only observes.'
    : `${people.length === 1 ? 'Admin' : 'Admins'}: ${listed(
        people.map((person) => person.name),
        6,
      )}.`;
