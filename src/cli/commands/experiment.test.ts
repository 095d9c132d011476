import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startLabServer, type LabServer } from '../../cluster/testing/lab-server.ts';
import { settle } from '../../experiments/testing/world.ts';
import { runCommand, type Ran } from '../../testing/test-io.ts';

/** The commands as a person types them, wrongly too, against a real API server without nodes. */
let server: LabServer;
const directory = mkdtempSync(join(tmpdir(), 'experiment-'));
const env = { KUBECONFIG: join(directory, 'kubeconfig'), SEAWORTHY_STATE: join(directory, 'state'), NO_COLOR: '1' };

beforeAll(async () => {
  server = await startLabServer();
  await settle(server);
  const named = { name: 'lab' };
  write('kubeconfig', {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [
      {
        ...named,
        cluster: {
          server: `https://127.0.0.1:${server.proxy.port}`,
          'certificate-authority-data': Buffer.from(server.api.ca).toString('base64'),
        },
      },
    ],
    users: [{ ...named, user: { token: server.api.adminToken } }],
    contexts: [{ ...named, context: { cluster: 'lab', user: 'lab' } }],
  });
  write('claims.yaml', {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'Claim',
    metadata: { name: 'web-answers', namespace: 'shop' },
    spec: { steadyState: { probe: { endpoints: { service: 'web', atLeast: 1 } }, window: '1s' } },
  });
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(file: string, ...documents: readonly object[]): string {
  writeFileSync(join(directory, file), documents.map((document) => stringify(document)).join('---\n'));
  return file;
}

const target = { namespace: 'shop', pods: { matchLabels: { app: 'web' } } };
const experiment = (spec: object = {}, name = 'web-survives'): object => ({
  apiVersion: 'seaworthy.dev/v1alpha1',
  kind: 'Experiment',
  metadata: { name },
  spec: {
    hypothesis: [{ claim: 'web-answers' }],
    faults: [{ podKill: { target } }],
    design: { kind: 'single', before: '100ms', during: '100ms', after: '100ms' },
    every: '50ms',
    blastRadius: { namespaces: ['shop'] },
    ...spec,
  },
});

const seaworthy = (...args: readonly string[]): Promise<Ran> =>
  runCommand(['experiment', ...args], { cwd: directory, env });

describe('plan', () => {
  test('shows what would be touched, and what ends each fault, and changes nothing', async () => {
    const file = write('plan.yaml', experiment());
    const { status, stdout } = await seaworthy('plan', '-f', file, '--claims', 'claims.yaml', '--seed', '1');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Experiment web-survives\n {2}context {5}lab /);
    expect(stdout).toMatch(/touches {5}1 pod: shop\/web-[01]\n/);
    expect(stdout).toContain('if killed: a deleted pod is gone at once: there is nothing to end');
    expect(stdout).toContain('the weaker design');
  });

  test('the same seed draws the same pods; the document says all of it', async () => {
    const file = write('plan.yaml', experiment());
    const args = ['plan', '-f', file, '--claims', 'claims.yaml', '--seed', '5', '-o', 'json'];
    const [one, two] = [await seaworthy(...args), await seaworthy(...args)];
    expect(one.stdout).toBe(two.stdout);
    expect(JSON.parse(one.stdout)).toMatchObject({
      apiVersion: 'seaworthy.dev/v1alpha1',
      kind: 'ExperimentPlan',
      metadata: { name: 'web-survives' },
      context: 'lab',
      hypothesis: [{ claim: 'shop/web-answers' }],
      faults: [
        { fault: 'pod-kill', tier: 'T0', touches: { namespaces: ['shop'], nodes: [] }, endsBy: { by: 'nothing' } },
      ],
      lastsMs: 300,
      blastRadius: { limit: { namespaces: ['shop'], maxPods: 1, maxNodes: 0 }, within: true, because: [] },
    });
  });

  test('a plan beyond the blast radius is shown, and a run of it refused before anything is written down', async () => {
    const all = experiment({ faults: [{ podKill: { target, mode: 'all' } }] });
    const args = ['-f', write('wide.yaml', all), '--claims', 'claims.yaml'];
    expect((await seaworthy('plan', ...args)).stdout).toContain('EXCEEDED');
    const run = await seaworthy('run', '--yes', ...args);
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain('error SW_BLAST_RADIUS_EXCEEDED: it would touch 2 pods, the limit is 1');
    expect((await seaworthy('list')).stdout).toBe('No runs are kept here.\n');
  });

  test('a design longer than the time to live, and a parallel one without a control group, are noticed', async () => {
    const short = await seaworthy(
      'plan',
      '-f',
      write('short.yaml', experiment({ ttl: '200ms' })),
      '--claims',
      'claims.yaml',
    );
    expect(short.stdout).toContain('longer than the time to live of 200ms');
    const parallel = experiment({ design: { kind: 'parallel' }, faults: [{ podKill: { target, mode: 'all' } }] });
    const none = await seaworthy('plan', '-f', write('parallel.yaml', parallel), '--claims', 'claims.yaml');
    expect(none.stderr).toContain('error SW_EXPERIMENT_NO_CONTROL');
  });
});

describe('mistakes', () => {
  test.each([
    ['a file that is not there', ['nowhere.yaml'], 'SW_EXPERIMENT_UNREADABLE'],
    ['no experiment in the file', ['claims.yaml'], 'SW_EXPERIMENT_INVALID'],
    ['two experiments of one name', ['twice.yaml'], 'two experiments are called web-survives'],
    ['an unknown claim', ['typo.yaml', '--claims', 'claims.yaml'], 'Did you mean shop/web-answers?'],
    ['an unknown fault', ['fault.yaml'], 'fault.yaml:'],
    ['a target that is not there', ['nobody.yaml', '--claims', 'claims.yaml'], 'SW_FAULT_REFUSED'],
    ['a seed that is no number', ['plan.yaml', '--seed', 'x'], 'Give a whole number'],
  ])('%s', async (_, [file = '', ...more], says) => {
    write('plan.yaml', experiment());
    write('twice.yaml', experiment(), experiment());
    write('typo.yaml', experiment({ hypothesis: [{ claim: 'shop/web-answer' }] }));
    write('fault.yaml', experiment({ faults: [{ podKil: { target } }] }));
    write(
      'nobody.yaml',
      experiment({ faults: [{ podKill: { target: { ...target, pods: { matchLabels: { app: 'x' } } } } }] }),
    );
    for (const command of ['plan', 'run']) {
      const ran = await seaworthy(command, '-f', file, ...more);
      expect({ command, status: ran.status, stdout: ran.stdout }).toEqual({ command, status: 2, stdout: '' });
      expect(ran.stderr).toContain(says);
    }
  });

  test('files are read before a cluster is asked; then a missing one is said', async () => {
    const without = (...args: readonly string[]) =>
      runCommand(['experiment', ...args], { cwd: directory, env: { ...env, KUBECONFIG: '/nowhere' } });
    expect((await without('plan', '-f', 'nowhere.yaml')).stderr).toContain('SW_EXPERIMENT_UNREADABLE');
    for (const args of [['plan', '-f', 'plan.yaml'], ['status'], ['recover']])
      expect(await without(...args)).toMatchObject({ status: 4, stdout: '' });
  });

  test('a run asks, and nobody is there to answer', async () => {
    write('plan.yaml', experiment());
    const ran = await seaworthy('run', '-f', 'plan.yaml', '--claims', 'claims.yaml');
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain('error SW_EXPERIMENT_NOT_CONFIRMED');
  });

  test('runs that are not there', async () => {
    expect((await seaworthy('abort')).stderr).toContain('SW_EXPERIMENT_NOT_RUNNING: no run goes on here');
    expect((await seaworthy('abort', 'nope')).stderr).toContain('run nope does not go on here');
    expect((await seaworthy('recover', '--run', 'nope')).stderr).toContain('SW_EXPERIMENT_RUN_NOT_FOUND');
    expect((await seaworthy('recover')).stdout).toBe('There is nothing to recover.\n');
    expect((await seaworthy('status')).stdout).toBe('No experiment is in effect.\n');
  });
});

test(
  'a claim that can not be judged ends the run before anything is broken, and says so',
  { timeout: 60_000 },
  async () => {
    const pods = async () =>
      (await server.api.client('t', ['system:masters']).list({ apiVersion: 'v1', kind: 'Pod' })).length;
    const before = await pods();
    const unknown = {
      apiVersion: 'seaworthy.dev/v1alpha1',
      kind: 'Claim',
      metadata: { name: 'budget-allows', namespace: 'shop' },
      spec: { steadyState: { probe: { disruption: { budget: 'none', evictable: 1 } }, window: '1s' } },
    };
    const file = write('unknown.yaml', unknown, experiment({ hypothesis: [{ claim: 'budget-allows' }] }));
    const ran = await seaworthy('run', '--yes', '-o', 'json', '-f', file);
    const run = JSON.parse(ran.stdout);
    expect(run).toMatchObject({ kind: 'ExperimentRun', state: 'steadyStateUnknown', faults: [], residue: [] });
    expect(run.because).toMatch(/^before anything was broken, shop\/budget-allows could not be judged: /);
    expect(run.verdicts).toMatchObject([{ verdict: 'unknown', level: 'declared' }]);
    expect(await pods()).toBe(before);
    expect((await seaworthy('list')).stdout).toMatch(/web-survives +lab +steadyStateUnknown +0/);
  },
);
