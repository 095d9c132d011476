import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentReport, Finding, VerificationReport } from '../src/report/types.ts';
import { readWeaknesses, type FoundAs } from './shop-weaknesses.ts';

const MAIN = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const runtime = mkdtempSync(join(tmpdir(), 'seaworthy-demo-test-'));
const env = { ...process.env, XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: join(runtime, 'state') };
afterAll(() => rmSync(runtime, { recursive: true, force: true }));

/** A demo takes under two minutes on two cores; this is for machines that do much else. */
const LONGEST_MS = 400_000;

interface Demo {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly text: { out: string; err: string };
  readonly ended: Promise<unknown>;
}

function startDemo(...args: readonly string[]): Demo {
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], {
    env,
    cwd: runtime,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  return { child, text, ended: once(child, 'close') };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await delay(50);
}

/** Processes that were started by a demo of this test: they all inherit where its runtime directory is. */
function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`XDG_RUNTIME_DIR=${runtime}`);
      } catch {
        return false;
      }
    });
}

const left = (): readonly string[] => readdirSync(runtime).filter((name) => name.startsWith('seaworthy-lab'));

describe('what ends the demo before its time leaves nothing behind', () => {
  test('Ctrl-C while the lab starts', async () => {
    const { child, text, ended } = startDemo();
    await until(() => left().length > 0);
    child.kill('SIGINT');
    await ended;
    expect(child.exitCode).toBe(130);
    expect(text.err).toMatch(/interrupted/);
    await until(() => processes().length === 0);
    expect(readdirSync(runtime)).toEqual([]);
  });

  test(
    'kill -9 in the middle of an experiment',
    async () => {
      const { child, text, ended } = startDemo();
      await until(() => text.err.includes('Experiment isolation-survives-agent-loss') || child.exitCode !== null);
      expect(child.exitCode).toBeNull();
      child.kill('SIGKILL');
      await ended;
      await until(() => processes().length === 0 && left().length === 0);
      expect(readdirSync(runtime)).toEqual([]);
    },
    LONGEST_MS,
  );
});

