/**
 * Over the days: is an anomaly news, or what people were told already? It joins an open story when it is in the same account and shares a
 * leaf with it. Then it is told once more only when it is more severe, or twice as dear. Four days without an anomaly close a story.
 */
import type { Severity } from '../observation.ts';

export type Told = {
  day: number;
  account: string;
  severity: Severity;
  /** A day. */
  excess: number;
  leaves: readonly { account: string; service: string; region: string; usage?: string }[];
};
export type News = 'new' | 'more severe' | 'twice as much' | undefined;
type Story = { number: number; firstDay: number; lastDay: number; leaves: Set<string>; severity: Severity; excess: number };

const quietDays = 4;

/** Hand in the anomalies in the order in which they become known. */
export function createTelling(): {
  isNews(anomaly: Told): News;
  /** The same, and which story it is: they are counted from 0. */
  follow(anomaly: Told): { news: News; story: number };
} {
  let open: Story[] = [];
  let count = 0;
  return { isNews: (anomaly) => follow(anomaly).news, follow };

  function follow({ day, severity, excess, leaves }: Told): { news: News; story: number } {
    open = open.filter(({ lastDay }) => day - lastDay <= quietDays);
    const keys = leaves.map(keyOf);
    const story = open.find((one) => keys.some((key) => one.leaves.has(key)));
    if (!story) {
      open.push({ number: count++, firstDay: day, lastDay: day, leaves: new Set(keys), severity, excess });
      return { news: 'new', story: count - 1 };
    }
    for (const key of keys) story.leaves.add(key);
    story.lastDay = Math.max(story.lastDay, day);
    const isWorse = rank[severity] > rank[story.severity];
    // Its first day is hardly ever a whole one: the second says how much it is.
    const isTwice = excess >= 2 * story.excess && day > story.firstDay + 1;
    if (isWorse) story.severity = severity;
    if (isTwice || day <= story.firstDay + 1) story.excess = Math.max(story.excess, excess);
    return { news: isWorse ? 'more severe' : isTwice ? 'twice as much' : undefined, story: story.number };
  }
}

const rank: Record<Severity, number> = { info: 0, low: 1, medium: 2, high: 3, critical: 4 };
const keyOf = ({ account, service, region, usage = '' }: Told['leaves'][number]): string => `${account}\n${service}\n${region}\n${usage}`;
