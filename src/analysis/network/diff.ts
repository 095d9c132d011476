import type { Because } from '../../model/because.ts';
import { formatRef, refId, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import type { NetworkAnalysis, ReachPort } from './index.ts';
import { after, before, formatIp, parseIp, type IpValue } from './ip.ts';
import { formatPorts, isEmpty, NO_PORTS, PROTOCOLS, subtractPorts, type PortSet } from './ports.ts';
import { compare, formatPeer } from './report.ts';
import type { Connection, Peer, PeerQuery, ReachAnswer } from './types.ts';

/** One edge that is not what it was. `undefined` ports: no connection. */
export interface ReachChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly from: Peer;
  readonly to: Peer;
  readonly before: PortSet;
  readonly after: PortSet;
  /** Whether some port is open that was not. */
  readonly opens: boolean;
  /** The edits that made the difference: policies, workloads and namespaces that are not what they were. */
  readonly because: readonly Because[];
}

/** What changed from one state to another, edge by edge, each with its cause; edges as they were are left out. Sorted. */
export function diffNetworks(old: NetworkAnalysis, now: NetworkAnalysis): readonly ReachChange[] {
  const changed = changedObjects(old, now);
  return changedEdges(old, now).map(({ from, to, was, is }) => ({
    change: isEmpty(was) ? 'added' : isEmpty(is) ? 'removed' : 'changed',
    from,
    to,
    before: was,
    after: is,
    opens: !isEmpty(subtractPorts(is, was)),
    because: causes(old, now, changed, { from, to, was, is }),
  }));
}

/** An edge that is not what it was. */
export interface ChangedEdge {
  readonly from: Peer;
  readonly to: Peer;
  readonly was: PortSet;
  readonly is: PortSet;
}

/** The edges that differ between two states. Sorted. */
export function changedEdges(old: NetworkAnalysis, now: NetworkAnalysis): readonly ChangedEdge[] {
  const edges = new Map<string, { readonly old: Edge[]; readonly now: Edge[] }>();
  for (const [side, analysis] of [
    ['old', old],
    ['now', now],
  ] as const) {
    for (const connection of analysis.connections()) {
      const edge = edgeOf(connection);
      let both = edges.get(edge.key);
      if (!both) edges.set(edge.key, (both = { old: [], now: [] }));
      both[side].push(edge);
    }
  }
  const sortKey = ({ from, to }: ChangedEdge): string => `${formatPeer(from)} ${formatPeer(to)}`;
  return [...edges.values()]
    .flatMap((both) => compareEdges(both.old, both.now))
    .filter(({ was, is }) => formatPorts(was) !== formatPorts(is))
    .sort((a, b) => compare(sortKey(a), sortKey(b)));
}

interface Edge {
  /** The same for every address range of a workload and direction. */
  readonly key: string;
  readonly connection: Connection;
  readonly range?: { readonly from: IpValue; readonly to: IpValue };
}

function edgeOf(connection: Connection): Edge {
  const { from, to } = connection;
  const range = from.kind === 'range' ? from : to.kind === 'range' ? to : undefined;
  const [low, high] = [parseIp(range?.from ?? ''), parseIp(range?.to ?? '')];
  const name = (peer: Peer): string =>
    peer.kind === 'range' ? (typeof low === 'number' ? 'IPv4' : 'IPv6') : formatPeer(peer);
  const key = `${name(from)} => ${name(to)}`;
  return low === undefined || high === undefined
    ? { key, connection }
    : { key, connection, range: { from: low, to: high } };
}