describe('the whole demo', () => {
  const { planted, lab } = readWeaknesses();
  const all = <K extends FoundAs['kind']>(kind: K): readonly Extract<FoundAs, { kind: K }>[] =>
    planted.flatMap(({ foundAs }) => foundAs).filter((one): one is Extract<FoundAs, { kind: K }> => one.kind === kind);
  let demo: Demo;
  let report: VerificationReport;
  let experiments: readonly ExperimentReport[];

  beforeAll(async () => {
    demo = startDemo('--report', 'demo.html', '--report', 'demo.json');
    await demo.ended;
    if (demo.child.exitCode !== 0) throw new Error(`the demo ended with ${demo.child.exitCode}: ${demo.text.err}`);
    report = JSON.parse(readFileSync(join(runtime, 'demo.json'), 'utf8')) as VerificationReport;
    experiments = report.experiments ?? [];
  }, LONGEST_MS);
  afterAll(() => void demo.child.kill('SIGTERM'));

  test('it marks the planted weaknesses violated, and nothing else', () => {
    const violated = report.claims.filter(({ verdict }) => verdict === 'violated').map(({ claim }) => claim);
    expect(violated.sort()).toEqual([...all('claim'), ...all('experiment')].map(({ claim }) => claim).sort());
  });

  test('every finding of high severity and above is one of the table', () => {
    const objectOf = ({ object }: Finding): string =>
      `${object?.kind} ${object?.namespace === undefined ? '' : `${object.namespace}/`}${object?.name}`;
    const known = [...all('check'), ...lab].map(({ check, object }) => `${check} on ${object}`);
    const severe = report.findings
      .filter(({ verdict, severity, origin }) => verdict === 'fail' && origin !== 'disagreement' && severity !== 'low')
      .filter(({ severity }) => severity !== 'medium')
      .map((finding) => `${finding.check} on ${objectOf(finding)}`);
    expect(severe.filter((finding) => !known.includes(finding))).toEqual([]);
    const found = new Set(report.findings.map((finding) => `${finding.check} on ${objectOf(finding)}`));
    expect(all('check').filter(({ check, object }) => !found.has(`${check} on ${object}`))).toEqual([]);
  });

  test('at least three experiments ran and left nothing behind', () => {
    expect(experiments.length).toBeGreaterThanOrEqual(3);
    for (const { outcome, outcomeSays, residue, faults } of experiments) {
      // A machine too busy to look at anything for a while ends a run for safety; what was seen until then counts.
      if (outcome !== 'completed') expect(`${outcome}: ${outcomeSays}`).toMatch(/^stopped: nothing can be seen/);
      expect(residue).toEqual([]);
      expect(faults.map(({ bit }) => bit)).not.toContain(false);
    }
  });

  test.each(all('experiment'))(
    '$experiment finds that $claim holds in calm and not under fault',
    ({ experiment, claim }) => {
      const run = experiments.find(({ name }) => name === experiment);
      expect(run?.verdicts.find((one) => one.claim === claim)?.verdict).toBe('violated');
      const judged = report.claims.find((one) => one.claim === claim);
      expect(judged).toMatchObject({ verdict: 'violated', level: 'proven' });
      expect(judged?.because[0]?.says).toMatch(/^held in calm/);
      expect(judged?.evidence.find(({ level }) => level === 'analysed')?.verdict).not.toBe('violated');
    },
  );

  test('isolation that did not start again stays closed while the agent is away', () => {
    const run = experiments.find(({ name }) => name === 'isolation-survives-agent-loss');
    const claim = 'payments/payments-store-is-closed-to-the-shop';
    expect(run?.verdicts.find((one) => one.claim === claim)?.verdict).not.toBe('violated');
  });

  test.each(all('path'))(
    'the path from $from to $to is found, drawn, and every hop of it confirmed',
    ({ from, to }) => {
      const found = (report.attackPaths ?? []).flatMap(({ claim, paths, edges }) =>
        paths.map((path) => ({ claim, path, edges })),
      );
      // The planted one, and no other.
      expect(found.map(({ path }) => [path.from.kind, path.to.kind])).toEqual([[from, to]]);
      const [planted] = found;
      const kinds = planted?.path.edges.map((id) => planted.edges.find((edge) => edge.id === id)?.kind);
      expect(kinds).toEqual(['A1', 'A2', 'H1', 'A2', 'H3', 'D1', 'F7', 'E9']);
      const judged = report.claims.find(({ claim }) => claim === planted?.claim);
      expect(judged).toMatchObject({ verdict: 'violated', level: 'observed' });
      const hops = (judged?.because ?? []).flatMap((one) => (one.kind === 'observation' && one.data ? [one.data] : []));
      expect(hops).toMatchObject(planted?.path.edges.map((hop) => ({ hop, verdict: 'proven' })) ?? []);
    },
  );

  test('the first screen has the verdicts, the experiments and the report, and stderr no progress', () => {
    const { out, err } = demo.text;
    expect(out).toMatch(/^the embedded cluster {2}evidence up to level proven$/m);
    expect(out).toMatch(/^Experiments$/m);
    expect(out).toMatch(/calm ✓+ │ fault .* │ after /);
    expect(out).toContain(join(runtime, 'demo.html'));
    expect(err).not.toMatch(/^ +\d+ s {2}/m);
  });

  test('the report is one HTML page with the experiments in it', () => {
    const page = readFileSync(join(runtime, 'demo.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    for (const { name } of experiments) expect(page).toContain(name);
    const drawn = page.match(/<svg class="paths-graph".*?<\/svg>/gs) ?? [];
    expect(drawn.map((svg) => svg.match(/<tspan class="proven">/g)?.length)).toEqual([8]);
    expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/);
  });

  test('the lab is gone', () => {
    expect(left()).toEqual([]);
    expect(processes()).toEqual([]);
    expect(existsSync(join(runtime, 'state'))).toBe(false);
  });
});
