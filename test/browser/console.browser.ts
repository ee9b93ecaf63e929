import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mintLogin } from '../../src/adapters/console/login.ts';
import { createConsole } from '../../src/adapters/console/platform.ts';
import { note, people, quietLog, stillClock } from '../adapters/console/support.ts';
import { enter, launch, openStage, type Stage } from './support/browser.ts';

let browser: Browser;
let stage: Stage;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await stage.chat.stop();
});

describe('the page of the console', () => {
  it('lets in whoever opens the link and presses Enter', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(stage.chat.url() + (await mintLogin(stage.setting.store, 'ada', stage.setting.realTime.now)));
    await page.locator('button:focus').waitFor();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'cloudwarden-alerts' }).waitFor();
  });

  it('goes from alert to contained by keyboard alone', async () => {
    const page = await enter(browser, stage);
    await stage.bot.digest();
    await stage.bot.alert();
    await page.getByRole('heading', { name: 'Miners are being started' }).waitFor();

    await tabTo(page, 'Contain everything');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Contain INC-42 in account' }).waitFor();
    expect(await focused(page)).toContain('Contain everything');
    await tabTo(page, 'Contain', true);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Contained by Ada' }).waitFor();

    expect(stage.bot.presses.map((press) => press.by.user)).toEqual(['ada', 'ada']);
    await page.getByRole('heading', { name: 'Contained: miners started' }).waitFor();
    expect(await page.locator('li:focus').count()).toBe(1);
  });

  it('keeps a half-typed command, the focus and the caret while a card changes', async () => {
    const page = await enter(browser, stage);
    await stage.bot.alert();
    await page.getByText('14 × g5.12xlarge').waitFor();
    await page.locator('#command').pressSequentially('show INC-4');
    await page.keyboard.press('ArrowLeft');

    await stage.bot.grow(19);
    await page.getByText('19 × g5.12xlarge').waitFor();
    await page.keyboard.type('x');

    expect(await page.locator('#command').inputValue()).toBe('show INC-x4');
  });

  it('keeps the focus on a button while its card changes around it', async () => {
    const page = await enter(browser, stage);
    await stage.bot.alert();
    await page.getByRole('button', { name: 'Revoke the key' }).focus();

    await stage.bot.grow(23);
    await page.getByText('23 × g5.12xlarge').waitFor();

    expect(await focused(page)).toBe('Revoke the key');
  });

  it('presses the button that was under the finger when the card changes between down and up', async () => {
    const page = await enter(browser, stage);
    await stage.bot.alert();
    const box = await page.getByRole('button', { name: 'Details' }).boundingBox();
    await page.mouse.move((box?.x ?? 0) + 10, (box?.y ?? 0) + 10);
    await page.mouse.down();

    await stage.bot.grow(31);
    await page.getByText('31 × g5.12xlarge').waitFor();
    await page.mouse.up();
    await page.getByRole('heading', { name: 'INC-42 in detail' }).waitFor();

    expect(stage.bot.presses.map((press) => press.button)).toEqual(['details-4Rt']);
  });

  it('opens a form as a dialog, says what is wrong beside the field, and gives the focus back', async () => {
    const page = await enter(browser, stage);
    await stage.bot.alert();
    await page.getByRole('button', { name: 'This is expected' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'This is expected' });
    await dialog.waitFor();

    await dialog.getByLabel('For how many days?').fill('99');
    await page.keyboard.press('Enter');
    await dialog.getByText('A number from 1 to 30').waitFor();
    expect(await page.locator(':focus').getAttribute('name')).toBe('days');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await focused(page)).toContain('This is expected');

    await page.keyboard.press('Enter');
    await dialog.getByLabel('For how many days?').fill('3');
    await page.keyboard.press('Enter');
    await page.locator('.private', { hasText: 'Noted: expected for 3 days' }).waitFor();
    expect(stage.bot.presses[0]?.values).toEqual({ cap: '80', days: '3', who: 'user', why: '' });
  });

  it('keeps an open dialog open while its card changes', async () => {
    const page = await enter(browser, stage);
    await stage.bot.alert();
    await page.getByRole('button', { name: 'This is expected' }).click();
    await page.getByLabel('For how many days?').fill('5');

    await stage.bot.grow(40);
    await page.getByText('40 × g5.12xlarge').waitFor();

    expect(await page.getByLabel('For how many days?').inputValue()).toBe('5');
  });

  it('shows an answer to the one who pressed and to nobody else', async () => {
    const [ada, grace] = [await enter(browser, stage), await enter(browser, stage, {}, 'grace')];
    await stage.bot.alert();
    await grace.getByRole('button', { name: 'Stop 14 instances' }).click();
    await grace.locator('.private', { hasText: 'Only admins may approve this' }).waitFor();
    await stage.chat.post(note('Something for everybody'));
    await ada.getByRole('article', { name: 'Something for everybody' }).waitFor();

    expect(await grace.locator('.private').count()).toBe(1);
    expect(await ada.getByText('Only').count()).toBe(0);
    await grace.getByRole('button', { name: 'Dismiss' }).click();
    expect(await grace.locator('.private').count()).toBe(0);
  });

  it('sends one press for a double click', async () => {
    const page = await enter(browser, stage);
    await stage.bot.alert();

    await page.getByRole('button', { name: 'Details' }).dblclick();
    await page.getByRole('heading', { name: 'INC-42 in detail' }).waitFor();
    await page.locator('#command').fill('status');
    await page.keyboard.press('Enter');
    await page.locator('.private', { hasText: '1 open incident' }).waitFor();

    expect(stage.bot.presses).toHaveLength(1);
    expect(stage.bot.commands).toEqual(['status']);
  });

  it('tells a screen reader what is new, and at once what is critical', async () => {
    const page = await enter(browser, stage);
    await stage.bot.stranger();
    await page.locator('#polite', { hasText: 'LOW: key of "jenkins"' }).waitFor({ state: 'attached' });
    await stage.bot.alert();

    await page.locator('#assertive', { hasText: 'CRITICAL $79/h' }).waitFor({ state: 'attached' });
    expect(await page.locator('#assertive').textContent()).not.toContain('jenkins');
  });

  it('shows times in the zone of the reader, with UTC in the title', async () => {
    const page = await enter(browser, stage, { timezoneId: 'America/New_York', locale: 'en-US' });
    await stage.bot.alert();
    const time = page.locator('dd time[data-as=clock]');
    await time.waitFor();

    expect(await time.textContent()).toBe('09:02 AM');
    expect(await time.getAttribute('title')).toBe('2026-11-23 14:02:00 UTC');
  });

  it('says when the connection is lost, and is up to date again by itself after a restart', async () => {
    const page = await enter(browser, stage);
    await stage.bot.alert();
    await page.getByText('14 × g5.12xlarge').waitFor();
    await page.locator('#command').fill('half a comm');
    await stage.chat.stop();
    await page.getByText('Connection to Cloudwarden lost').waitFor();

    const port = Number(new URL(stage.chat.url()).port);
    const { store, realTime } = stage.setting;
    const options = { listen: { host: '127.0.0.1', port }, people, logins: store, log: quietLog };
    const chat = createConsole({ ...options, clock: stillClock(), realTime: () => realTime.now });
    await chat.start(stage.bot);
    stage.chat = chat;
    await chat.post(note('Back again'));
    await page.getByRole('article', { name: 'Back again' }).waitFor();

    expect(await page.getByText('Connection to Cloudwarden lost').isVisible()).toBe(false);
    expect(await page.getByText('14 × g5.12xlarge').count()).toBe(1);
    expect(await page.locator('#command').inputValue()).toBe('half a comm');
  });

  it('says when somebody is logged out elsewhere', async () => {
    const page = await enter(browser, stage);
    const other = await page.context().newPage();
    await other.goto(stage.chat.url());
    await other.getByRole('button', { name: 'Log out' }).click();

    await page.getByText('You are logged out').waitFor();
    expect(await other.getByText('You are not logged in').count()).toBe(1);
  });

  it('asks nobody but its own machine for anything, and breaks none of its own rules', async () => {
    const page = await enter(browser, stage);
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.reload();
    await stage.bot.digest();
    await stage.bot.alert();
    await page.getByRole('button', { name: 'This is expected' }).click();
    await page.getByRole('dialog').waitFor();

    expect([...new Set(asked)]).toEqual([stage.chat.url()]);
    expect(complaints).toEqual([]);
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it('the page has no fault that keeps people out', async () => {
    const page = await enter(browser, stage, { colorScheme, reducedMotion: 'reduce' });
    expect(await faults(page)).toEqual([]);
    await stage.bot.digest();
    await stage.bot.stranger();
    await stage.bot.alert();
    await page.getByRole('button', { name: 'Contain everything' }).click();
    await page.getByText('Not touched').waitFor();
    await page.getByRole('button', { name: 'Details' }).last().click();
    await page.getByRole('heading', { name: 'INC-42 in detail' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'This is expected' }).click();
    await page.getByRole('dialog').waitFor();

    expect(await faults(page)).toEqual([]);
  });

  it('the log-in has none either', async () => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(stage.chat.url());
    expect(await faults(page)).toEqual([]);
    await page.goto(stage.chat.url() + (await mintLogin(stage.setting.store, 'ada', stage.setting.realTime.now)));

    expect(await faults(page)).toEqual([]);
  });
});

