import type { ConnectRequest } from '../../agent/requests.ts';
import { analyseNetwork, type NetworkAnalysis, type ProfileName } from '../../analysis/network/index.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { at as dig, records, text } from '../../model/json.ts';
import { refOf, type KubernetesObject } from '../../model/object.ts';
import { podIPs } from '../../model/pods.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import type { FaultContext, Residue } from '../faults/define-fault.ts';
import { listAll, must } from '../objects.ts';
import type { ConnectCell } from '../probes/connect.ts';
import { livePods, type LivePod } from '../probes/live-pods.ts';
import { askAll, requestOf } from './ask.ts';
import { canaryPods, canaryService } from './canary-objects.ts';
import { FEATURES, type Ask, type CanaryWorld, type Feature } from './features.ts';
import { inCanaryNamespace } from './journalled.ts';
import type { ProbeKit } from './kits.ts';
import { measureNodeTraffic, type NodeTraffic } from './node-traffic.ts';
import { measureOpenConnection, type OpenConnection } from './open-connection.ts';
import { measureStart, type StartWindow } from './start-window.ts';
import { until } from './until.ts';
import { agreement, type ProbeCell, type ProbeFinding } from './types.ts';

/** Whether one feature is enforced at one node. */
export interface Enforcement {
  readonly feature: string;
  readonly title: string;
  readonly node: string;
  /** `notTestable` is none of the others: it is never shown as a pass. */
  readonly verdict: 'enforced' | 'notEnforced' | 'notTestable' | 'unknown';
  /** From creating the policies to all outcomes being as predicted; the resolution is one round of probes. */
  readonly convergedAfterMs?: number;
  readonly says: string;
}

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

export interface CanaryOptions {
  readonly kit: ProbeKit;
  readonly profile: ProfileName;
  readonly state: string;
  /** Most nodes that get a server and a client. */
  readonly maxNodes: number;
  /** Longest wait for policies to take effect, and to be gone again; 15,000 when absent. */
  readonly convergeMs?: number;
  /** Ids of the features to try; all when absent. */
  readonly only?: readonly string[];
  readonly say: (text: string) => void;
}

const CONVERGE_MS = 15_000;
const READY_MS = 120_000;

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
    const world = await awaitWorld(namespace, nodes.length, at);
    const tried: Tried[] = [];
    for (const feature of FEATURES.filter(({ id }) => options.only?.includes(id) ?? true)) {
      at.signal.throwIfAborted();
      const result = await tryFeature(feature, world, options, at);
      options.say(`${feature.id}: ${summaryOf(result)}`);
      tried.push(result);
    }
    const enforcement = tried.flatMap((one) => one.enforcement);
    const measured = await measure(enforces(enforcement), options.kit, world, nodes, at);
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
  world: CanaryWorld,
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
  const nodeTraffic = await measureNodeTraffic(world, at);
  const startWindow = await measureStart(kit, world, nodes, at);
  return { ...nodeTraffic, startWindow, openConnection: await measureOpenConnection(kit, world, at) };
}

interface Tried {
  readonly cells: readonly ProbeCell[];
  readonly enforcement: readonly Enforcement[];
}

