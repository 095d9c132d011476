import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HURRIED, withLabServer, type WithLabServer } from '../../cluster/testing/with-lab-server.ts';
import type { Fault } from '../faults/define-fault.ts';
import { networkPartition } from '../faults/network-partition.ts';
import { nodePower } from '../faults/node-power.ts';
import { nodeLoss } from '../faults/node-loss.ts';
import { policyAgentLoss } from '../faults/policy-agent-loss.ts';
import { sham } from '../faults/sham.ts';
import type { Cluster } from '../ports.ts';
import { createKnife, ProcessEnded, withOutage, type CutPoint, type Knife } from '../testing/cut.ts';
import { everything, faultContext, settle } from '../testing/world.ts';
import { storedIntents } from './cluster-journal.ts';
import { createInjector } from './injector.ts';
import { listRuns, openJournal, readJournal } from './local-journal.ts';
import { recover, type Recovery } from './recover.ts';

/**
 * The process of a conductor is ended before and after every single change it makes to the world (a line of its
 * journal, an object in the cluster), and in the middle of every line. What is left of it is then on disk and in a
 * real API server only, and recovery has to do with that: nothing of ours may be left, nothing of others be touched.
 */
const pods = (app: string): object => ({ namespace: 'shop', pods: { matchLabels: { app } } });
const CASES: readonly {
  readonly name: string;
  readonly fault: Fault;
  readonly parameters: object;
  readonly isolated?: boolean;
}[] = [
  {
    name: 'a partition by policies of ours',
    fault: networkPartition,
    parameters: { from: pods('web'), to: pods('db') },
  },
  {
    name: 'a partition by narrowing policies of others',
    fault: networkPartition,
    parameters: { from: pods('web'), to: pods('db') },
    isolated: true,
  },
  {
    name: 'the loss of the policy agent',
    fault: policyAgentLoss,
    parameters: { agent: { namespace: 'shop', daemonSet: 'agent' } },
  },
  { name: 'the loss of the power of a node', fault: nodePower, parameters: { node: 'two' } },
  { name: 'a sham', fault: sham, parameters: {} },
];

/** What becomes of the change at which the API server goes away, and how many calls it stays away. */
const OUTAGES = [
  ['refused', Number.POSITIVE_INFINITY],
  ['answer lost', 2],
  ['answer lost', Number.POSITIVE_INFINITY],
] as const;

/** Many small runs: how long they take is the machine's business. */
const LONG = { timeout: 180_000 };

let lab: WithLabServer;
let state: string;
let runs = 0;

/** One conductor: everything the journal protocol does, from its first line to its last. Ends where the knife says. */
async function conduct(fault: Fault, parameters: object, knife: Knife, cluster: Cluster = lab.client): Promise<string> {
  const run = `run-${++runs}`;
  const at = faultContext(knife.cluster(cluster), run);
  const ready = await fault.preflight(fault.parameters.parse(parameters), at);
  if (ready.kind !== 'ready') throw new Error(ready.because);
  const journal = openJournal(state, run);
  const cut = knife.journal(journal);
  try {
    cut.append({
      kind: 'begin',
      at: at.clock.now().toISOString(),
      run,
      experiment: 'e',
      context: lab.client.context,
      server: lab.client.server,
      // No process has this start time: it is taken for dead, as it will be.
      process: { pid: process.pid, started: 'never' },
    });
    const injector = createInjector({ experiment: 'e', owner: 'conductor', journal: cut, ttlMs: 60_000 });
    try {
      for (const injection of ready.injections) await injector.apply(fault, injection, at);
    } catch (thrown) {
      if (thrown instanceof ProcessEnded) throw thrown;
    }
    const taken = await injector.undoAll(at);
    if (taken.every(({ residue }) => residue.length === 0))
      cut.append({ kind: 'end', at: at.clock.now().toISOString(), state: 'completed' });
  } catch (thrown) {
    if (!(thrown instanceof ProcessEnded)) throw thrown;
  } finally {
    journal.close();
  }
  return run;
}

const recoverAll = (knife: Knife = createKnife()): Promise<Recovery> =>
  recover({ state, watchMs: 0 }, faultContext(knife.cluster(lab.client), 'recovery'));

async function expectNothingLeft(before: readonly unknown[]): Promise<void> {
  expect(await everything(lab.client)).toEqual(before);
  const stored = await storedIntents(lab.client);
  expect(stored.kind === 'ok' && stored.value).toEqual([]);
  for (const run of listRuns(state)) {
    const kinds = readJournal(state, run).map(({ kind }) => kind);
    if (kinds.length > 0) expect(kinds).toContain('end');
  }
}

/** An API server of their own for the tests around, and a state directory for each. */
function onFreshServer(world?: Parameters<typeof settle>[1]): void {
  const own = withLabServer({ connect: HURRIED, prepare: (server) => settle(server, world) });
  beforeAll(() => {
    lab = own;
  });
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'crash-'));
    return () => rmSync(state, { recursive: true, force: true });
  });
}

