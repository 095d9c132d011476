import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand, type Ran } from '../../testing/test-io.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sources-'));
  writeFileSync(
    join(cwd, 'ok.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: b}\n',
  );
  writeFileSync(join(cwd, 'bad.yaml'), 'kind: x\n');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** `snapshot save` prints what was read, so it shows what every command is given. */
const save = (args: readonly string[], env = {}, stdin = ''): Promise<Ran> =>
  runCommand(['snapshot', 'save', ...args], { cwd, env, stdin });

interface Saved {
  readonly objects: readonly { readonly metadata: { readonly name: string; readonly namespace?: string } }[];
  readonly kubernetesVersion?: unknown;
  readonly coverage: { readonly gaps: readonly unknown[] };
  readonly findings: readonly unknown[];
}

async function saved(args: readonly string[], stdin = ''): Promise<Saved> {
  const ran = await save(args, {}, stdin);
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(ran.stdout) as Saved;
}

describe('facts from files', () => {
  test('many -f, and -n for objects without a namespace', async () => {
    const { objects } = await saved(['-f', 'ok.yaml', '-f', 'bad.yaml', '-n', 'shop']);
    expect(objects.map(({ metadata }) => metadata)).toEqual([{ name: 'b' }, { name: 'a', namespace: 'shop' }]);
  });

  test('stdin', async () => {
    expect((await saved(['-f', '-'], 'apiVersion: v1\nkind: Pod\nmetadata: {name: in}\n')).objects).toHaveLength(1);
  });

  test('--kubernetes-version', async () => {
    expect((await saved(['-f', 'ok.yaml', '--kubernetes-version', 'v1.33'])).kubernetesVersion).toEqual({
      major: 1,
      minor: 33,
    });
    expect((await save(['-f', 'ok.yaml', '--kubernetes-version', 'new'])).status).toBe(2);
  });

  test('--unreadable takes names as people write them', async () => {
    const { objects, coverage } = await saved([
      '-f',
      'ok.yaml',
      '--unreadable',
      'pods,netpol',
      '--unreadable',
      'Widget.example.com',
    ]);
    expect(objects).toHaveLength(1);
    expect(coverage.gaps).toMatchObject([
      { kind: 'Pod', reason: 'unreadable' },
      { kind: 'NetworkPolicy.networking.k8s.io' },
      { kind: 'Widget.example.com' },
    ]);
  });

  test('--snapshot gives what was saved', async () => {
    await save(['-f', 'ok.yaml', '-o', 's.json.gz']);
    expect((await saved(['--snapshot', 's.json.gz'])).objects).toHaveLength(2);
  });

  test('what is broken is a finding; --strict makes it an error', async () => {
    expect((await saved(['-f', 'ok.yaml', '-f', 'bad.yaml'])).findings).toHaveLength(1);
    const strict = await save(['-f', 'ok.yaml', '-f', 'bad.yaml', '--strict']);
    expect(strict).toMatchObject({ status: 2, stdout: '' });
    expect(strict.stderr).toContain('error SW_NOT_AN_OBJECT');
    expect(strict.stderr).toContain('at bad.yaml:1:1');
  });
});

describe('what can not be had', () => {
  test.each([
    [['-f', 'nowhere'], 2, 'SW_FILE_NOT_FOUND'],
    [['-f', 'ok.yaml', '--snapshot', 'x'], 2, 'SW_TWO_SOURCES'],
    [['--snapshot', 'ok.yaml'], 2, 'SW_NOT_A_SNAPSHOT'],
    [['--as-group', 'x', '--kubeconfig', 'ok.yaml'], 2, 'SW_USAGE'],
    [[], 4, 'SW_KUBECONFIG_NOT_FOUND'],
    [['--kubeconfig', 'nowhere'], 4, 'SW_KUBECONFIG_NOT_FOUND'],
    [['--kubeconfig', 'ok.yaml'], 4, 'SW_CONTEXT_NOT_FOUND'],
    [['-f', 'ok.yaml', '-o', '/dev/full'], 2, 'SW_CANNOT_WRITE'],
  ])('%j', async (args, status, code) => {
    const ran = await save(args);
    expect(ran.status).toBe(status);
    expect(ran.stderr).toContain(`error ${code}: `);
    expect(ran.stdout).toBe('');
  });

  test('the lab when none is running', async () => {
    const ran = await save(['--lab'], { XDG_RUNTIME_DIR: cwd });
    expect(ran.status).toBe(4);
    expect(ran.stderr).toContain('seaworthy lab up');
  });
});
