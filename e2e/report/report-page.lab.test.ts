import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityProblems, tooWide } from './accessibility.ts';
import { startBrowser } from './browser.ts';
import { attackPage, attackPicture, bigPage, HOSTILE, hostilePage, shopPage } from './pages.ts';

let browser: Awaited<ReturnType<typeof startBrowser>>;
let scratch = '';
const files = { shop: '', hostile: '', big: '', attack: '' };

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'seaworthy-report-'));
  const pages = { shop: await shopPage(), hostile: hostilePage(), big: bigPage(2000), attack: await attackPage() };
  for (const name of ['shop', 'hostile', 'big', 'attack'] as const) {
    const path = join(scratch, `${name}.html`);
    await writeFile(path, pages[name]);
    files[name] = pathToFileURL(path).href;
  }
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.stop();
  await rm(scratch, { recursive: true, force: true });
});

/** Opens a page; whatever it asks for, and whatever its console says, is written down. */
async function open(
  name: keyof typeof files,
  media: Parameters<Page['emulateMedia']>[0] = {},
  width = 1280,
): Promise<{ readonly page: Page; readonly heard: readonly string[] }> {
  const page = await browser.context.newPage();
  const heard: string[] = [];
  page.on('request', (request) => {
    if (request.url() !== files[name]) heard.push(`asks for ${request.url()}`);
  });
  page.on('console', (message) => heard.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(`error: ${error.message}`));
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia(media);
  await page.goto(files[name]);
  return { page, heard };
}

const openAll = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const one of document.querySelectorAll('details')) one.open = true;
  });

describe.each(['shop', 'hostile', 'big', 'attack'] as const)('the page %s', (name) => {
  test.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('at %i pixels, %s: can be read by everybody, fits, and asks for nothing', async (width, colorScheme) => {
    const { page, heard } = await open(name, { colorScheme }, width);
    await openAll(page);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    expect(heard).toEqual([]);
    await page.close();
  });
});

test('hostile names are shown as text and nothing of them runs', async () => {
  const { page } = await open('hostile');
  await openAll(page);
  const found = await page.evaluate(() => ({
    broken: 'broken' in window,
    images: document.querySelectorAll('img').length,
    handlers: [...document.querySelectorAll('*')].filter((one) =>
      one.getAttributeNames().some((n) => n.startsWith('on')),
    ).length,
    title: document.querySelector('h1')?.textContent,
  }));
  expect(found).toEqual({ broken: false, images: 0, handlers: 0, title: HOSTILE });
  await page.selectOption('#one', { index: 1 });
  expect(await page.locator('#words').textContent()).toContain('It reaches');
  expect(await page.evaluate(() => 'broken' in window)).toBe(false);
  await page.close();
});

describe('with the keyboard alone', () => {
  test('the first stop skips to the report; a claim opens with Enter', async () => {
    const { page } = await open('shop');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the report');
    const claim = page.locator('details.entry').first();
    await claim.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await claim.evaluate((one: HTMLDetailsElement) => one.open)).toBe(true);
    expect(await claim.locator('.body').innerText()).toContain('Evidence');
    await page.close();
  });

  test('the matrix is walked cell by cell and says where it is', async () => {
    const { page } = await open('shop');
    await page.locator('#grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const [second, third] = await page.evaluate(() => {
      const data = JSON.parse(document.getElementById('matrix-data')?.textContent ?? '{}') as { workloads: string[] };
      return data.workloads.slice(1, 3);
    });
    expect(await page.locator('#cell').textContent()).toContain(`${second} → ${third}: `);
    await page.close();
  });
});

test('an address that names a claim opens it, and so do the links of the worst', async () => {
  const { page } = await open('shop');
  const link = page.locator('.worst a').first();
  const target = (await link.getAttribute('href')) ?? '';
  await link.click();
  await page.waitForFunction((id) => document.getElementById(id)?.matches('[open]'), target.slice(1));
  await page.close();
});

test('the filter narrows the findings and says how many are left', async () => {
  const { page } = await open('shop');
  const tools = page.locator('.tools[data-for=findings]');
  await tools.locator('input').fill('log-shipper writ');
  const shown = await page.locator('[data-filter=findings]:not([hidden])').count();
  expect(shown).toBeGreaterThan(0);
  expect(await tools.locator('output').textContent()).toMatch(new RegExp(`^${shown} of \\d+ shown$`));
  await tools.locator('input').fill('no such words');
  expect(await page.locator('[data-filter=findings]:not([hidden])').count()).toBe(0);
  await page.close();
});

test('2,000 workloads: only what is in view is drawn, and the far end is a key away', async () => {
  const { page } = await open('big');
  await page.selectOption('#rows', '*');
  await page.selectOption('#columns', '*');
  await page.locator('#grid').focus();
  await page.keyboard.press('Control+End');
  await page.waitForFunction(() => document.getElementById('cell')?.textContent.includes('same'));
  expect(await page.locator('#cell').textContent()).toBe('ns-19/w-99[Deployment] is the same workload');
  const drawn = await page.evaluate(() => {
    const canvas = document.getElementById('matrix') as HTMLCanvasElement;
    return Math.max(canvas.width, canvas.height);
  });
  expect(drawn).toBeLessThan(2000);
  await page.close();
});

