import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatNode, type AttackNode } from '../src/analysis/attack/nodes.ts';
import type { Finding, VerificationReport } from '../src/report/types.ts';
import { runCommand } from '../src/testing/test-io.ts';
import { readWeaknesses, type FoundAs } from './shop-weaknesses.ts';

const ROOT = join(import.meta.dirname, '..');
const { planted, low } = readWeaknesses();
const all = <K extends FoundAs['kind']>(kind: K): readonly Extract<FoundAs, { kind: K }>[] =>
  planted.flatMap(({ foundAs }) => foundAs).filter((one): one is Extract<FoundAs, { kind: K }> => one.kind === kind);

async function answer(...args: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await runCommand([...args, '-o', 'json'], { cwd: ROOT });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return JSON.parse(stdout);
}

const objectOf = ({ object }: Finding): string =>
  `${object?.kind} ${object?.namespace === undefined ? '' : `${object.namespace}/`}${object?.name}`;

test('the table has all its rows', () => {
  expect(planted.map(({ id }) => id)).toEqual(planted.map((_, index) => `W${index + 1}`));
  expect(planted.length).toBeGreaterThanOrEqual(14);
});

describe('over the files of the shop', async () => {
  const sources = ['-f', 'examples/shop/manifests', '-f', 'examples/shop/reports'];
  const given = [...sources, '--claims', 'examples/shop/claims.yaml'];
  const report = (await answer('verify', ...given)) as VerificationReport;

  test('the claims of the table are violated, and no other is', () => {
    const violated = report.claims.filter(({ verdict }) => verdict === 'violated').map(({ claim }) => claim);
    expect(violated.sort()).toEqual(
      all('claim')
        .map(({ claim }) => claim)
        .sort(),
    );
  });

  test('what only an experiment can find is not violated by the configuration', () => {
    for (const { claim } of all('experiment'))
      expect(report.claims.find((one) => one.claim === claim)?.verdict).not.toBe('violated');
  });

  test('the checks of the table fail where it says, and above severity low nowhere else', () => {
    const failing = report.findings.filter(({ verdict, severity }) => verdict === 'fail' && severity !== 'low');
    const found = [...new Set(failing.map((finding) => `${finding.check} on ${objectOf(finding)}`))];
    expect(found.sort()).toEqual(
      all('check')
        .map(({ check, object }) => `${check} on ${object}`)
        .sort(),
    );
  });

  test('the planted path is in the report, with one change that cuts it', () => {
    const found = report.attackPaths ?? [];
    expect(found.map(({ paths }) => paths.map(({ from, to }) => [from.kind, to.kind]))).toEqual([
      all('path').map(({ from, to }) => [from, to]),
    ]);
    expect(found[0]?.fix).toMatchObject({ outcome: 'fixed', minimal: true, verified: true, lowerBound: 1 });
  });

  test('what is reported of low severity is explained', () => {
    const found = new Set(report.findings.filter(({ severity }) => severity === 'low').map(({ check }) => check));
    expect([...found].sort()).toEqual([...low].sort());
  });
});

test.each(all('path'))('a path leads from $from to $to', async ({ from, to }) => {
  const sources = ['-f', 'examples/shop/manifests', '-f', 'examples/shop/reports'];
  const { goals, paths } = (await answer('paths', ...sources, '--from', from, '--to', to)) as {
    readonly goals: readonly { readonly reachable: boolean | 'unknown' }[];
    readonly paths: readonly unknown[];
  };
  expect(goals[0]?.reachable).toBe(true);
  expect(paths.length).toBeGreaterThan(0);
});

test('paths lead from nowhere but the planted chain', async () => {
  const sources = ['-f', 'examples/shop/manifests', '-f', 'examples/shop/reports'];
  const { paths } = (await answer('paths', ...sources)) as {
    readonly paths: readonly { readonly from: AttackNode; readonly to: AttackNode }[];
  };
  expect(paths.map(({ from, to }) => `${formatNode(from)} to ${formatNode(to)}`).sort()).toEqual([
    'Internet to Root',
    'Shell:admin/console to Root',
    'Shell:ci/runner to Root',
  ]);
});