function pointsOf(steps: readonly string[]): readonly CutPoint[] {
  return steps.flatMap((step, index) =>
    (step.startsWith('append') ? (['before', 'halfway', 'after'] as const) : (['before', 'after'] as const)).map(
      (when) => ({ step: index, when }),
    ),
  );
}

describe.each(CASES)('$name', ({ fault, parameters, isolated }) => {
  onFreshServer({ isolated: isolated ?? false });

  test('a run that nobody ends cleans up by itself', async () => {
    const before = await everything(lab.client);
    await conduct(fault, parameters, createKnife());
    await expectNothingLeft(before);
  });

  test(
    'wherever the process ends, recovery leaves nothing behind, and has nothing to do the second time',
    LONG,
    async () => {
      const before = await everything(lab.client);
      const counting = createKnife();
      await conduct(fault, parameters, counting);
      expect(counting.steps).toContain('append intent');
      for (const point of pointsOf(counting.steps)) {
        const knife = createKnife(point);
        await conduct(fault, parameters, knife);
        expect({ point, dead: knife.dead }).toEqual({ point, dead: true });
        await recoverAll();
        await expectNothingLeft(before);
        expect({ point, again: (await recoverAll()).recovered }).toEqual({ point, again: [] });
      }
    },
  );

  test('whenever the API server can not be reached, for a moment or until the end, nothing is left', LONG, async () => {
    const before = await everything(lab.client);
    const counting = withOutage(lab.client);
    await conduct(fault, parameters, createKnife(), counting.cluster);
    expect(counting.changes()).toBeGreaterThan(1);
    for (let change = 0; change < counting.changes(); change++)
      for (const [first, calls] of OUTAGES) {
        const { cluster } = withOutage(lab.client, { change, first, calls });
        await conduct(fault, parameters, createKnife(), cluster);
        await recoverAll();
        await expectNothingLeft(before);
      }
  });

  test('wherever the process of the recovery ends, another recovery finishes it', LONG, async () => {
    const before = await everything(lab.client);
    const counting = createKnife();
    await conduct(fault, parameters, counting);
    const inEffect: CutPoint = { step: counting.steps.lastIndexOf('append applied'), when: 'after' };
    const recovery = createKnife();
    await conduct(fault, parameters, createKnife(inEffect));
    await recoverAll(recovery);
    for (const point of pointsOf(recovery.steps).filter(({ when }) => when !== 'halfway')) {
      await conduct(fault, parameters, createKnife(inEffect));
      await recoverAll(createKnife(point)).catch((thrown: unknown) => {
        if (!(thrown instanceof ProcessEnded)) throw thrown;
      });
      await recoverAll();
      await expectNothingLeft(before);
    }
  });
});

describe('what was not done by us is not undone', () => {
  const node = { apiVersion: 'v1', kind: 'Node', name: 'one' };
  onFreshServer();

  test('a node that somebody else cordons after the intent, and before the effect, stays cordoned', async () => {
    // The first change after both intents is the effect: everything before it has touched nothing but journals.
    for (let step = 1; ; step++) {
      const cut = createKnife({ step, when: 'before' });
      await conduct(nodeLoss, { node: 'one' }, cut);
      if (cut.steps.at(-1) === 'patch Node') break;
      await recoverAll();
      expect(step).toBeLessThan(10);
    }
    await lab.client.patch(node, 'merge', { spec: { unschedulable: true } });
    await recoverAll();
    const found = await lab.client.get(node);
    expect(found.kind === 'ok' && found.value['spec']).toMatchObject({ unschedulable: true });
    await lab.client.patch(node, 'merge', { spec: { unschedulable: null } });
  });

  test('what others changed on a target of ours meanwhile stays, and only our part goes', async () => {
    const agent = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'shop', name: 'agent' };
    const counting = createKnife();
    await conduct(policyAgentLoss, { agent: { namespace: 'shop', daemonSet: 'agent' } }, counting);
    const inEffect: CutPoint = { step: counting.steps.indexOf('append applied'), when: 'after' };
    await conduct(policyAgentLoss, { agent: { namespace: 'shop', daemonSet: 'agent' } }, createKnife(inEffect));
    const theirs = {
      metadata: { annotations: { theirs: 'yes' } },
      spec: { template: { spec: { nodeSelector: { disk: 'fast' } } } },
    };
    await lab.client.patch(agent, 'merge', theirs);
    await recoverAll();
    const found = await lab.client.get(agent);
    expect(found.kind === 'ok' && found.value).toMatchObject(theirs);
    expect(JSON.stringify(found)).not.toContain('seaworthy.dev/nowhere');
    expect(JSON.stringify(found)).not.toContain('seaworthy.dev/injection');
  });
});
