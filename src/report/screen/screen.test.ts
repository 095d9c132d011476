import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { run } from '../../cli/run.ts';
import { displayWidth } from '../text-table.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SHOP = ['-f', 'examples/shop/manifests'];

/** The first screen of a command on a terminal of some width, or in a pipe. */
async function screen(
  args: readonly string[],
  terminal: { readonly columns?: number; readonly isTTY?: boolean; readonly env?: Record<string, string> } = {},
): Promise<string> {
  const stdout = Object.assign(new PassThrough(), {
    ...(terminal.columns === undefined ? {} : { columns: terminal.columns }),
    isTTY: terminal.isTTY ?? false,
  });
  let text = '';
  stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await run(args, {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    env: terminal.env ?? {},
    cwd: ROOT,
    now: () => new Date('2026-11-21T12:00:00Z'),
    signal: new AbortController().signal,
    exitCode: 0,
  });
  expect(status).toBe(0);
  return text;
}

const ESCAPE = '\u001b';

describe.each(['verify', 'check'])('%s', (command) => {
  test.each([80, 120])('at %i columns only what cannot be broken is wider', async (columns) => {
    const text = await screen([command, ...SHOP], { columns, isTTY: true, env: { NO_COLOR: '1' } });
    const wide = text.split('\n').filter((line) => displayWidth(line) > columns);
    // A command to copy stays on one line.
    expect(wide.filter((line) => !line.startsWith('Next: '))).toEqual([]);
  });

  test('the parts come in order: the verdicts, the worst, what was not read, the next command', async () => {
    const text = await screen([command, ...SHOP, '--unreadable', 'PodDisruptionBudget,Namespace']);
    const parts = ['The 5 worst of', 'Not read', 'Next: seaworthy'].map((part) => text.indexOf(`\n${part}`));
    expect(parts.every((at) => at > 0)).toBe(true);
    expect([...parts].sort((a, b) => a - b)).toEqual(parts);
    expect(text).toMatch(/ {2}\? Namespace objects are treated as unreadable/);
  });

  test('colours are for terminals; a word says the same everywhere', async () => {
    const plain = await screen([command, ...SHOP], { columns: 100 });
    const coloured = await screen([command, ...SHOP], { columns: 100, isTTY: true });
    expect(plain).not.toContain(ESCAPE);
    expect(coloured).toContain(ESCAPE);
    expect(coloured.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')).toBe(plain);
    expect(await screen([command, ...SHOP], { columns: 100, isTTY: true, env: { NO_COLOR: '1' } })).toBe(plain);
  });
});

test('verify says a thing once: no violated claim again among the worst, an unread document not for every check', async () => {
  const shop = await screen(['verify', ...SHOP]);
  const [claims = '', worst = ''] = shop.split('The 5 worst of');
  expect(claims).toContain('✗ violated');
  expect(worst).toContain('cluster-admin-binding');
  expect(worst).not.toContain('not true:');
  expect(await screen(['verify', ...SHOP, '--unreadable', 'Deployment.apps'])).toMatch(
    /, \d\d could not be judged for \d reasons?$/m,
  );
});

test('a screen that has nothing to complain about says so, and what to do next', async () => {
  const text = await screen(['check', ...SHOP, '--only', 'host-pid']);
  expect(text).toBe(
    'nothing fails; 14 passed (1 check on examples/shop/manifests)\n\n' +
      'Next: seaworthy check -f examples/shop/manifests --show-passed -o wide  what was looked at\n',
  );
});

test('claims that are unknown for one reason are told once, and what would help is said once', async () => {
  const text = await screen(['verify', ...SHOP, '--unreadable', 'ClusterRoleBinding,ClusterRole']);
  expect(text).toMatch(/ {2}\? unknown {2}\d+ claims for one reason: \S+ objects are\s+treated as unreadable/);
  expect(text.match(/Leave ClusterRoleBinding\S* out of --unreadable/g)?.length).toBeLessThanOrEqual(2);
});

test('COLUMNS says how wide a pipe is, too', async () => {
  const text = await screen(['verify', ...SHOP], { env: { COLUMNS: '60' } });
  const wide = text.split('\n').filter((line) => displayWidth(line) > 60);
  expect(wide.filter((line) => !/^(Next: | {5}examples\/| {13}[\w/-]+, analysed)/.test(line))).toEqual([]);
});

test('where nothing could be judged, nothing is said to be fine', async () => {
  const text = await screen(['check', ...SHOP, '--only', 'host-pid', '--unreadable', 'Deployment,DaemonSet,Job']);
  expect(text).toMatch(/^nothing is known to fail; 3 could not be judged; 0 passed/);
});

test('a hole stands before what is only not hardened, and is what is explained next', async () => {
  const text = await screen(['check', ...SHOP, '--only', 'allow-priv-escalation,host-path-volume']);
  const [first, second] = [...text.matchAll(/^ {2}\d\. HIGH {2}(\S+)$/gm)].map(([, id]) => id);
  expect([first, second]).toEqual(['host-path-volume', 'allow-priv-escalation']);
  expect(text).toContain('Next: seaworthy explain host-path-volume');
});
