import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseClaims } from '../../claims/read-claims.ts';
import { HURRIED, withLabServer } from '../../cluster/testing/with-lab-server.ts';
import { readCluster } from '../../sources/live.ts';
import type { ExperimentRun } from '../design/run-record.ts';
import { prepare } from '../plan.ts';
import type { Cluster } from '../ports.ts';
import { ExperimentSchema, type ExperimentInput } from '../schema.ts';
import { createSession, runExperiment } from '../session.ts';
import { systemClock } from '../system.ts';

/** A whole run against a real API server: a fault that does nothing, and a claim about what can be read there. */
const state = mkdtempSync(join(tmpdir(), 'conductor-'));
afterAll(() => rmSync(state, { recursive: true, force: true }));

const lab = withLabServer({
  connect: HURRIED,
  prepare: async ({ connect }) => {
    const client = connect();
    await client.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
      ports: [{ port: 80, protocol: 'TCP' }],
    });
    client.close();
  },
});
const claims = parseClaims(
  `apiVersion: seaworthy.dev/v1alpha1
kind: Claim
metadata: { name: answers, namespace: shop }
spec: { steadyState: { probe: { endpoints: { service: web, atLeast: 1 } }, window: 1s } }`,
  'claims.yaml',
);

async function run(design: ExperimentInput['spec']['design'], through: (real: Cluster) => Cluster, onLook: () => void) {
  const experiment = ExperimentSchema.parse({
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'Experiment',
    metadata: { name: 'nothing' },
    spec: {
      hypothesis: [{ claim: 'shop/answers' }],
      faults: [{ sham: {} }],
      design,
      every: '20ms',
      blastRadius: { namespaces: ['shop'] },
    },
  });
  const read = () => readCluster(lab.client, { now: () => new Date() });
  const session = createSession({
    cluster: through(lab.client),
    clock: systemClock,
    snapshot: await read(),
    reread: read,
    signal: new AbortController().signal,
    seed: 1,
    ttlMs: 60_000,
  });
  const prepared = await prepare(experiment, { claims, seed: 1 }, session.world, session.at);
  return runExperiment(prepared, session, {
    state,
    onEvent: (event) => {
      if (event.kind === 'point') onLook();
    },
  });
}

/** Holds a change back until so many more looks have come to an end. */
function heldBack(looks: number): { through: (real: Cluster) => Cluster; onLook: () => void } {
  const waiting: { left: number; go: () => void }[] = [];
  return {
    onLook: () => {
      for (const one of waiting) if (one.left-- === 0) one.go();
    },
    through: (real) => ({
      ...real,
      delete: async (...args) => {
        await new Promise<void>((go) => waiting.push({ left: looks, go }));
        return real.delete(...args);
      },
    }),
  };
}

const phases = ({ series }: ExperimentRun): readonly string[] => series[0]?.points.map(({ phase }) => phase) ?? [];

test('what is seen while the faults are taken back counts neither as fault nor as calm', async () => {
  const design = { kind: 'single', before: '50ms', during: '100ms', after: '50ms' } as const;
  const { through, onLook } = heldBack(3);
  const ran = await run(design, through, onLook);
  expect(ran.state).toBe('completed');
  const seen = phases(ran);
  const between = seen.slice(seen.lastIndexOf('during') + 1).filter((phase) => phase !== 'after');
  expect(between.length).toBeGreaterThanOrEqual(3);
  expect(new Set(between)).toEqual(new Set(['washout']));
  expect(ran.series[0]?.points.filter(({ phase, counted }) => phase === 'washout' && counted)).toEqual([]);
});

test('nor in a switchback, block for block', async () => {
  const block = { block: '100ms', washout: '0s', before: '50ms', after: '50ms' } as const;
  const { through, onLook } = heldBack(3);
  const ran = await run({ kind: 'switchback', blocks: 2, ...block }, through, onLook);
  expect(ran.state).toBe('completed');
  const seen = phases(ran);
  expect(seen[seen.lastIndexOf('on') + 1]).toBe('washout');
});