/** The edges of one key side by side; ranges are cut at the bounds of both sides, then merged where both agree. */
function compareEdges(old: readonly Edge[], now: readonly Edge[]): readonly ChangedEdge[] {
  const [sample] = [...old, ...now];
  if (!sample) return [];
  const { from, to } = sample.connection;
  if (!sample.range) {
    return [{ from, to, was: old[0]?.connection.ports ?? NO_PORTS, is: now[0]?.connection.ports ?? NO_PORTS }];
  }
  const cuts = new Set<IpValue>();
  for (const { range } of [...old, ...now]) if (range) cuts.add(range.from).add(after(range.to));
  const bounds = [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const merged: { low: IpValue; high: IpValue; was: PortSet; is: PortSet }[] = [];
  const portsAt = (edges: readonly Edge[], value: IpValue): PortSet =>
    edges.find(({ range }) => range && range.from <= value && value <= range.to)?.connection.ports ?? NO_PORTS;
  for (let i = 0; i + 1 < bounds.length; i++) {
    const low = bounds[i] as IpValue;
    const high = before(bounds[i + 1] as IpValue);
    const [was, is] = [portsAt(old, low), portsAt(now, low)];
    const last = merged.at(-1);
    if (
      last &&
      after(last.high) === low &&
      formatPorts(last.was) === formatPorts(was) &&
      formatPorts(last.is) === formatPorts(is)
    )
      last.high = high;
    else merged.push({ low, high, was, is });
  }
  return merged.map(({ low, high, was, is }) => {
    const range: Peer = { kind: 'range', from: formatIp(low), to: formatIp(high) };
    return from.kind === 'range' ? { from: range, to, was, is } : { from, to: range, was, is };
  });
}

type ObjectChange = 'added' | 'removed' | 'changed';

/** The policies and workloads that differ, by reference. */
function changedObjects(old: NetworkAnalysis, now: NetworkAnalysis): ReadonlyMap<string, ObjectChange> {
  const changes = new Map<string, ObjectChange>();
  const compareAll = (was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): void => {
    for (const [id, text] of was) if (is.get(id) !== text) changes.set(id, is.has(id) ? 'changed' : 'removed');
    for (const id of is.keys()) if (!was.has(id)) changes.set(id, 'added');
  };
  const policies = ({ policies: list }: NetworkAnalysis): ReadonlyMap<string, string> =>
    new Map(list.map((policy) => [refId(policy.ref), specOf(policy.resource.object)]));
  const workloads = ({ workloads: list }: NetworkAnalysis): ReadonlyMap<string, string> =>
    new Map(
      list.map((workload) => [
        refId(workload.ref),
        JSON.stringify(workload.endpoints.map(({ labels, addresses }) => [labels, addresses.map(String)])),
      ]),
    );
  const namespaces = ({ namespaces: all }: NetworkAnalysis): ReadonlyMap<string, string> =>
    new Map([...all.values()].map(({ name, labels }) => [refId(namespaceRef(name)), JSON.stringify(labels)]));
  compareAll(policies(old), policies(now));
  compareAll(namespaces(old), namespaces(now));
  compareAll(workloads(old), workloads(now));
  return changes;
}

function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

function specOf(object: KubernetesObject): string {
  return JSON.stringify(object['spec']);
}

/** The changed objects among the reasons of either state, each with what it says there. */
function causes(
  old: NetworkAnalysis,
  now: NetworkAnalysis,
  changed: ReadonlyMap<string, ObjectChange>,
  { from, to, was, is }: ChangedEdge,
): readonly Because[] {
  const found = new Map<string, Because>();
  for (const peer of [from, to]) {
    if (peer.kind !== 'workload') continue;
    const around = namespaceRef(peer.ref.namespace ?? 'default');
    for (const [ref, what] of [
      [peer.ref, ''],
      [around, 'the labels of '],
    ] as const) {
      const change = changed.get(refId(ref));
      if (change === undefined) continue;
      const says = `${what}${formatRef(ref)} ${what === '' ? 'was' : 'were'} ${change}`;
      found.set(says, { kind: 'field', object: ref, path: 'metadata.labels', says });
    }
  }
  const look = (answer: ReachAnswer, when: 'before' | 'after'): void => {
    for (const because of answer.because) {
      if (because.kind !== 'field') continue;
      const change = changed.get(refId(because.object));
      if (change === undefined) continue;
      const says = `${formatRef(because.object)} was ${change}: ${when} the change, ${because.says}`;
      found.set(says, { ...because, says });
    }
  };
  const [source, destination] = [queryOf(from), queryOf(to)];
  if (source && destination) {
    // One port that makes the difference: the rules that decide it are the ones to name.
    const port = firstPort(subtractPorts(is, was)) ?? firstPort(subtractPorts(was, is));
    look(old.query(source, destination, port), 'before');
    look(now.query(source, destination, port), 'after');
  }
  if (found.size > 0) return [...found.values()];
  const others = [...changed].map(([id, change]) => `${id.replaceAll('//', '/')} ${change}`);
  const says =
    others.length === 0
      ? 'nothing but the objects around it changed (namespaces, Services or routes)'
      : `changed: ${others.slice(0, 5).join(', ')}`;
  return [{ kind: 'rule', source: 'comparison', says }];
}

function firstPort(ports: PortSet): ReachPort | undefined {
  for (const protocol of PROTOCOLS) {
    const [first] = ports[protocol] ?? [];
    if (first) return { protocol, port: first[0] };
  }
  return undefined;
}

function queryOf(peer: Peer): PeerQuery | undefined {
  switch (peer.kind) {
    case 'workload':
      return {
        kind: 'workload',
        namespace: peer.ref.namespace ?? 'default',
        name: peer.ref.name,
        workloadKind: peer.ref.kind,
      };
    case 'range':
      return { kind: 'cidr', cidr: peer.from };
    case 'ingressController':
      return undefined;
  }
}
