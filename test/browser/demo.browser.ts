/** The demo as a newcomer meets it: the real bot, the simulated account, the real store, the page in a real browser. */
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readScenario } from '../../src/adapters/simulated/scenario.ts';
import { openDemo } from '../../src/cli/demo.ts';
import { launch } from './support/browser.ts';

type Demo = Awaited<ReturnType<typeof openDemo>>;

let browser: Browser;
let demo: Demo;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await demo.stop();
});

const stolenKey = 'AKIAIOSFODNN7EXAMPLE';
const patience = { timeout: 90_000 };

describe('the demo', () => {
  it('goes from alert to contained by keyboard alone, and back by Undo', { timeout: 300_000 }, async () => {
    demo = await open('stolen-key');
    const page = await enter('ada');
    await whoIsKnown(page);
    expect(demo.simulated.state.key(stolenKey)).toBe('Active');
    const attacked = intruders().length;
    expect(attacked).toBeGreaterThan(0);

    await tabTo(page, /^Contain everything/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Contain INC-1 in/ }).waitFor(patience);
    await page.getByText('Slowed to your own time while a question waits').waitFor(patience);
    expect(demo.simulated.state.key(stolenKey)).toBe('Active');
    await tabTo(page, /^Contain$/);
    await page.keyboard.press('Enter');
    await page
      .getByText(/^Done by Ada|▣ Done by Ada/)
      .first()
      .waitFor(patience);
    await expect.poll(() => intruders().length, patience).toBe(0);
    expect(demo.simulated.state.key(stolenKey)).toBe('Inactive');
    await page.getByText('of the account’s time before it is called contained').waitFor(patience);

    await chooseSpeed(page, '300');
    await page
      .getByRole('heading', { name: /^Contained: / })
      .first()
      .waitFor(patience);
    await page.getByText('Contained. Try “Undo …” on the card').waitFor(patience);
    await chooseSpeed(page, '60');

    await tabTo(page, /^Undo …$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Undo what was done in INC-1/ }).waitFor(patience);
    expect(demo.simulated.state.key(stolenKey)).toBe('Inactive');
    await tabTo(page, /^Undo$/);
    await page.keyboard.press('Enter');
    await expect.poll(() => demo.simulated.state.key(stolenKey), patience).toBe('Active');
    await expect.poll(() => intruders().length, patience).toBeGreaterThanOrEqual(attacked);
  });

  it('does a thing once however often its button is pressed, and refuses whoever may not approve', { timeout: 200_000 }, async () => {
    demo = await open('stolen-key');
    const ada = await enter('ada');
    const grace = await enter('grace');
    await whoIsKnown(ada);

    await card(grace)
      .getByRole('button', { name: /^Contain everything/ })
      .click();
    const contain = (page: Page) => page.getByRole('button', { name: 'Contain', exact: true });
    await contain(grace).waitFor(patience);
    await contain(grace).click();
    await grace.locator('.private', { hasText: 'Only admins may do this' }).waitFor(patience);
    expect(demo.simulated.state.key(stolenKey)).toBe('Active');

    await contain(ada).waitFor(patience);
    const late = await enterDeaf('ada');
    await contain(late).waitFor(patience);
    await contain(ada).dblclick();
    await expect.poll(() => demo.simulated.state.key(stolenKey), patience).toBe('Inactive');
    await expect.poll(() => intruders().length, patience).toBe(0);
    const steps = await stepsDone();
    await contain(late).click();
    await late
      .locator('.private')
      .getByText(/already did this|has moved on|One thing at a time/)
      .waitFor(patience);

    expect(await stepsDone()).toEqual(steps);
  });

  it('refuses an answer to a question that has run out, and says so in plain words', { timeout: 200_000 }, async () => {
    demo = await open('stolen-key');
    const page = await enter('ada');
    await whoIsKnown(page);
    await card(page)
      .getByRole('button', { name: /^Contain everything/ })
      .click();
    const contain = (of: Page) => of.getByRole('button', { name: 'Contain', exact: true });
    await contain(page).waitFor(patience);
    const late = await enterDeaf('ada');
    await contain(late).waitFor(patience);

    await chooseSpeed(page, '300');
    const { plan } = (await demo.store.incident('INC-1'))!;
    await expect.poll(() => demo.clock.now() > plan!.expiresAt, patience).toBe(true);
    await contain(page).waitFor({ state: 'detached', ...patience });
    await contain(late).click();

    await late
      .locator('.private')
      .getByText(/older than 15 minutes|has moved on/)
      .waitFor(patience);
    expect(demo.simulated.state.key(stolenKey)).toBe('Active');
    expect(await stepsDone()).toEqual([]);
  });

  it('shows nothing to whoever is not logged in, and begins nothing for them', { timeout: 120_000 }, async () => {
    demo = await open('stolen-key');
    await expect.poll(() => demo.pace.state().label, patience).toContain('begins when this page is open');
    const page = await (await browser.newContext()).newPage();
    await page.goto(new URL('/', await demo.login('ada')).href);

    await page.getByText('You are not logged in').waitFor();
    expect(await page.locator('article').count()).toBe(0);
    expect(demo.pace.state().paused).toBe(true);
  });

  it('stays silent on a quiet account, and gives its digest when asked', { timeout: 200_000 }, async () => {
    demo = await open('quiet');
    const page = await enter('ada');
    await page.getByRole('heading', { name: 'The last 90 days have been read' }).waitFor(patience);
    await chooseSpeed(page, '300');
    // All that happens in this scenario has happened by then, and could have been seen.
    const over = Date.parse(demo.startedAt) + 60 * 60_000;
    await expect.poll(() => demo.clock.ms() > over, patience).toBe(true);
    await page.locator('#command').fill('digest');
    await page.keyboard.press('Enter');
    await page.locator('.private img').waitFor(patience);

    expect(await page.locator('#room > .entry').count()).toBe(1);
    expect(await faults(page)).toEqual([]);
  });
});

