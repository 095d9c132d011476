import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import type { NodePlan } from '../network/addresses.ts';
import { programPath } from '../programs.ts';
import type { NodeOptions } from '../node/options.ts';
import { createNodeNetwork, removeNodeNetwork } from './network.ts';

export interface LabNode {
  readonly plan: NodePlan;
  readonly runtimeSocket: string;
  /** Pulls the plug: every process of the node is gone when this resolves. Safe to repeat. */
  powerOff(): Promise<void>;
  /** Starts it (again). Safe to repeat. */
  powerOn(): Promise<void>;
  readonly isOn: () => boolean;
}

export interface NodeSettings {
  readonly plans: readonly NodePlan[];
  readonly directory: string;
  readonly cgroup: string;
  readonly apiSocket: string;
  readonly token: (node: string) => string;
}

/** A node that can be started and lost. Its disk (claims, logs) stays; its pods do not. */
export function createNode(plan: NodePlan, settings: NodeSettings): LabNode {
  const directory = `${settings.directory}/${plan.name}`;
  const runtimeSocket = `${directory}/agent.sock`;
  let machine: ChildProcess | undefined;
  const options: NodeOptions = {
    plan,
    directory,
    cgroup: settings.cgroup,
    apiSocket: settings.apiSocket,
    token: settings.token(plan.name),
    runtimeSocket,
  };

  /** One switch at a time, in the order asked for. */
  let last: Promise<void> = Promise.resolve();
  let wanted = false;
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  async function start(): Promise<void> {
    if (machine) return;
    for (const part of ['base', 'pods', 'agent.sock']) rmSync(`${directory}/${part}`, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    await createNodeNetwork(plan, settings.plans);
    const child = spawn(
      'nsenter',
      [
        `--net=/run/netns/${plan.name}`,
        ...'unshare --mount --pid --uts --ipc --fork --kill-child --mount-proc --propagation private'.split(' '),
        '/bin/sh',
        '-c',
        // As in the supervisor: the shell is init and takes in orphans; with the agent the whole node ends.
        `hostname ${plan.name}; "$0" "$@" & wait $!`,
        process.execPath,
        programPath('lab/node/agent'),
      ],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { PATH: process.env['PATH'], SEAWORTHY_LAB_NODE: JSON.stringify(options) },
        cwd: '/',
      },
    );
    machine = child;
    child.once('exit', () => {
      if (machine === child) {
        process.stderr.write(`node ${plan.name} went down\n`);
        machine = undefined;
        wanted = false;
        void removeNodeNetwork(plan);
      }
    });
  }

  async function stop(): Promise<void> {
    const child = machine;
    if (!child) return;
    machine = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await removeNodeNetwork(plan);
  }

  return {
    plan,
    runtimeSocket,
    isOn: () => wanted,
    powerOn: () => {
      wanted = true;
      return inTurn(start);
    },
    powerOff: () => {
      wanted = false;
      return inTurn(stop);
    },
  };
}
