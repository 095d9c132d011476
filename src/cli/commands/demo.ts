import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { connect } from '../../cluster/connect.ts';
import type { ClusterClient } from '../../cluster/types.ts';
import { startLab } from '../../lab/lab.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { at, records } from '../../model/json.ts';
import { readManifests } from '../../sources/manifests.ts';
import type { Io } from '../io.ts';

const SHOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'shop');
const READY_WITHIN_MS = 60_000;
/** Namespaces and accounts before what lives in them. */
const FIRST = ['Namespace', 'ServiceAccount', 'Secret', 'Role', 'ClusterRole', 'NetworkPolicy', 'Service'];

/** `demo`: the main job on the embedded lab, from nothing to nothing. */
export function registerDemo(program: Command, io: Io): void {
  program
    .command('demo')
    .description(
      'start the lab, deploy the demo shop, judge what its owners believe with real packets, take it all away',
    )
    .action(async () => {
      const say = (text: string): void => void io.stderr.write(`${text}\n`);
      const started = performance.now();
      say('Starting a cluster in a box: three nodes, real processes, real packets …');
      const lab = await startLab({ env: io.env, progress: say, signal: io.signal });
      try {
        const client = connect({ labKubeconfig: lab.kubeconfigPath }, io.env, io.cwd);
        say('Deploying the demo shop …');
        await deployShop(client);
        await allReady(client, io.signal);
        say(
          `The shop is up after ${((performance.now() - started) / 1000).toFixed(0)} s. Judging what its owners believe …`,
        );
        const claims = join(SHOP, 'claims.yaml');
        await program.parseAsync(['verify', '--lab', '--claims', claims, '--level', 'observed'], { from: 'user' });
        client.close();
      } finally {
        await lab.stop();
        say('The lab is gone; nothing is left of it.');
      }
    });
}

async function deployShop(client: ClusterClient): Promise<void> {
  const shop = await readManifests([join(SHOP, 'manifests')]);
  const kinds = [...shop.kinds()].sort((a, b) => rank(a) - rank(b));
  for (const { object } of kinds.flatMap((kind) => shop.list(kind))) {
    const outcome = await client.apply(object);
    if (outcome.kind !== 'ok') {
      throw new SeaworthyError(
        'SW_DEMO_DEPLOY',
        `${object.kind} ${object.metadata.name} was not taken: ${outcome.because}`,
        { exit: 4 },
      );
    }
  }
}

function rank(kind: string): number {
  const found = FIRST.indexOf(kind.split('.')[0] ?? '');
  return found < 0 ? FIRST.length : found;
}

/** Waits until every pod there should be is ready. */
async function allReady(client: ClusterClient, signal: AbortSignal): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const waiting = await notReady(client);
    if (waiting.length === 0) return;
    if (performance.now() > until) {
      throw new SeaworthyError(
        'SW_DEMO_NOT_READY',
        `not ready after ${READY_WITHIN_MS / 1000} s: ${waiting.join(', ')}`,
        {
          hint: 'Run seaworthy lab up and look with kubectl; the machine may be too busy.',
          exit: 4,
        },
      );
    }
    await delay(500, undefined, { signal });
  }
}

async function notReady(client: ClusterClient): Promise<readonly string[]> {
  const deployments = await client.resourceOf('apps/v1', 'Deployment');
  if (!deployments) return ['Deployment'];
  const waiting: string[] = [];
  for await (const page of client.list(deployments)) {
    for (const object of page.kind === 'ok' ? page.value : []) {
      const wanted = at(object, 'spec', 'replicas') ?? 1;
      const available =
        records(at(object, 'status', 'conditions')).length === 0 ? 0 : (at(object, 'status', 'readyReplicas') ?? 0);
      if (available !== wanted) waiting.push(`${object.metadata.namespace}/${object.metadata.name}`);
    }
  }
  return waiting;
}
