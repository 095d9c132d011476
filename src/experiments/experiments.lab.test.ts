import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pod, podSpec } from '../lab/testing/objects.ts';
import type { TestLab } from '../lab/testing/test-lab.ts';
import { at } from '../model/json.ts';
import { runCommand, type Ran } from '../testing/test-io.ts';
import type { ExperimentRun } from './design/run-record.ts';
import { storedIntents } from './journal/cluster-journal.ts';
import { startConductor, type ConductorProcess } from './testing/conductor-process.ts';
import {
  AGENT,
  appIsWhole,
  CLIENT,
  nothingLeft,
  startAppLab,
  traces,
  WEB,
  type AppLab,
  type Desk,
} from './testing/lab-app.ts';

/** Every fault on real pods, packets and processes, through the commands a person types. Each leaves nothing behind. */
const ROOT = join(import.meta.dirname, '../..');
const TIMES = { before: '500ms', during: '3s', after: '500ms' };
const SINGLE = { kind: 'single', ...TIMES };
const PARTITION = { networkPartition: { from: CLIENT, to: WEB } };
const WIDE = { namespaces: ['app', 'kube-system'], maxPods: 12, maxNodes: 2 };

let lab: TestLab;
let desk: Desk;
let env: AppLab['env'];
let stop: AppLab['stop'];
beforeAll(async () => {
  ({ lab, desk, env, stop } = await startAppLab());
});
afterAll(() => stop());
afterEach(async () => {
  // The application is whole again before the next test, and nothing of ours is in the cluster.
  await appIsWhole(lab);
  await nothingLeft(lab);
});

const spec = (claim: string, faults: readonly object[], more: object = {}): object => ({
  hypothesis: [{ claim: `app/${claim}` }],
  faults,
  design: SINGLE,
  blastRadius: WIDE,
  every: '250ms',
  ttl: '90s',
  ...more,
});

const seaworthy = (...args: readonly string[]): Promise<Ran> => runCommand(args, { cwd: ROOT, env });

async function run(name: string, written: object): Promise<ExperimentRun> {
  const ran = await seaworthy('experiment', 'run', '--lab', '--yes', '-o', 'json', ...desk.write(name, written));
  if (ran.stdout === '') throw new Error(ran.stderr);
  const result = JSON.parse(ran.stdout) as ExperimentRun;
  expect({ name, residue: result.residue }).toEqual({ name, residue: [] });
  await nothingLeft(lab);
  return result;
}

/** What a run did, short enough to read in an expectation. */
const summary = (result: ExperimentRun): object => ({
  state: result.because === undefined ? result.state : `${result.state}: ${result.because}`,
  bit: result.faults.map(({ fault, bit }) => `${fault} ${bit.bit === true ? 'bit' : `did not bite: ${bit.says}`}`),
  undone: result.faults.every(({ undoneAt }) => undoneAt !== undefined),
});
/** A cut that bit: in both families of addresses nobody answers. */
const BOTH_SILENT = /: no answer.* over IPv6: no answer/;
const clean = (...faults: readonly string[]): object => ({
  state: 'completed',
  bit: faults.map((fault) => `${fault} bit`),
  undone: true,
});

describe('faults', () => {
  test('pods are killed in one of two groups, and the other is watched beside it', async () => {
    const result = await run(
      'pod-kill',
      spec('isolated', [{ podKill: { target: WEB, mode: { percent: 50 } } }], {
        design: { kind: 'parallel', ...TIMES },
      }),
    );
    expect(summary(result)).toEqual(clean('pod-kill'));
    expect(result.series.map(({ group }) => group).sort()).toEqual(['all', 'control', 'experimental']);
  });

  test('two groups of pods lose each other', async () => {
    const result = await run('partition', spec('works', [PARTITION]));
    expect(summary(result)).toEqual(clean('network-partition', 'network-partition'));
    for (const { bit } of result.faults) expect(bit.says).toMatch(BOTH_SILENT);
    expect(result.verdicts).toMatchObject([{ verdict: 'violated', level: 'proven' }]);
    expect(JSON.stringify(result.verdicts)).toContain('does not tell them from coincidence');
  });

  test('a node loses the other one: its packets are dropped both ways', async () => {
    const result = await run('node-partition', spec('works', [{ nodePartition: { node: 'worker-1' } }]));
    expect(summary(result)).toEqual(clean('node-partition'));
    for (const { bit } of result.faults) expect(bit.says).toMatch(BOTH_SILENT);
  });

  test('a node loses its power and comes back', async () => {
    const result = await run('node-power', spec('works', [{ nodePower: { node: 'worker-2' } }]));
    expect(summary(result)).toEqual(clean('node-power'));
  });

  test('the policy agent comes late: restarted pods are open to strangers until it is back', async () => {
    const result = await run('agent-lag', spec('isolated', [{ policyAgentLag: { agent: AGENT, restart: WEB } }]));
    expect(summary(result)).toEqual(clean('policy-agent-lag'));
    expect(result.verdicts).toMatchObject([{ verdict: 'violated', level: 'proven' }]);
  });

  test('processes eat CPU and memory, and are gone afterwards', async () => {
    const result = await run(
      'starvation',
      spec('works', [{ cpuStarvation: { target: WEB } }, { memoryStarvation: { target: WEB, mode: 'one' } }]),
    );
    expect(summary(result)).toEqual(clean('cpu-starvation', 'memory-starvation'));
  });

  test('a switchback brings the fault and takes it back in every pair of blocks', async () => {
    const design = { kind: 'switchback', blocks: 2, block: '3s', washout: '1s', before: '500ms', after: '500ms' };
    const result = await run('switchback', spec('works', [{ policyAgentLoss: { agent: AGENT } }], { design }));
    expect(summary(result)).toEqual(clean('policy-agent-loss'));
    expect(result.phases.map(({ name }) => name).sort()).toEqual([
      'after',
      'before',
      'off',
      'on',
      'washout',
      'washout',
    ]);
    expect(result.verdicts[0]?.comparison).toMatchObject({ kind: 'switchback', blamed: false });
  });
});

