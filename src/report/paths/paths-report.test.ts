import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyseAttack, fixPaths, type AttackPaths, type PathEdge } from '../../analysis/attack/index.ts';
import { node, parseNode, type AttackNode } from '../../analysis/attack/nodes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { escapeMarkdown } from '../formats/markdown.ts';
import { claimPathsMarkdown } from './claim-paths-markdown.ts';
import { pathsDot } from './dot.ts';
import { foldPaths } from './fold-paths.ts';
import { pathsMarkdown } from './markdown.ts';
import { pathsPage } from './page.ts';
import { pathsReport, type PathsReport } from './paths-report.ts';
import { brokenName } from './svg.ts';
import { pathsSvgDocument } from './svg-document.ts';
import { PLAIN } from '../../testing/plain-paint.ts';
import { pathsText } from './text.ts';
import { stopsInWords, viewOf } from './view.ts';
import type { ClaimPaths } from '../types.ts';

const SHOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'shop');
let shop: PathsReport;
let chain: PathsReport;
let snapshot: Snapshot;

beforeAll(async () => {
  snapshot = await readManifests([join(SHOP, 'manifests'), join(SHOP, 'reports')]);
  const attack = analyseAttack(snapshot);
  shop = pathsReport(
    attack.paths(),
    { from: undefined, to: undefined, tried: [parseNode('Internet')] },
    named('the shop'),
  );
  const [from, to] = [parseNode('Internet'), parseNode('Root')];
  chain = pathsReport(attack.paths(from, to), { from, to, tried: [from] }, named('the shop'));
});

/** A source of which everything could be read. */
function named(description: string): Pick<Snapshot, 'source' | 'coverage'> {
  return { source: { kind: 'files', description }, coverage: { read: [], gaps: [], notes: [] } };
}

/** A hop as the engine gives it, with one reason. */
function hop(kind: string, from: AttackNode, to: AttackNode, more: Partial<PathEdge> = {}): PathEdge {
  const id = `${kind} ${JSON.stringify(from)} > ${JSON.stringify(to)}`;
  const because = [{ kind: 'rule', source: 'test', says: `why ${kind}` }] as const;
  return { id, kind, title: `title ${kind}`, from, to, premises: [], because, needs: [], technique: [], ...more };
}

/** Paths that go together, one for each list of hops. */
function answerOf(...paths: readonly (readonly PathEdge[])[]): AttackPaths {
  return {
    edges: paths.flat(),
    paths: paths.map((hops) => ({
      from: hops[0]?.from ?? node('Internet'),
      to: hops.at(-1)?.to ?? node('Root'),
      cost: hops.length,
      edges: hops.map(({ id }) => id),
      essential: [],
    })),
    goals: [],
    chokePoints: [],
    coverage: { absent: [], notTried: 0 },
  };
}