async function tryFeature(
  feature: Feature,
  world: CanaryWorld,
  { profile, convergeMs = CONVERGE_MS }: CanaryOptions,
  at: FaultContext,
): Promise<Tried> {
  const why = feature.untestable?.(world);
  const all = (verdict: Enforcement['verdict'], says: string): Tried => ({
    cells: [],
    enforcement: world.servers.map(({ node }) => ({ feature: feature.id, title: feature.title, node, verdict, says })),
  });
  if (why !== undefined) return all('notTestable', why);
  const asks = feature.asks(world);
  const ask = (): Promise<readonly ConnectCell[]> =>
    askAll(asks, () => controlOf(world), { prober: at.prober, now: at.clock.now, signal: at.signal });
  const policies = feature.policies(world);
  // Before: everything connects. Whatever the last feature left in force is over by then.
  const before = await until(ask, (cells) => cells.every(({ outcome }) => outcome === 'connected'), convergeMs, at);
  const deaf = before.cells.findIndex(({ outcome }) => outcome !== 'connected');
  const first = asks[deaf];
  if (first)
    return all('unknown', `without any policy ${wayOf(first)} does not connect: ${before.cells[deaf]?.detail ?? ''}`);
  const analysis = analyse(world, policies, profile);
  const predicted = asks.map((one) => predict(analysis, one));
  const agrees = (cell: ConnectCell, i: number): boolean | 'unknown' =>
    agreement(predicted[i] ?? 'unknown', cell.outcome, cell.control, true);
  let after: { readonly cells: readonly ConnectCell[]; readonly tookMs: number };
  try {
    await Promise.all(policies.map((policy) => create(policy, at)));
    after = await until(ask, (cells) => cells.every((cell, i) => agrees(cell, i) !== false), convergeMs, at);
  } finally {
    await Promise.all(policies.map((policy) => at.cluster.delete(refOf(policy))));
  }
  const cells = asks.map((one, i) => probeCell(one, predicted[i] ?? 'unknown', after.cells[i], feature));
  return { cells, enforcement: judgeNodes(feature, asks, cells, after.tookMs) };
}

function judgeNodes(
  feature: Feature,
  asks: readonly Ask[],
  cells: readonly ProbeCell[],
  tookMs: number,
): readonly Enforcement[] {
  const byNode = Map.groupBy(cells.keys(), (i) => asks[i]?.[feature.at].node ?? '');
  return [...byNode].map(([node, indexes]): Enforcement => {
    const mine = indexes.flatMap((i) => cells[i] ?? []);
    const wrong = mine.filter(({ agree }) => agree === false);
    const open = mine.filter(({ agree }) => agree === 'unknown');
    const head = { feature: feature.id, title: feature.title, node };
    const [bad] = wrong;
    if (bad)
      return {
        ...head,
        verdict: 'notEnforced',
        says: `${bad.fromPod} to ${bad.address}/${bad.protocol} is ${bad.predicted} and ${bad.says}`,
      };
    const [vague] = open;
    if (vague) return { ...head, verdict: 'unknown', says: `${vague.fromPod} to ${vague.address}: ${vague.says}` };
    return {
      ...head,
      verdict: 'enforced',
      convergedAfterMs: Math.round(tookMs),
      says: `${mine.length} connections were as predicted`,
    };
  });
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
      severity: feature === 'ingress' || feature === 'egress' ? 'critical' : 'high',
      says: `node ${node} does not enforce ${feature}: ${says}`,
    }));
}

function summaryOf({ enforcement }: Tried): string {
  return [...Map.groupBy(enforcement, ({ verdict }) => verdict)]
    .map(([verdict, of]) => `${verdict} on ${of.map(({ node }) => node).join(', ')}`)
    .join('; ');
}

function controlOf({ control }: CanaryWorld): readonly ConnectRequest[] {
  return [requestOf({ from: control, to: control, port: 8080, protocol: 'TCP' })];
}

/** What the engine says of these pods under these policies, and of nothing else. */
function analyse(world: CanaryWorld, policies: readonly KubernetesObject[], profile: ProfileName): NetworkAnalysis {
  const pods = [...world.servers, ...world.clients, world.other, world.control].map(({ object }) => object);
  const namespace: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: world.namespace } };
  const snapshot = createSnapshot({
    source: { kind: 'cluster', description: 'the canary' },
    resources: [namespace, ...pods, ...policies].map((object) => ({ object })),
  });
  return analyseNetwork(snapshot, { profile });
}

function predict(analysis: NetworkAnalysis, { from, to, port, protocol }: Ask): ProbeCell['predicted'] {
  const end = ({ namespace, name }: LivePod) => ({ kind: 'workload', namespace, name }) as const;
  return analysis.query(end(from), end(to), { port, protocol }).verdict;
}