describe.each(['light', 'dark'] as const)('the real card in %s colours', (colorScheme) => {
  it('keeps nobody out, nor does its question', { timeout: 200_000 }, async () => {
    demo = await open('stolen-key');
    const page = await enter('ada', { colorScheme, reducedMotion: 'reduce' });
    await whoIsKnown(page);
    await card(page)
      .getByRole('button', { name: /^Contain everything/ })
      .click();
    await page.getByRole('button', { name: 'Contain', exact: true }).waitFor(patience);

    expect(await faults(page)).toEqual([]);
  });
});

async function open(scenario: string): Promise<Demo> {
  const file = fileURLToPath(new URL(`../../config/scenarios/${scenario}.yaml`, import.meta.url));
  return openDemo({ scenario: await readScenario(file), port: 0, speed: 60, waits: true });
}

async function enter(person: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1180, height: 860 }, locale: 'en-GB', timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  await page.goto(await demo.login(person));
  await page.locator('button:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForSelector('#live[data-state=live]');
  return page;
}

const card = (page: Page) => page.locator('#room > .entry').filter({ hasText: 'INC-1 ·' }).first();

/** The log that names who comes some minutes after the first machines, so that the whole plan can be asked for. */
async function whoIsKnown(page: Page): Promise<void> {
  await card(page)
    .getByRole('button', { name: /^Contain everything/ })
    .waitFor(patience);
  await card(page).getByText('user-x1x2').first().waitFor(patience);
}

/** A page that hears no news: it goes on showing what was when it was opened, while its presses arrive. */
async function enterDeaf(person: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1180, height: 860 }, locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.route('**/events*', (route) => route.abort());
  await page.goto(await demo.login(person));
  await page.locator('button:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('#room').waitFor();
  return page;
}

async function chooseSpeed(page: Page, speed: string): Promise<void> {
  await page.getByLabel('Speed').selectOption(speed);
}

/** Machines of the attack that run, as the account itself knows them. */
const intruders = () =>
  demo.simulated.state
    .instances()
    .filter(({ state, launchedBy }) => (state === 'running' || state === 'pending') && /ci-deploy|user-x1x2/.test(launchedBy));

async function stepsDone(): Promise<string[]> {
  const stories = await demo.store.incidents({});
  return stories.flatMap((story) => Object.values(story.steps).map((step) => `${step.item.id} ${step.outcome} ${step.at}`)).sort();
}

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter((fault) => fault.impact === 'serious' || fault.impact === 'critical')
    .map((fault) => `${fault.id}: ${fault.nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
}

/** Tab by Tab, as somebody without a mouse would; the button may still be on its way. */
async function tabTo(page: Page, label: RegExp): Promise<void> {
  for (let step = 0; step < 300; step++) {
    const here = (await page.locator('button:focus').allTextContents())[0] ?? '';
    if (label.test(here)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way to ${label} by keyboard`);
}
