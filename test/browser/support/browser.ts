import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { mintLogin } from '../../../src/adapters/console/login.ts';
import type { ConsoleOptions } from '../../../src/adapters/console/platform.ts';
import { openConsole, type Setting } from '../../adapters/console/support.ts';
import { createFakeBot, type FakeBot } from './bot.ts';

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export type Stage = { setting: Setting; bot: FakeBot; chat: Setting['chat'] };

export async function openStage(options: Partial<ConsoleOptions> = {}): Promise<Stage> {
  let setting: Setting | undefined;
  const bot = createFakeBot(() => setting!.chat);
  setting = await openConsole(bot, options);
  return { setting, bot, chat: setting.chat };
}

/** A page of that person, logged in through the printed link. */
export async function enter(browser: Browser, { setting }: Stage, options: BrowserContextOptions = {}, person = 'ada'): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1180, height: 860 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...options,
  });
  const page = await context.newPage();
  const path = await mintLogin(setting.store, person, setting.realTime.now);
  await page.goto(setting.chat.url() + path);
  await page.getByRole('button', { name: 'Log in as' }).click();
  await page.waitForSelector('#live[data-state=live]');
  return page;
}
