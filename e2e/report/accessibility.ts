import type { Page } from 'playwright-core';

/**
 * What is wrong with a page for people who see little, use no mouse or listen: by hand, of WCAG 2.2 what a program can tell.
 * Empty when nothing is.
 */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const problems: string[] = [];
    const shown = (element: Element): boolean =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const about = (element: Element): string =>
      `<${element.tagName.toLowerCase()}${element.id === '' ? '' : ` id=${element.id}`}> ${(element.textContent ?? '').trim().slice(0, 40)}`;
    const must = (holds: boolean, says: string, element: Element): void => {
      if (!holds) problems.push(`${says}: ${about(element)}`);
    };
    must(document.documentElement.lang !== '', 'no language (3.1.1)', document.documentElement);
    must(document.title !== '', 'no title (2.4.2)', document.documentElement);
    for (const landmark of ['header', 'nav', 'main', 'footer'])
      must(document.querySelectorAll(landmark).length === 1, `not one ${landmark} (1.3.1)`, document.body);

    let level = 0;
    for (const heading of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
      const here = Number(heading.tagName.slice(1));
      must(here <= level + 1, `heading of level ${here} below ${level} (1.3.1)`, heading);
      must((heading.textContent ?? '').trim() !== '', 'empty heading (2.4.6)', heading);
      level = here;
    }
    const ids = new Set<string>();
    for (const element of document.querySelectorAll('[id]')) {
      must(!ids.has(element.id), 'two elements of one id (4.1.2)', element);
      ids.add(element.id);
    }
    for (const element of document.querySelectorAll('[aria-labelledby],[aria-describedby]')) {
      const names = `${element.getAttribute('aria-labelledby') ?? ''} ${element.getAttribute('aria-describedby') ?? ''}`;
      for (const id of names.split(' ').filter((one) => one !== ''))
        must(ids.has(id), `${id} names nothing (4.1.2)`, element);
    }
    for (const control of document.querySelectorAll<HTMLInputElement>('input,select,textarea'))
      must((control.labels?.length ?? 0) > 0 || control.ariaLabel !== null, 'no label (3.3.2)', control);
    for (const element of document.querySelectorAll('[tabindex],[role=img],[role=region],[role=group]'))
      must((element.getAttribute('aria-label') ?? '') !== '', 'no name (4.1.2)', element);
    for (const link of document.querySelectorAll('a[href^="#"]')) {
      const target = decodeURIComponent(link.getAttribute('href') ?? '').slice(1);
      must(ids.has(target), `leads nowhere: #${target} (2.4.4)`, link);
      must((link.textContent ?? '').trim() !== '', 'link without words (2.4.4)', link);
    }
    for (const table of document.querySelectorAll('table')) {
      must(table.querySelectorAll('th').length > 0, 'table without headings (1.3.1)', table);
      for (const heading of table.querySelectorAll('th'))
        must(heading.scope !== '', 'heading without scope (1.3.1)', heading);
    }
    for (const item of document.querySelectorAll('li'))
      must(/^(UL|OL)$/.test(item.parentElement?.tagName ?? ''), 'li outside a list (1.3.1)', item);
    for (const list of document.querySelectorAll('ul,ol'))
      must(
        [...list.children].every(({ tagName }) => tagName === 'LI'),
        'a list with something else in it (1.3.1)',
        list,
      );

    // Contrast of every text to the background it stands on (1.4.3).
    type Colour = readonly [number, number, number, number];
    const colourOf = (text: string): Colour => {
      const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return [r, g, b, a];
    };
    const over = (top: Colour, below: Colour): Colour => {
      const mix = (index: 0 | 1 | 2): number => top[index] * top[3] + below[index] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const backgroundOf = (element: Element): Colour => {
      const layers: Colour[] = [];
      for (let at: Element | null = element; at; at = at.parentElement) {
        const colour = colourOf(getComputedStyle(at).backgroundColor);
        layers.push(colour);
        if (colour[3] === 1) break;
      }
      return layers.reduceRight<Colour>(
        (below, top) => over(top, below),
        colourOf(getComputedStyle(document.body).backgroundColor),
      );
    };
    const luminance = ([r, g, b]: Colour): number => {
      const linear = [r, g, b].map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
    };
    const seen = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!element || (walker.currentNode.textContent ?? '').trim() === '' || !shown(element)) continue;
      if (/^(SCRIPT|STYLE|NOSCRIPT|OPTION)$/.test(element.tagName)) continue;
      const style = getComputedStyle(element);
      const background = backgroundOf(element);
      const text = over(colourOf(style.color), background);
      const key = `${text.join()} ${background.join()} ${style.fontSize} ${style.fontWeight}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const [light = 0, dark = 0] = [luminance(text), luminance(background)].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      must(ratio >= (large ? 3 : 4.5), `contrast ${ratio.toFixed(2)} (1.4.3)`, element);
    }
    return problems;
  });
}

/** Elements that stick out of the page to the right, by which it would scroll sideways (1.4.10). */
export async function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !element.closest('.scroll,nav,#grid'))
      .map((element) => `${element.tagName} ${element.className} ${(element.textContent ?? '').slice(0, 40)}`);
  });
}