describe('on a phone 360 pixels wide', () => {
  it('nothing needs to be pushed sideways, and buttons are large enough for a thumb', async () => {
    const page = await enter(browser, stage, { viewport: { width: 360, height: 740 }, hasTouch: true });
    await stage.bot.digest();
    await stage.bot.alert();
    await stage.chat.post(note(`arn:aws:iam::123456789012:user/${'very-long-name-'.repeat(12)}`));
    await page.getByRole('button', { name: 'Contain everything' }).tap();
    await page.getByText('Not touched').waitFor();

    const widths = await page.evaluate<number[]>(
      "[document.documentElement, document.querySelector('#scroller')].map((box) => box.scrollWidth - box.clientWidth)",
    );
    expect(widths).toEqual([0, 0]);
    for (const button of await page.locator('.actions button').all()) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
  });
});

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter((fault) => fault.impact === 'serious' || fault.impact === 'critical')
    .map((fault) => `${fault.id}: ${fault.nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
}

const focused = (page: Page) => page.locator(':focus').textContent();

/** Tab by Tab, as somebody without a mouse would; fails after a hundred. */
async function tabTo(page: Page, label: string, isExact = false): Promise<void> {
  for (let step = 0; step < 100; step++) {
    const here = (await page.locator('button:focus').allTextContents())[0] ?? '';
    if (isExact ? here === label : here.startsWith(label)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way to "${label}" by keyboard`);
}