describe('what goes wrong', () => {
  test('the safety stop ends a run long before its time', async () => {
    const design = { ...SINGLE, during: '60s' };
    const stopWhen = [{ claim: 'app/works', violatedFor: '1s' }];
    const result = await run('stop', spec('works', [PARTITION], { design, stopWhen }));
    expect(result.state).toBe('stopped');
    expect(result.because).toContain('app/works did not hold for');
  });

  test('a target that vanishes in the middle is no reason to fall over', async () => {
    await lab.create(pod('app', 'lonely', podSpec()));
    await lab.until('/api/v1/namespaces/app/pods/lonely', (body) => at(body, 'status', 'phase') === 'Running');
    const target = { namespace: 'app', pods: { matchLabels: { app: 'lonely' } } };
    const conductor = start('vanish', spec('works', [{ cpuStarvation: { target } }]));
    await conductor.says('fault: keep');
    await lab.client.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'app', name: 'lonely' });
    expect(await conductor.ended()).toBe(0);
    expect(conductor.output()).toContain('Nothing is left behind.');
  });

  test('what would touch too much is refused before anything is written down', async () => {
    const before = readdirSync(desk.state);
    const written = desk.write(
      'too-much',
      spec('works', [PARTITION], { blastRadius: { namespaces: ['app'], maxPods: 1 } }),
    );
    const ran = await seaworthy('experiment', 'run', '--lab', '--yes', ...written);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain('error SW_BLAST_RADIUS_EXCEEDED: it would touch 3 pods, the limit is 1');
    expect(readdirSync(desk.state)).toEqual(before);
  });

  test('another terminal can abort a run, which takes everything back', async () => {
    const conductor = start('abort', spec('works', [PARTITION], { design: { ...SINGLE, during: '60s' } }));
    await conductor.says('during for 1m');
    const aborted = await seaworthy('experiment', 'abort');
    expect(aborted.stderr).toContain('was told to stop');
    expect(await conductor.ended()).toBe(130);
    expect(conductor.output()).toContain('Experiment abort: aborted');
  });
});

describe('the conductor is killed with SIGKILL', () => {
  const long = (faults: readonly object[], ttl: string): object =>
    spec('works', faults, { design: { ...SINGLE, during: '60s' }, ttl });

  test('its guard takes everything back at once', async () => {
    const conductor = start('guarded', long([{ policyAgentLoss: { agent: AGENT } }, PARTITION], '90s'));
    await conductor.says('during for 1m');
    // What asks in the pods, too, ends with the conductor.
    expect((await traces(lab)).join('\n')).toMatch(/^process .*agent\/probe\.ts batch/m);
    await conductor.kill();
    await nothingLeft(lab);
  });

  test('with its guard dead, it takes everything back by itself', async () => {
    const conductor = start('unguarded', spec('works', [{ policyAgentLoss: { agent: AGENT } }, PARTITION]));
    await conductor.says('during for 3s');
    conductor.killGuard();
    expect(await conductor.ended()).toBe(0);
    expect(conductor.output()).toContain('Nothing is left behind.');
  });

  test('with its guard dead too, recovery leaves nothing, and has nothing to do the second time', async () => {
    const conductor = start('recovered', long([{ policyAgentLoss: { agent: AGENT } }, PARTITION], '90s'));
    await conductor.says('during for 1m');
    await conductor.killAll();
    const status = await seaworthy('experiment', 'status', '--lab', '-o', 'json');
    expect(JSON.parse(status.stdout).intents).toHaveLength(3);
    const recovered = await seaworthy('experiment', 'recover', '--lab', '-o', 'json');
    expect(JSON.parse(recovered.stdout)).toMatchObject({ left: [], residue: [], recovered: [{}, {}, {}] });
    await nothingLeft(lab);
    expect((await seaworthy('experiment', 'recover', '--lab')).stdout).toBe('There is nothing to recover.\n');
    expect((await seaworthy('experiment', 'list')).stdout).toMatch(/ recovered +\S+ +recovered +0$/m);
  });

  test('with its guard dead too, the cluster itself ends a partition when its time to live is over', async () => {
    const conductor = start('expired', long([PARTITION], '8s'));
    await conductor.says('during for 1m');
    await conductor.killAll();
    const policies = '/apis/networking.k8s.io/v1/namespaces/app/networkpolicies';
    await lab.until(policies, (body) => !JSON.stringify(body).includes('seaworthy-partition-'));
    await lab.until('/apis/batch/v1/jobs', (body) => !JSON.stringify(body).includes('seaworthy-fuse-'));
    const stored = await storedIntents(lab.client);
    expect(stored.kind === 'ok' && stored.value).toHaveLength(2);
    expect((await seaworthy('experiment', 'recover', '--lab')).status).toBe(0);
  });
});

/** Runs an experiment in a process of its own. */
function start(name: string, written: object): ConductorProcess {
  return startConductor(['experiment', 'run', '--lab', '--yes', ...desk.write(name, written)], { root: ROOT, env });
}
