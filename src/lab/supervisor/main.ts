/**
 * The lab inside its namespaces: network, API server and controllers, nodes. Its parent is the PID namespace's init,
 * which ends with it and takes everything along. Descriptor 3 is a pipe whose closing means that the host process is
 * gone; on descriptor 4 it says how far it is (`SupervisorAnswer`, one JSON line each).
 */
import { mkdirSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { messageOf } from '../../model/errors.ts';
import type { SupervisorAnswer, SupervisorOptions } from '../host/protocol.ts';
import { networksOf, serviceCidrs, supervisorAddresses } from '../network/addresses.ts';
import { runCommand } from '../network/commands.ts';
import { createPodRuntime } from '../runtime/pod-runtime.ts';
import { startControlPlane } from './control-plane.ts';
import { createLabNetwork, createOutsideNetwork } from './network.ts';
import { createNode, type LabNode } from './nodes.ts';
import { serveStrangers, startOutsideWorld } from './outside.ts';
import { followPower } from './power.ts';
import { waitUntilReady } from './readiness.ts';
import { systemObjects } from './system-objects.ts';

const options = JSON.parse(process.env['SEAWORTHY_LAB_SUPERVISOR'] ?? '{}') as SupervisorOptions;
const host = new Socket({ fd: 3 });
host
  .on('close', () => process.exit(0))
  .on('error', () => process.exit(0))
  .resume();

function answer(line: SupervisorAnswer): void {
  writeSync(4, `${JSON.stringify(line)}\n`);
}

/** Below the supervisor's own /run: no path of the host. */
const AGENT_SOCKET = '/run/lab/api.sock';
const nodes = new Map<string, LabNode>();
try {
  await start();
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  answer({ kind: 'failed', message: messageOf(thrown) });
  process.exit(1);
}

async function start(): Promise<void> {
  // What is written below /run from here on is seen by nobody outside and goes with us.
  await runCommand('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'lab', '/run']);
  mkdirSync('/run/netns');
  mkdirSync('/run/lab');
  const plans = await createLabNetwork(options.nodes, options.families);
  await createOutsideNetwork(options.families);
  startOutsideWorld(networksOf(options.families).map(({ outside }) => outside));
  serveStrangers(options.outsideSocket);
  answer({ kind: 'progress', says: 'network is up' });

  const runtime = createPodRuntime((name) => nodes.get(name)?.runtimeSocket);
  const plane = await startControlPlane({
    socket: AGENT_SOCKET,
    publicSocket: options.apiSocket,
    publicAddress: options.publicAddress,
    runtime,
    serviceCidrs: serviceCidrs(options.families),
    addresses: supervisorAddresses(options.families),
  });
  answer({ kind: 'progress', says: 'API server answers' });

  const settings = {
    plans,
    directory: '/run/lab',
    cgroup: options.cgroup,
    apiSocket: AGENT_SOCKET,
    token: plane.nodeToken,
  };
  for (const plan of plans) nodes.set(plan.name, createNode(plan, settings));
  await Promise.all([...nodes.values()].map((node) => node.powerOn()));
  plane.ensure(systemObjects({ nodes: plans, slowPolicyMs: options.slowPolicyMs }));
  followPower(plane.client, nodes);
  await waitUntilReady(plane.client, plans.length, (says) => answer({ kind: 'progress', says }));
  answer({ kind: 'ready', ca: plane.ca, adminToken: plane.adminToken, nodes: plans.map((plan) => plan.name) });
}
