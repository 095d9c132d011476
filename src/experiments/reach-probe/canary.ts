import { SeaworthyError } from '../../model/errors.ts';
import { at as dig, records, text } from '../../model/json.ts';
import type { FaultContext, Residue } from '../faults/define-fault.ts';
import { listAll, must } from '../objects.ts';
import { canaryPods, canaryService } from './canary-objects.ts';
import { awaitWorlds, type CanaryWorlds } from './canary-world.ts';
import { stepsIn } from './features.ts';
import { inCanaryNamespace } from './journalled.ts';
import type { ProbeKit } from './kits.ts';
import { measureNodeTraffic, type NodeTraffic } from './node-traffic.ts';
import { measureOpenConnection, type OpenConnection } from './open-connection.ts';
import { measureStart, type StartWindow } from './start-window.ts';
import { create, tryStep, type Enforcement, type Tried, type TrialOptions } from './try-step.ts';
import type { ProbeCell, ProbeFinding } from './types.ts';

export interface CanaryResult extends NodeTraffic {
  readonly namespace: string;
  readonly image: string;
  readonly enforces: boolean | 'unknown';
  readonly cells: readonly ProbeCell[];
  readonly enforcement: readonly Enforcement[];
  readonly startWindow: readonly StartWindow[];
  readonly openConnection: OpenConnection;
  readonly findings: readonly ProbeFinding[];
  /** Nodes on which nothing was tried, and why. */
  readonly skipped: readonly { readonly node: string; readonly because: string }[];
}

export interface CanaryOptions extends TrialOptions {
  readonly kit: ProbeKit;
  readonly state: string;
  /** Most nodes that get a server and a client. */
  readonly maxNodes: number;
  /** Ids of the features to try; all when absent. */
  readonly only?: readonly string[];
  readonly say: (text: string) => void;
}

/**
 * Proves, in a namespace of its own, whether the cluster enforces policies at all: node by node and feature by feature.
 * A connection counts as closed only if it connected just before, and a control connected beside it.
 */
export async function runCanary(
  options: CanaryOptions,
  at: FaultContext,
): Promise<{ readonly value: CanaryResult; readonly residue: readonly Residue[] }> {
  const { nodes, skipped } = await findNodes(options.maxNodes, at);
  return inCanaryNamespace(at, options, async (namespace) => {
    options.say(`namespace ${namespace}: a server and a client on ${nodes.join(', ')}`);
    const objects = [canaryService(namespace), ...canaryPods(namespace, nodes, options.kit, at.ttlMs / 1_000)];
    await Promise.all(objects.map((object) => create(object, at)));
    const worlds = await awaitWorlds(namespace, nodes.length, at);
    const tried: Tried[] = [];
    for (const step of stepsIn(worlds, options.only)) {
      at.signal.throwIfAborted();
      for (const result of await tryStep(step, options, at)) {
        options.say(`${result.trial.feature.id}: ${summaryOf(result)}`);
        tried.push(result);
      }
    }
    tried.sort((a, b) => worlds.indexOf(a.trial.world) - worlds.indexOf(b.trial.world));
    const enforcement = tried.flatMap((one) => one.enforcement);
    const measured = await measure(enforces(enforcement), options.kit, worlds, nodes, at);
    return {
      namespace,
      image: options.kit.image,
      enforces: enforces(enforcement),
      cells: tried.flatMap(({ cells }) => cells),
      enforcement,
      ...measured,
      findings: findingsOf(enforcement),
      skipped,
    };
  });
}

/** Whom isolation lets in all the same, how it begins and what it does to connections that are open; there is nothing to measure where there is none. */
async function measure(
  enforced: boolean | 'unknown',
  kit: ProbeKit,
  worlds: CanaryWorlds,
  nodes: readonly string[],
  at: FaultContext,
): Promise<Pick<CanaryResult, 'startWindow' | 'openConnection' | keyof NodeTraffic>> {
  if (enforced === false) {
    const says = 'not measured: policies are not enforced';
    return {
      nodePorts: [],
      nodeProbes: nodes.map((node) => ({ node, outcome: 'unknown', says })),
      startWindow: nodes.map((node) => ({ node, milliseconds: 'unknown', attempts: 0, says })),
      openConnection: { outcome: 'unknown', says },
    };
  }
  const [world] = worlds;
  const nodeTraffic = await measureNodeTraffic(worlds, at);
  const startWindow = await measureStart(kit, world, nodes, at);
  return { ...nodeTraffic, startWindow, openConnection: await measureOpenConnection(kit, world, at) };
}

/** Nothing enforced anywhere, something not: the ingress and egress features say whether policies mean anything here. */
function enforces(enforcement: readonly Enforcement[]): boolean | 'unknown' {
  const basic = enforcement.filter(({ feature }) => feature === 'ingress' || feature === 'egress');
  if (basic.some(({ verdict }) => verdict === 'notEnforced')) return false;
  return basic.length > 0 && basic.every(({ verdict }) => verdict === 'enforced') ? true : 'unknown';
}

function findingsOf(enforcement: readonly Enforcement[]): readonly ProbeFinding[] {
  return enforcement
    .filter(({ verdict }) => verdict === 'notEnforced')
    .map(({ feature, node, says }) => ({
      severity: /(^|\/)(in|e)gress$/.test(feature) ? 'critical' : 'high',
      says: `node ${node} does not enforce ${feature}: ${says}`,
    }));
}

function summaryOf({ enforcement }: Tried): string {
  return [...Map.groupBy(enforcement, ({ verdict }) => verdict)]
    .map(([verdict, of]) => `${verdict} on ${of.map(({ node }) => node).join(', ')}`)
    .join('; ');
}

async function findNodes(
  most: number,
  at: FaultContext,
): Promise<{ readonly nodes: readonly string[]; readonly skipped: CanaryResult['skipped'] }> {
  const listed = must(await listAll(at.cluster, 'v1', 'Node', { signal: at.signal }), 'listing nodes');
  const skipped: { node: string; because: string }[] = [];
  const nodes: string[] = [];
  for (const node of listed) {
    const { name, labels = {} } = node.metadata;
    const ready = records(dig(node, 'status', 'conditions')).some(
      ([, c]) => c['type'] === 'Ready' && c['status'] === 'True',
    );
    const os = labels['kubernetes.io/os'] ?? text(dig(node, 'status', 'nodeInfo', 'operatingSystem'));
    const because = !ready
      ? 'it is not ready'
      : os !== undefined && os !== 'linux'
        ? `it runs ${os}, for which there is no image`
        : dig(node, 'spec', 'unschedulable') === true
          ? 'it is cordoned'
          : nodes.length >= most
            ? `only ${most} nodes are tried: --max-nodes raises it`
            : undefined;
    if (because === undefined) nodes.push(labels['kubernetes.io/hostname'] ?? name);
    else skipped.push({ node: name, because });
  }
  if (nodes.length > 0) return { nodes, skipped };
  throw new SeaworthyError('SW_PROBE_NO_NODE', 'there is no node on which a canary could run', {
    hint: skipped.map(({ node, because }) => `${node}: ${because}`).join('; '),
    exit: 4,
  });
}
