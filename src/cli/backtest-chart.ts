/** The picture of one story of a backtest. */
import { writeFile } from 'node:fs/promises';
import { openPainter } from '../adapters/chart/story-painter.ts';
import { mostLeaves, type SpendStory } from '../bot/backtest.ts';
import { rank } from '../bot/severity.ts';
import { type StoryChart, storyChart, storyWindow } from '../bot/story-chart.ts';
import { cut, listed } from '../bot/words.ts';
import { dayNumber } from '../checks/spend/days.ts';
import type { Ended } from './backtest.ts';

/** Of the story with that number, else of the greatest one. Returns why there is none. */
export async function drawStory(
  file: string,
  number: number | undefined,
  ended: readonly Ended[],
  nameOf: (account: string) => string,
): Promise<string | undefined> {
  const stories = ended.flatMap((own) => own.stories.map((story) => ({ own, story })));
  const greatest = [...stories].sort((a, b) => rank(b.story.severity) - rank(a.story.severity) || b.story.excess - a.story.excess)[0];
  const chosen = number === undefined ? greatest : stories.find(({ story }) => story.number === number);
  if (!chosen) return number === undefined ? 'nothing was out of the ordinary.' : `there is no story ${number}.`;
  const chart = chartOf(chosen.own, chosen.story, nameOf);
  if (!chart) return 'the story has no days.';
  const painter = openPainter();
  try {
    await writeFile(file, (await painter.draw(chart)).png);
  } finally {
    await painter.close();
  }
  return undefined;
}

function chartOf(
  { bill, test, gaps, firstDay, lastDay }: Ended,
  story: SpendStory,
  nameOf: (account: string) => string,
): StoryChart | undefined {
  const days = story.days.map(({ day }) => day);
  const { from, to } = storyWindow({ first: days[0]!, last: days.at(-1)! }, firstDay, lastDay);
  const isPartial = bill.until > 0 && bill.until < (dayNumber(lastDay) + 1) * 86_400_000 - 1000;
  return storyChart({
    what: whatOf(story, nameOf),
    currency: bill.currency,
    course: test.course(story, from, to),
    days: new Set(days),
    gaps: new Set(gaps),
    ...(isPartial ? { partial: lastDay } : {}),
  });
}

/** "Amazon EC2 in ap-northeast-1 and sa-east-1 · production": the series that is drawn, which may be wider than the story. */
function whatOf(story: SpendStory, nameOf: (account: string) => string): string {
  const isSum = story.leaves.size > mostLeaves;
  const services = [...story.services].map((name) => cut(name, 40));
  const regions = [...story.regions].filter((region) => region !== 'global');
  const what = services.length > 3 ? (isSum ? 'All services' : `${services.length} services`) : listed(services);
  const where = regions.length === 0 ? '' : regions.length > 3 ? ` in ${isSum ? 'all' : regions.length} regions` : ` in ${listed(regions)}`;
  return `${what}${where} · ${cut(listed([...story.accounts].map(nameOf), 2), 40)}`;
}
