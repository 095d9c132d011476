import { join } from 'node:path';
import type { ClusterClient } from '../../src/cluster/types.ts';
import type { AgentLoss } from './beliefs.ts';

export interface AgentOptions {
  readonly agent?: string | undefined;
  readonly 'stop-agent'?: string | undefined;
  readonly 'start-agent'?: string | undefined;
  readonly 'agent-stopped'?: string | undefined;
}

/** How the policy agent is taken away here: as the options say, or as the development cluster allows; else undefined. */
export function findAgent(
  options: AgentOptions,
  env: NodeJS.ProcessEnv,
  nodes: readonly string[],
): AgentLoss | undefined {
  if (options.agent !== undefined) {
    const [namespace, daemonSet] = options.agent.split('/');
    if (!namespace || !daemonSet) throw new Error('--agent is NAMESPACE/DAEMONSET');
    return { kind: 'daemonSet', namespace, daemonSet };
  }
  const { 'stop-agent': stop, 'start-agent': start, 'agent-stopped': stopped } = options;
  if (stop !== undefined && start !== undefined) {
    return { kind: 'commands', stop, start, ...(stopped === undefined ? {} : { stopped }) };
  }
  const directory = env['SEAWORTHY_E2E_CLUSTER'];
  if (directory === undefined || directory === '') return undefined;
  const everywhere = (command: string): string =>
    nodes.map((node) => `${quoted(join(directory, 'in.sh'))} ${node} sh -c ${quoted(command)}`).join(' && ');
  return {
    kind: 'commands',
    stop: everywhere('kill -STOP $(cat /run/netpol.pid)'),
    start: everywhere('kill -CONT $(cat /run/netpol.pid)'),
    stopped: everywhere('grep -q "^State:.T" /proc/$(cat /run/netpol.pid)/status'),
  };
}

/** Names of the nodes that are there. */
export async function nodeNames(cluster: ClusterClient): Promise<readonly string[]> {
  const resource = await cluster.resourceOf('v1', 'Node');
  const names: string[] = [];
  if (!resource) return names;
  for await (const page of cluster.list(resource, { metadataOnly: true })) {
    if (page.kind === 'ok') names.push(...page.value.map(({ metadata }) => metadata.name));
  }
  return names;
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", `'\\''`)}'`;
}
