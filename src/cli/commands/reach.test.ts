import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { Io } from '../io.ts';
import { registerReach } from './reach.ts';

const CASES = join(import.meta.dirname, '..', '..', 'analysis', 'network', 'cases');
const TWO_TIER = join(CASES, 'two-tier.yaml');

async function reach(...args: readonly string[]): Promise<{ readonly out: string; readonly exitCode: number }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  stderr.resume();
  const out = text(stdout);
  const io: Io = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    cwd: CASES,
    now: () => new Date(0),
    signal: new AbortController().signal,
    exitCode: 0,
  };
  const program = new Command().exitOverride();
  registerReach(program, io);
  try {
    await program.parseAsync(['reach', ...args], { from: 'user' });
  } finally {
    stdout.end();
  }
  return { out: await out, exitCode: io.exitCode };
}

const json = async (...args: readonly string[]) => JSON.parse((await reach(...args, '-o', 'json')).out);

test('lists connections as workloads, ranges and ports', async () => {
  const report = await json('-f', TWO_TIER);
  expect(report).toMatchObject({ apiVersion: 'seaworthy.dev/v1alpha1', kind: 'ReachReport' });
  expect(report.connections).toContainEqual({ from: 'shop/web[Pod]', to: 'shop/db[Pod]', ports: 'TCP 5432' });
  expect(report.connections).toContainEqual({
    from: '0.0.0.0-255.255.255.255',
    to: 'shop/web[Pod]',
    ports: 'All Connections',
  });
});

test('a profile settles what is implementation-defined', async () => {
  const verdict = async (...more: readonly string[]) =>
    (await json('shop/agent', 'shop/db:5432', '-f', TWO_TIER, ...more)).verdict;
  expect(await verdict()).toBe('implementationDefined');
  expect(await verdict('--profile', 'calico')).toBe('denied');
  expect(await verdict('--profile', 'netpol-analyzer')).toBe('allowed');
});

test('without the policies nothing is known', async () => {
  const report = await json('shop/web', 'shop/db:5432', '-f', TWO_TIER, '--unreadable', 'NetworkPolicy');
  expect(report.verdict).toBe('unknown');
  const list = await json('-f', TWO_TIER, '--unreadable', 'NetworkPolicy');
  expect(list.connections).toEqual([]);
});

test('a peer that was not read is a mistake, with a code', async () => {
  await expect(reach('shop/nope', 'shop/db', '-f', TWO_TIER)).rejects.toMatchObject({
    code: 'SW_REACH_PEER_NOT_FOUND',
    exit: 2,
  });
});

test('diff names the change and trips on what is opened', async () => {
  const diff = await json('diff', '-f', TWO_TIER, '--against', join(CASES, 'invalid.yaml'));
  expect(diff.kind).toBe('ReachDiff');
  expect(diff.changes).toContainEqual(
    expect.objectContaining({
      change: 'added',
      from: 'shop/web[Pod]',
      to: 'shop/db[Pod]',
      before: null,
      after: 'TCP 5432',
    }),
  );
  expect(
    (await reach('diff', '-f', TWO_TIER, '--against', join(CASES, 'invalid.yaml'), '--fail-on', 'opened')).exitCode,
  ).toBe(1);
  expect((await reach('diff', '-f', TWO_TIER, '--against', TWO_TIER, '--fail-on', 'opened')).exitCode).toBe(0);
});
