/** What the picture of a money story shows: the series day by day, between what an ordinary day would have stayed, and what was more. Pure. */
import type { CourseDay } from '../checks/spend/judge.ts';
import { addDays, count, dayAndMonth, money } from './words.ts';

export type StoryChart = {
  title: string;
  subtitle: string;
  currency: string;
  /** UTC days in order, without a hole. */
  days: StoryChartDay[];
  /** What the picture shows, in words. */
  alt: string;
};
export type StoryChartDay = CourseDay & {
  /** Out of the ordinary: its excess is drawn. */
  isStory: boolean;
  /** False: nothing is known of the day, which is another thing than nothing spent. */
  isKnown: boolean;
  /** The day was not over when it was read. */
  isPartial: boolean;
};

/** Days of history before the story, and days after it. */
const before = 42;
const after = 10;
const mostDays = 120;

/** The first and last day to be drawn of a story; `from` and `to` are the first and last that are known. */
export function storyWindow(story: { first: string; last: string }, from: string, to: string): { from: string; to: string } {
  const start = addDays(story.first, -before);
  const end = addDays(story.last, after);
  const first = start < from ? from : start;
  const most = addDays(first, mostDays - 1);
  const last = end > to ? to : end;
  return { from: first, to: last > most ? most : last };
}

/** `what`: "Amazon EC2 in ap-northeast-1 · production". Undefined when there is no day to draw. */
export function storyChart(options: {
  what: string;
  currency: string;
  course: readonly CourseDay[];
  /** Days out of the ordinary. */
  days: ReadonlySet<string>;
  /** Days of which nothing is known. */
  gaps: ReadonlySet<string>;
  partial?: string;
}): StoryChart | undefined {
  const { what, currency, course, days: storyDays, gaps, partial } = options;
  const [first, last] = [course[0]?.day, course.at(-1)?.day];
  if (first === undefined || last === undefined) return undefined;
  const days = course.map(
    (one): StoryChartDay => ({ ...one, isStory: storyDays.has(one.day), isKnown: !gaps.has(one.day), isPartial: one.day === partial }),
  );
  const own = days.filter(({ isStory }) => isStory);
  const excess = own.reduce((sum, { spent, expected }) => sum + Math.max(0, spent - expected), 0);
  const usualDays = days.filter(({ isStory, isKnown }) => !isStory && isKnown);
  const most = usualDays.reduce((top, { spent }) => Math.max(top, spent), 0);
  const peak = own.reduce<StoryChartDay | undefined>((top, one) => (top && top.spent >= one.spent ? top : one), undefined);
  const missing = days.filter(({ isKnown }) => !isKnown).length;
  const when = own.length === 0 ? '' : span(own[0]!.day, own.at(-1)!.day);
  const subtitle =
    own.length === 0
      ? 'nothing out of the ordinary in these days'
      : `${money(excess, currency)} more than usual on ${count(own.length, 'day')}, ${when}`;
  const alt =
    `Cost by UTC day of ${what}, ${span(first, last)}: ` +
    (peak
      ? `${money(excess, currency)} more than usual on ${count(own.length, 'day')} (${when}), at most ${money(peak.spent, currency)} on ${dayAndMonth(peak.day)} where ${money(peak.expected, currency)} was usual; on other days at most ${money(most, currency)}.`
      : `at most ${money(most, currency)} a day, nothing out of the ordinary.`) +
    (missing > 0 ? ` Nothing is known of ${count(missing, 'day')}.` : '') +
    (days.some(({ isPartial }) => isPartial) ? ' The last day is not over.' : '');
  return { title: what, subtitle, currency, days, alt };
}

const span = (first: string, last: string): string =>
  first === last ? dayAndMonth(first) : `${dayAndMonth(first)} to ${dayAndMonth(last)}`;