describe('attack paths', () => {
  test('one path stands beside its hops, and below them on a phone', async () => {
    for (const [width, beside] of [
      [1280, true],
      [390, false],
    ] as const) {
      const { page } = await open('shop', {}, width);
      const picture = await page.locator('#attack-paths figure').boundingBox();
      const words = await page.locator('#attack-paths .told').boundingBox();
      expect((words?.x ?? 0) >= (picture?.x ?? 0) + (picture?.width ?? 0)).toBe(beside);
      await page.close();
    }
  });

  test('no box and no badge of the picture lies on another, and every text is within its box', async () => {
    const { page } = await open('attack');
    const wrong = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('.paths-graph .box,.paths-graph .badge')];
      const problems: string[] = [];
      for (const [index, box] of boxes.entries()) {
        const a = box.getBoundingClientRect();
        const name = box.parentElement?.textContent ?? '';
        for (const other of boxes.slice(index + 1)) {
          const b = other.getBoundingClientRect();
          const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
          if (!apart) problems.push(`${name} lies on ${other.parentElement?.textContent}`);
        }
        for (const text of box.parentElement?.querySelectorAll('text') ?? []) {
          const t = text.getBoundingClientRect();
          if (t.left < a.left || t.right > a.right || t.bottom > a.bottom)
            problems.push(`${text.textContent} sticks out`);
        }
      }
      return problems;
    });
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('what the cluster said stands in the picture and beside the hop', async () => {
    const { page } = await open('shop');
    const section = page.locator('#attack-paths');
    expect(await section.innerText()).toContain('1 of 8 hops of the cheapest path confirmed on the cluster.');
    expect(await section.locator('.badge-text').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/✓$/), expect.stringMatching(/✗$/), expect.stringMatching(/\?$/)]),
    );
    await page.close();
  });

  test('on a phone a finger moves it within the page, and the file within its window', async () => {
    const picture = join(scratch, 'attack.svg');
    await writeFile(picture, await attackPicture());
    const { page } = await open('attack', { reducedMotion: 'reduce' }, 390);
    const graph = page.locator('.paths .scroll').first();
    await graph.scrollIntoViewIfNeeded();
    const { x, y } = (await graph.boundingBox()) ?? { x: 0, y: 0 };
    const touch = await browser.context.newCDPSession(page);
    const finger = (type: 'touchStart' | 'touchMove', at: number): Promise<unknown> =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: x + at, y: Math.max(y, 0) + 40 }] });
    await finger('touchStart', 300);
    for (let at = 290; at > 100; at -= 10) await finger('touchMove', at);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.waitForFunction(() => (document.querySelector('.paths .scroll')?.scrollLeft ?? 0) > 0);
    await page.goto(pathToFileURL(picture).href);
    await page.evaluate(() => scrollTo(200, 0));
    await page.waitForFunction(() => scrollX > 0);
    await page.close();
  });

  test('the goal is marked by more than its colour', async () => {
    const { page } = await open('attack');
    expect(await page.locator('.paths-graph .goal').first().textContent()).toContain('goal');
    expect(await page.locator('.paths-graph .goal .rim').count()).toBeGreaterThan(0);
    await page.close();
  });
});

describe('on paper', () => {
  test('everything is opened, and closed again afterwards', async () => {
    const { page } = await open('shop');
    const closed = (): Promise<number> => page.locator('details:not([open])').count();
    const before = await closed();
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await closed()).toBe(0);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect([before > 0, await closed()]).toEqual([true, before]);
    await page.close();
  });

  test('what only works on a screen is left out, and the connections are a table', async () => {
    const { page } = await open('shop', { media: 'print' });
    expect(await page.locator('nav').isVisible()).toBe(false);
    expect(await page.locator('#grid').isVisible()).toBe(false);
    expect(await page.locator('#reach table').isVisible()).toBe(true);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
    await page.close();
  });
});

test('who asks for less motion gets none', async () => {
  const { page } = await open('shop', { reducedMotion: 'reduce' });
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior)).toBe('auto');
  await page.close();
});

test('without scripts everything can be read, and nothing is offered that would not work', async () => {
  const quiet = await startBrowser({ javaScriptEnabled: false });
  try {
    const page = await quiet.context.newPage();
    await page.goto(files.shop);
    await page.locator('details.entry summary').first().click();
    expect(await page.locator('details.entry[open] .body').innerText()).toContain('Because');
    expect(await page.locator('.tools').first().isVisible()).toBe(false);
    expect(await page.locator('noscript').count()).toBe(1);
  } finally {
    await quiet.stop();
  }
});
