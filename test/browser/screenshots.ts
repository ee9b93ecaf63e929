/**
 * Takes the pictures of the README from the real demo: `node bin/run.mjs test/browser/screenshots.ts`. Needs a browser (CHROMIUM names
 * another than Debian's) and a minute; writes docs/images/alert.png, question.png and digest.png.
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Locator } from 'playwright-core';
import { readScenario } from '../../src/adapters/simulated/scenario.ts';
import { openDemo } from '../../src/cli/demo.ts';
import { launch } from './support/browser.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const patience = { timeout: 120_000 };

await mkdir(`${root}docs/images`, { recursive: true });
const demo = await openDemo({ scenario: await readScenario(`${root}config/scenarios/stolen-key.yaml`), port: 0, speed: 60, waits: true });
const browser = await launch();
try {
  const page = await browser.newPage({
    viewport: { width: 900, height: 1400 },
    deviceScaleFactor: 1.2,
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  await page.goto(await demo.login('ada'));
  await page.getByRole('button', { name: 'Log in as' }).click();
  const entry = page.locator('#room > .entry').filter({ hasText: 'INC-1 ·' }).first();
  await entry.getByRole('button', { name: /^Contain everything/ }).waitFor(patience);
  await entry.getByRole('heading', { name: 'a key that looks stolen' }).waitFor(patience);
  await entry.getByText('user-x1x2').first().waitFor(patience);
  await entry
    .getByText(/24 instances/)
    .first()
    .waitFor(patience);
  await page.getByRole('button', { name: 'Pause' }).click();
  await take(entry.locator(':scope > .slot'), 'alert');

  await page.getByRole('button', { name: 'Go on' }).click();
  await entry.getByRole('button', { name: /^Contain everything/ }).click();
  const question = entry.locator('.reply').filter({ has: page.getByRole('button', { name: 'Contain', exact: true }) });
  await question.waitFor(patience);
  await take(question, 'question');

  await page.locator('#command').fill('digest');
  await page.keyboard.press('Enter');
  const digest = page.locator('.answer .private').last();
  await digest.locator('img').waitFor(patience);
  await take(digest, 'digest');
} finally {
  await browser.close();
  await demo.stop();
}

/** The element with a little ground around it; an animation under way is taken at its end. */
async function take(what: Locator, name: string): Promise<void> {
  // The way to what waits elsewhere would lie on the picture.
  await what.page().evaluate("document.getElementById('pill').style.visibility = 'hidden'");
  // The page may still be scrolling to what it has just shown.
  const element = await what.elementHandle();
  await element?.waitForElementState('stable');
  await element?.evaluate('(element) => element.scrollIntoView({ block: "center", behavior: "instant" })');
  await element?.waitForElementState('stable');
  const box = await what.boundingBox();
  if (!box) throw new Error(`${name} is not on the page`);
  const margin = 14;
  const clip = { x: box.x - margin, y: box.y - margin, width: box.width + 2 * margin, height: box.height + 2 * margin };
  await what.page().screenshot({ path: `${root}docs/images/${name}.png`, clip, animations: 'disabled' });
  process.stdout.write(`docs/images/${name}.png\n`);
}
