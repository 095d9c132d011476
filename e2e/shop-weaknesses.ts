import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a row of the table of WEAKNESSES.md says it is found as. */
export type FoundAs =
  | { readonly kind: 'claim'; readonly claim: string }
  | { readonly kind: 'check'; readonly check: string; readonly object: string }
  | { readonly kind: 'experiment'; readonly experiment: string; readonly claim: string }
  | { readonly kind: 'path'; readonly from: string; readonly to: string };

export interface Weakness {
  readonly id: string;
  readonly foundAs: readonly FoundAs[];
}

export interface Weaknesses {
  readonly planted: readonly Weakness[];
  /** Checks that may fail with severity low, anywhere in the shop. */
  readonly low: readonly string[];
  /** Checks that may fail on the lab's own objects: `check on Kind ns/name`. */
  readonly lab: readonly { readonly check: string; readonly object: string }[];
}

/** Reads examples/shop/WEAKNESSES.md. Throws on a row whose last column says nothing that could be looked for. */
export function readWeaknesses(): Weaknesses {
  const page = readFileSync(join(import.meta.dirname, '..', 'examples', 'shop', 'WEAKNESSES.md'), 'utf8');
  const [table = '', low = '', lab = ''] = page.split(/^## /m);
  const planted = table
    .split('\n')
    .filter((line) => /^\| W\d+ \|/.test(line))
    .map((line): Weakness => {
      const [, id = '', , column = ''] = line.split('|').map((cell) => cell.trim());
      const foundAs = column.split(', ').map(parseFoundAs);
      return { id, foundAs };
    });
  const object = / on ((?:\w+) \S+?)\.?$/m.exec(lab)?.[1] ?? '';
  return {
    planted,
    low: codes(low),
    lab: codes(lab.split('\n').slice(3).join('\n')).map((check) => ({ check, object })),
  };
}

function parseFoundAs(written: string): FoundAs {
  const claim = /^claim `([^`]+)`$/.exec(written);
  if (claim?.[1]) return { kind: 'claim', claim: claim[1] };
  const check = /^check `([^`]+)` on (\w+ \S+)$/.exec(written);
  if (check?.[1] && check[2]) return { kind: 'check', check: check[1], object: check[2] };
  const experiment = /^experiment `([^`]+)` on claim `([^`]+)`$/.exec(written);
  if (experiment?.[1] && experiment[2]) return { kind: 'experiment', experiment: experiment[1], claim: experiment[2] };
  const path = /^path `([^`]+)` to `([^`]+)`$/.exec(written);
  if (path?.[1] && path[2]) return { kind: 'path', from: path[1], to: path[2] };
  throw new Error(`WEAKNESSES.md: nothing can be looked for as ${written}`);
}

function codes(text: string): readonly string[] {
  return [...text.matchAll(/`([a-z][a-z0-9-]+)`/g)]
    .map(([, code]) => code ?? '')
    .filter((code) => code !== 'kube-system');
}