describe('what is drawn', () => {
  test('every hop of the planted chain is a link, with all it needs', () => {
    const { arcs, nodes } = chain.view;
    expect(arcs.map(({ hop: { edge } }) => edge.kind)).toEqual(['A1', 'A2', 'H1', 'A2', 'H3', 'D1', 'F7', 'E9']);
    expect(arcs.find(({ hop: { edge } }) => edge.kind === 'D1')).toMatchObject({
      from: ['Code:ci/runner/runner'],
      also: ['Reach:default/kubernetes:443'],
      to: 'Token:ci/runner',
    });
    expect(nodes.map(({ role }) => role).filter((role) => role !== 'step')).toEqual(['foothold', 'goal']);
  });

  test('hops that several paths take are drawn once and keep their number', () => {
    const { hops, arcs, groups } = shop.view;
    const taken = groups.flatMap((group) => group.hops.map(({ id }) => id));
    expect(new Set(taken).size).toBeLessThan(taken.length);
    expect(arcs.length).toBe(new Set(taken).size);
    expect(hops.map(({ number }) => number)).toEqual(hops.map((_, index) => index + 1));
  });

  test('similar footholds are one box with their number', () => {
    const shells = ['a', 'b', 'c'].map((name) => node('Shell', name, 'shop'));
    const { nodes, groups } = viewOf(answerOf(...shells.map((from) => [hop('B1', from, node('Root'))])));
    expect(groups.map(({ similar }) => similar.length)).toEqual([2]);
    expect(nodes.map(({ id, similar }) => [id, similar])).toEqual([
      ['Shell:shop/a', 2],
      ['Root', 0],
    ]);
  });

  test('copies in other namespaces are similar, each with its own account; another account is not', () => {
    const inOwn = (namespace: string, account: string): readonly PathEdge[] => [
      hop('D1', node('Shell', 'web', namespace), node('Token', account, namespace)),
      hop('F7', node('Token', account, namespace), node('Identity', `system:serviceaccount:${namespace}:${account}`)),
    ];
    const goal = (hops: readonly PathEdge[]): readonly PathEdge[] => [
      ...hops,
      hop('F7', node('Internet'), node('Root')),
    ];
    const groups = foldPaths(answerOf(...[inOwn('a', 'x'), inOwn('b', 'x'), inOwn('c', 'y')].map(goal)));
    expect(groups.map(({ path, similar }) => [path.from.namespace, similar.length])).toEqual([
      ['a', 1],
      ['c', 0],
    ]);
  });

  test('a place in the foothold itself is the foothold, unless it is won on another path', () => {
    const [shell, code] = [node('Shell', 'a', 'shop'), node('Code', 'a/c', 'shop')];
    const out = hop('B1', code, node('Root'));
    expect(viewOf({ ...answerOf([out]), paths: [{ ...answerOf([out]).paths[0]!, from: shell }] })).toMatchObject({
      arcs: [{ from: ['Shell:shop/a'], to: 'Root' }],
      within: [],
    });
    const both = answerOf([out], [hop('A2', node('Internet'), code), out]);
    const paths = both.paths.map((path, index) => (index === 0 ? { ...path, from: shell } : path));
    const view = viewOf({ ...both, paths });
    expect(view.within).toEqual([{ from: 'Shell:shop/a', to: 'Code:shop/a/c' }]);
    expect(view.arcs.map(({ from }) => from)).toEqual([['Code:shop/a/c'], ['Internet']]);
  });

  test('hops that rest on what most paths need are marked, and it comes first', () => {
    const { chokePoints, hops } = shop.view;
    expect(chokePoints[0]).toMatchObject({ object: { kind: 'Deployment', name: 'runner' }, stops: 3 });
    expect(hops.filter(({ choke }) => choke).map(({ edge }) => edge.kind)).toContain('E9');
    expect(hops.filter(({ choke }) => !choke).map(({ edge }) => edge.kind)).toContain('A1');
  });

  test('what only one of several footholds needs is no choke point; more paths of one pair are still one pair', () => {
    const [a, b] = [node('Shell', 'a', 'shop'), node('Shell', 'b', 'shop')];
    const answer = answerOf([hop('B1', a, node('Root'))], [hop('B2', a, node('Root'))], [hop('B8', b, node('Root'))]);
    const object = (name: string) => ({ kind: 'Pod', namespace: 'shop', name });
    const alone = viewOf({ ...answer, chokePoints: [{ object: object('a'), stops: 1 }] });
    expect([alone.paths, alone.pairs, alone.chokePoints]).toEqual([3, 2, []]);
    const both = viewOf({ ...answer, chokePoints: [{ object: object('x'), stops: 2 }] });
    expect(both.chokePoints.map((point) => stopsInWords(point, both))).toEqual(['every path needs it']);
  });

  test('what a cluster said of a hop goes with it', () => {
    const [first] = chain.view.hops;
    const seen = [{ check: 'outside', verdict: 'proven', says: 'it answers', at: '2026-01-01T00:00:00Z' }] as const;
    const view = viewOf(chain.answer, new Map([[first?.edge.id ?? '', { verdict: 'proven', seen }]]));
    expect(view.hops.map(({ proof }) => proof?.verdict)).toEqual(['proven', ...Array<undefined>(7).fill(undefined)]);
    expect(pathsMarkdown({ ...chain, view })).toContain('✓ proven by a connection from outside: it answers');
  });
});

test('a verification tells the paths of a claim in Markdown, with what cuts them and what was seen', () => {
  const { paths, edges, chokePoints } = chain.answer;
  const { fix } = fixPaths(snapshot, { pairs: [{ from: parseNode('Internet'), to: parseNode('Root') }] });
  const found: ClaimPaths = { claim: 'c', paths, edges, chokePoints, fix };
  const text = claimPathsMarkdown([found], []);
  const cut = escapeMarkdown(fix.changes.map(({ says }) => says).join(' '));
  expect(text).toContain(`## Attack paths\n\n### c\n\nWhat cuts every path:\n\n- ${cut}\n`);
  expect(text).toContain('#### Internet → Root');
  expect(text).toContain('- 8\\. ◆ **Root** E9 ');
});

