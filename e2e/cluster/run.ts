/**
 * The main job against a real Kubernetes: `npm run e2e:cluster -- [options]` deploys a small shop into the cluster that
 * KUBECONFIG names, judges what its owners believe of it from files, from the API, with packets and under faults,
 * compares every verdict with the predicted one, and removes all of it again, also after a failure or Ctrl-C.
 *
 *     --image IMAGE      what the pods run (localhost/probe:1): a shell, and a program that answers HTTP
 *     --serve COMMAND    how that answers HTTP on port 8080 (probe serve)
 *     --agent NS/NAME    the DaemonSet that enforces NetworkPolicy, to be taken away for a moment
 *     --stop-agent COMMAND --start-agent COMMAND [--agent-stopped COMMAND]
 *                        the same where the agent is no DaemonSet; commands of this machine, run by sh
 *
 * SEAWORTHY_E2E_CLUSTER names the directory of a development cluster, whose `in.sh NODE COMMAND` runs a command on a
 * node: there the process of /run/netpol.pid is stopped. With no agent named, its loss is not tried, and this is said.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../../src/cluster/connect.ts';
import type { ClusterClient } from '../../src/cluster/types.ts';
import type { ExperimentRun } from '../../src/experiments/design/run-record.ts';
import { messageOf } from '../../src/model/errors.ts';
import type { VerificationReport } from '../../src/report/types.ts';
import { findAgent, nodeNames } from './agent.ts';
import { ATTACK_CLAIM, checkAttack } from './attack.ts';
import { claims, partition, policyLoss } from './beliefs.ts';
import { chainObjects, scannerReports } from './chain.ts';
import { document, seaworthy } from './program.ts';
import { SHOP, shopObjects } from './shop.ts';
import { inventory, putUp, takeDown } from './stage.ts';
import { createTally } from './tally.ts';
import { checkRun, checkVerdicts } from './verdicts.ts';

const { values: options } = parseArgs({
  options: {
    image: { type: 'string', default: 'localhost/probe:1' },
    serve: { type: 'string', default: 'probe serve' },
    agent: { type: 'string' },
    'stop-agent': { type: 'string' },
    'start-agent': { type: 'string' },
    'agent-stopped': { type: 'string' },
  },
});

const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort());
process.on('SIGTERM', () => interrupted.abort());
const { signal } = interrupted;

const directory = mkdtempSync(join(tmpdir(), 'seaworthy-e2e-'));
// Journals are kept apart from those of the person who runs this, and found again by the next run, should this one be killed.
const state = join(tmpdir(), `seaworthy-e2e-state-${userInfo().username}`);
const env = { ...process.env, NO_COLOR: '1', SEAWORTHY_STATE: state };
const tally = createTally((line) => process.stdout.write(`${line}\n`));
let client: ClusterClient | undefined;
try {
  client = connect({}, process.env, process.cwd());
  const { major, minor } = await client.version(signal);
  tally.step(`context ${client.context} (${client.server}), Kubernetes ${major}.${minor}`);
  if (existsSync(state)) await recover('mend what an earlier run had broken');
  if (await takeDown(client, signal)) tally.step('removed what an earlier run had left');
  const before = await inventory(client);
  try {
    await perform(client);
  } finally {
    tally.step('clean up');
    // First the faults: an experiment that was killed may have narrowed policies or stopped the agent.
    if (await recover('mend what is broken')) rmSync(state, { recursive: true, force: true });
    await takeDown(client);
    const after = await inventory(client);
    const left = [...after].filter((name) => !before.has(name));
    const lost = [...before].filter((name) => !after.has(name));
    tally.check(
      'the cluster holds what it held before',
      left.length + lost.length === 0,
      `left ${left.join(', ') || 'nothing'}, lost ${lost.join(', ') || 'nothing'}`,
    );
  }
} catch (thrown) {
  if (!signal.aborted) tally.check('the run came to its end', false, messageOf(thrown));
} finally {
  client?.close();
  rmSync(directory, { recursive: true, force: true });
}
if (signal.aborted) process.stdout.write('interrupted\n');
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`);
process.exitCode = signal.aborted ? 130 : tally.failed > 0 || tally.passed === 0 ? 1 : 0;

async function perform(cluster: ClusterClient): Promise<void> {
  const objects = shopObjects(options);
  const manifests = written('shop.json', { apiVersion: 'v1', kind: 'List', items: objects });
  const beliefs = written('claims.json', { apiVersion: 'v1', kind: 'List', items: claims() });
  const verify = ['verify', '--no-derive', '--claims', beliefs];

  tally.step('deploy the shop');
  await putUp(cluster, objects, signal);

  tally.step('verify the manifests, without a cluster');
  checkVerdicts(await document<VerificationReport>([...verify, '-f', manifests], { env, signal }), ['analysed'], tally);

  tally.step('verify --level proven: analysed, seen with packets, tried with pods killed');
  const proven = await document<VerificationReport>([...verify, '--level', 'proven', '--break-in', SHOP], {
    env,
    signal,
  });
  checkVerdicts(proven, ['analysed', 'observed', 'proven'], tally);

  tally.step('experiment: the gateway and orders lose each other');
  checkRun(await experiment(partition(), beliefs), 'violated', tally);

  const nodes = await nodeNames(cluster);
  const agent = findAgent(options, process.env, nodes);
  if (agent) {
    tally.step('experiment: the store starts again while the policy agent is away');
    checkRun(await experiment(policyLoss(agent, nodes.length), beliefs), 'violated', tally);
  } else {
    tally.notTried('loss of the policy agent; name it with --agent or --stop-agent and --start-agent');
  }

  tally.step('verify --level observed: all is as it was');
  checkVerdicts(
    await document<VerificationReport>([...verify, '--level', 'observed'], { env, signal }),
    ['observed'],
    tally,
  );
  const { intents } = await document<{ intents: readonly unknown[] }>(['experiment', 'status'], { env, signal });
  tally.check('no experiment is in effect', intents.length === 0, JSON.stringify(intents));

  tally.step('deploy the chain of weaknesses');
  const chain = chainObjects(options);
  await putUp(cluster, chain, signal);
  await checkAttack({
    cluster,
    reports: written('reports.json', { apiVersion: 'v1', kind: 'List', items: scannerReports(options) }),
    claim: written('attack.json', ATTACK_CLAIM),
    run: { env, signal },
    tally,
  });
}

/** Undoes what experiments left; true when nothing is left of them. */
async function recover(title: string): Promise<boolean> {
  tally.step(title);
  const { code, stdout, stderr } = await seaworthy(['experiment', 'recover', '--force'], { env });
  tally.check('nothing is left of any experiment', code === 0, `${stdout}${stderr}`.trim());
  return code === 0;
}

async function experiment(given: { metadata: { name: string } }, beliefs: string): Promise<ExperimentRun> {
  const file = written(`${given.metadata.name}.json`, given);
  return document<ExperimentRun>(['experiment', 'run', '--yes', '-f', file, '--claims', beliefs], { env, signal });
}

function written(name: string, content: unknown): string {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify(content, null, 2));
  return path;
}
