/** What is set down as expected, as the digest tells it. Pure. */
import type { Text } from '../message.ts';
import { expectationLine, hidInWords } from '../present/expected.ts';
import { dayIn, weekdayOf, whole } from '../words.ts';
import type { DigestInput } from './input.ts';

/** What somebody said is expected, and how much it has hidden: a suppression nobody looks at is a hole. On Mondays all of it, by name. */
export function expectedLines(input: DigestInput): Text[] {
  const isWeekly = weekdayOf(dayIn(input.now, input.zone)) === 'Monday';
  const most = isWeekly ? 15 : 5;
  const more = input.expectations.length - most;
  return [
    ...input.expectations
      .slice(0, most)
      .map(
        (one): Text => [
          ...[expectationLine(one, input.policy)].flat(),
          isWeekly ? `; ${hidInWords(one)}` : `; hid ${whole(one.hid)} so far`,
        ],
      ),
    ...(more > 0 ? [`and ${whole(more)} more: /warden expected lists them`] : []),
  ];
}