describe('every format', () => {
  const all = (report: PathsReport): readonly (readonly [string, string])[] => [
    ['text', pathsText(report, { paint: PLAIN, width: 100, every: true })],
    ['markdown', pathsMarkdown(report).replaceAll('\\', '')],
    ['svg', unescaped(pathsSvgDocument(report).replaceAll(/<[^>]*>\s*/g, ' '))],
    [
      'html',
      unescaped(
        pathsPage(report, [])
          .sections.map(({ html }) => html)
          .join(''),
      ),
    ],
  ];

  test('has each hop with its because, the choke points and what is left out', () => {
    const wanted = [
      ...shop.view.hops.flatMap(({ edge }) => [edge.title, ...edge.because.map(({ says }) => says)]),
      'Role ci/runner',
      'taken as absent',
    ];
    const missing = all(shop).flatMap(([format, text]) => {
      const words = text.replaceAll(/\s+/g, ' ');
      return wanted.filter((one) => !words.includes(one)).map((one) => `${format}: ${one}`);
    });
    expect(missing).toEqual([]);
  });

  test('says that there is no path, and why', () => {
    const nothing = answerOf();
    const because = [{ kind: 'absence', of: 'path', says: 'nothing leads there' }] as const;
    const goals = [{ goal: node('Root'), reachable: false, essential: [], because }];
    const report = pathsReport(
      { ...nothing, goals },
      { from: node('Internet'), to: node('Root'), tried: [] },
      named('x'),
    );
    for (const [format, text] of all(report)) {
      if (format === 'html') continue;
      expect(text).toContain('Root: not reachable');
      expect(text).toContain('because nothing leads there');
    }
    expect(pathsPage(report, []).lead).toContain('Root: not reachable');
  });

  test('text begins with what is in reach and ends with what to do', () => {
    const next = { command: 'seaworthy paths fix', why: 'cuts them' };
    const text = pathsText(shop, { paint: PLAIN, width: 100, every: false, next });
    expect(text).toMatch(/^✗ Root: reachable\n {2}every path needs [^\n]*\n✓ ClusterAdmin: not reachable\n/);
    expect(text).toMatch(/\n\nNext: seaworthy paths fix {2}cuts them\n$/);
  });

  test('a first screen tells the five easiest of the paths between several pairs, and says how many more there are', () => {
    const ways = Array.from({ length: 7 }, (_, at) => [
      hop(`B${at + 1}`, node('Shell', 'shop', `pod-${at}`), node('Root'), { title: `hop ${at}` }),
    ]);
    const report = pathsReport(answerOf(...ways), { from: undefined, to: node('Root'), tried: [] }, named('x'));
    const screen = pathsText(report, { paint: PLAIN, width: 100, every: false });
    expect(screen.match(/ -> Root {3}effort/g)).toHaveLength(5);
    expect(screen).toContain('2 more paths, none with less effort; -o wide tells every one\n');
    expect(pathsText(report, { paint: PLAIN, width: 100, every: true }).match(/ -> Root {3}effort/g)).toHaveLength(7);
  });

  test('what could not be read is told, and then no foothold is said to lead nowhere', () => {
    const gap = {
      kind: 'Role',
      reason: 'forbidden',
      detail: 'Roles are forbidden',
      remedy: 'Grant list on roles.',
    } as const;
    const goals = [{ goal: node('Root'), reachable: 'unknown', essential: [], because: [] }] as const;
    const report = pathsReport(
      { ...answerOf(), goals },
      { from: undefined, to: node('Root'), tried: [node('Internet')] },
      { ...named('x'), coverage: { read: [], gaps: [gap], notes: [] } },
    );
    const silent = all(report).filter(([, text]) => !text.includes('Roles are forbidden'));
    expect(silent.map(([format]) => format)).toEqual([]);
    expect(
      all(report)
        .map(([, text]) => text)
        .join('\n'),
    ).not.toContain('lead nowhere');
  });

  test('an SVG file is well-formed, has a title and a description, and asks for nothing', () => {
    const svg = pathsSvgDocument(shop);
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).toMatch(/<title id="title">Attack paths: the shop<\/title>/);
    expect(svg).toContain('<desc>3 paths of');
    expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|<script|<image|@import/);
  });

  test('names that are mark-up stay names', () => {
    const bad = `"><script>window.broken=1</script>`;
    const report = pathsReport(
      answerOf([hop('B1', node('Shell', bad, bad), node('Token', bad, bad), { title: bad, open: bad })]),
      { from: undefined, to: undefined, tried: [] },
      named(bad),
    );
    const { lead, sections } = pathsPage(report, []);
    const html = lead + sections.map((section) => section.html).join('');
    for (const text of [pathsSvgDocument(report), html, pathsMarkdown(report)]) expect(text).not.toContain('<script');
    expect(unbalanced(pathsSvgDocument(report))).toEqual([]);
    expect(pathsDot(report.answer)).toContain(String.raw`\"><script>`);
  });
});

test('long names are broken where they have joints, and cut only at their end', () => {
  expect(brokenName('')).toEqual([]);
  expect(brokenName('shop/web')).toEqual(['shop/web']);
  expect(brokenName('system:serviceaccount:ci:runner')).toEqual(['system:serviceaccount:', 'ci:runner']);
  expect(brokenName('x'.repeat(100))).toEqual(['x'.repeat(23), 'x'.repeat(23), `${'x'.repeat(22)}…`]);
});

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** Tags of an XML text that are not closed, or closed without being open. */
function unbalanced(xml: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, close, name = '', empty] of xml.matchAll(/<(\/?)([a-z]+)(?:[^>"]|"[^"]*")*?(\/?)>/g)) {
    if (close === '/') {
      if (open.pop() !== name) wrong.push(name);
    } else if (empty !== '/') open.push(name);
  }
  return [...wrong, ...open];
}