function probeCell(
  ask: Ask,
  predicted: ProbeCell['predicted'],
  cell: ConnectCell | undefined,
  feature: Feature,
): ProbeCell {
  const { from, to, port, protocol } = ask;
  const outcome = cell?.outcome ?? 'probeError';
  const control = cell?.control ?? 'none';
  const { host, port: dialled } = requestOf(ask);
  return {
    from: `${from.namespace}/${from.name}[Pod]`,
    to: `${to.namespace}/${to.name}[Pod]`,
    port,
    protocol,
    predicted,
    outcome,
    control,
    agree: agreement(predicted, outcome, control, true),
    fromPod: `${from.namespace}/${from.name}`,
    toPod: `${to.namespace}/${to.name}`,
    address: host.includes(':') ? `[${host}]:${dialled}` : `${host}:${dialled}`,
    via: ask.dial?.via ?? 'pod',
    placement: placementOf(ask),
    at: cell?.at ?? '',
    says: `${feature.id}: ${outcome === 'connected' ? 'connected' : (cell?.detail ?? 'no answer')}`,
  };
}

function placementOf({ from, to, dial }: Ask): ProbeCell['placement'] {
  if (dial?.via === 'service') return 'unknown';
  if (from.uid === to.uid) return 'itself';
  return from.node === to.node ? 'same node' : 'across nodes';
}

function wayOf({ from, to, port, protocol }: Ask): string {
  return `${from.name} to ${to.name}:${port}/${protocol}`;
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

async function awaitWorld(namespace: string, nodes: number, at: FaultContext): Promise<CanaryWorld> {
  const wanted = 2 * nodes + 2;
  for (let waited = 0; ; waited += 300) {
    at.signal.throwIfAborted();
    const pods = (await livePods(at.cluster, [namespace], at.signal)).filter(({ ready }) => ready);
    if (pods.length >= wanted) return worldOf(namespace, pods, nodes, at);
    if (waited > READY_MS)
      throw notReady(namespace, must(await listAll(at.cluster, 'v1', 'Pod', { namespace }), 'listing pods'));
    await at.clock.sleep(300, at.signal);
  }
}

async function worldOf(
  namespace: string,
  pods: readonly LivePod[],
  nodes: number,
  at: FaultContext,
): Promise<CanaryWorld> {
  const named = (name: string): LivePod => {
    const found = pods.find((pod) => pod.name === name);
    if (found) return found;
    throw new SeaworthyError('SW_PROBE_NOT_READY', `pod ${namespace}/${name} disappeared`, {
      hint: 'Somebody else deletes pods here: run it again.',
      exit: 4,
    });
  };
  const service = await at.cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name: 'servers' });
  const address = service.kind === 'ok' ? text(dig(service.value, 'spec', 'clusterIP')) : undefined;
  const each = (prefix: string): readonly LivePod[] => Array.from({ length: nodes }, (_, i) => named(`${prefix}-${i}`));
  return {
    namespace,
    servers: each('server'),
    clients: each('client'),
    other: named('other'),
    control: named('control'),
    serviceAddress: address === 'None' ? undefined : address,
    v6: ({ object }) => podIPs(object).find((ip) => ip.includes(':')),
  };
}

function notReady(namespace: string, pods: readonly KubernetesObject[]): SeaworthyError {
  const reasons = pods.flatMap((pod) =>
    records(dig(pod, 'status', 'containerStatuses')).flatMap(([, status]) => {
      const reason = text(dig(status, 'state', 'waiting', 'reason'));
      return reason === undefined ? [] : [`${pod.metadata.name}: ${reason}`];
    }),
  );
  return new SeaworthyError(
    'SW_PROBE_NOT_READY',
    `the canary in ${namespace} did not get ready in ${READY_MS / 1_000} s`,
    {
      hint:
        reasons.length > 0
          ? `${reasons.slice(0, 3).join('; ')}. --image names another image.`
          : 'kubectl describe its pods.',
      exit: 4,
    },
  );
}

export async function create(object: KubernetesObject, at: FaultContext): Promise<KubernetesObject> {
  return must(await at.cluster.create(object), `creating ${object.kind} ${object.metadata.name}`);
}
