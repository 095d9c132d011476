import { record, records } from '../../src/model/json.ts';
import type { NetworkAnalysis } from '../../src/analysis/network/index.ts';
import type { KindKey, KubernetesObject } from '../../src/model/object.ts';
import { withKinds, type Resource, type Snapshot } from '../../src/model/snapshot.ts';

const POLICY = 'NetworkPolicy.networking.k8s.io';

/** A kind of change, for the most part of one object. */
interface Edit {
  readonly name: string;
  readonly kind: KindKey;
  /** What comes in the place of the object of a number: nothing, another, or two. */
  readonly change: (object: KubernetesObject, number: number) => readonly KubernetesObject[];
  /** What comes is made from an object of this kind, which stays, and is put behind those of its own. */
  readonly beside?: KindKey;
  /** Those of the kind that go with it. */
  readonly together?: (one: KubernetesObject, other: KubernetesObject) => boolean;
}

const withIngress =
  (rule: (number: number) => object): Edit['change'] =>
  (policy, number) => {
    const spec = record(policy['spec']);
    const ingress = [...records(spec['ingress']).map(([, entry]) => entry), rule(number)];
    return [{ ...policy, spec: { ...spec, policyTypes: ['Ingress'], ingress } }];
  };

const labelled = (object: KubernetesObject, labels: Readonly<Record<string, string>>): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
});

const podLabel = (object: KubernetesObject): Readonly<Record<string, string>> => {
  const [key = 'app', value = ''] = Object.entries(object.metadata.labels ?? {})[0] ?? [];
  return { [key]: value };
};

const ownerOf = (pod: KubernetesObject): string => pod.metadata.ownerReferences?.[0]?.name ?? '';

/** Changes of every kind. Those that draw a new line name what no policy of the cluster names. */
const EDITS: readonly Edit[] = [
  {
    name: 'one rule less',
    kind: POLICY,
    change: (policy) => [{ ...policy, spec: { ...record(policy['spec']), ingress: [] } }],
  },
  { name: 'policy removed', kind: POLICY, change: () => [] },
  {
    name: 'new label value',
    kind: POLICY,
    change: withIngress((i) => ({ from: [{ podSelector: { matchLabels: { version: `v${i}.new` } } }] })),
  },
  {
    name: 'new label key',
    kind: POLICY,
    change: withIngress(() => ({ from: [{ podSelector: { matchLabels: { 'pod-template-hash': 'none' } } }] })),
  },
  {
    name: 'new network outside',
    kind: POLICY,
    change: withIngress((i) => ({ from: [{ ipBlock: { cidr: `203.0.${i % 256}.0/29` } }] })),
  },
  {
    name: 'new network with pods',
    kind: POLICY,
    change: withIngress((i) => ({ from: [{ ipBlock: { cidr: `10.128.${i % 256}.0/28` } }] })),
  },
  { name: 'new port', kind: POLICY, change: withIngress((i) => ({ ports: [{ port: 20_000 + i }] })) },
  { name: 'new port name', kind: POLICY, change: withIngress(() => ({ ports: [{ port: 'unheard-of' }] })) },
  { name: 'pod changed', kind: 'Pod', change: (pod) => [{ ...pod, status: { ...record(pod['status']) } }] },
  { name: 'pod relabelled', kind: 'Pod', change: (pod, i) => [labelled(pod, { version: `v${i % 3}` })] },
  {
    name: 'pod added',
    kind: 'Pod',
    change: (pod) => [pod, { ...pod, metadata: { ...pod.metadata, name: `${pod.metadata.name}-more` } }],
  },
  { name: 'pod removed', kind: 'Pod', change: () => [] },
  {
    name: 'workload added',
    kind: 'Pod',
    change: (pod) => [pod, { ...pod, metadata: { ...pod.metadata, name: 'new', ownerReferences: [] } }],
  },
  {
    name: 'workload removed',
    kind: 'Pod',
    change: () => [],
    together: (one, other) =>
      one.metadata.namespace === other.metadata.namespace && ownerOf(one) !== '' && ownerOf(one) === ownerOf(other),
  },
  {
    name: 'owner of pods added',
    kind: 'ReplicaSet.apps',
    beside: 'Pod',
    change: (pod) => [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: ownerOf(pod),
          namespace: pod.metadata.namespace ?? '',
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'Deployment', name: 'new', uid: 'uid-of-new', controller: true },
          ],
        },
        spec: { template: { metadata: { labels: pod.metadata.labels }, spec: pod['spec'] } },
      },
    ],
  },
  {
    name: 'node added',
    kind: 'Node',
    beside: 'Pod',
    change: () => [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'new' }, status: { addresses: [] } }],
  },
  { name: 'namespace relabelled', kind: 'Namespace', change: (namespace) => [labelled(namespace, { env: 'dev' })] },
  {
    name: 'Service added',
    kind: 'Service',
    beside: 'Pod',
    change: (pod) => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'new', namespace: pod.metadata.namespace ?? '' },
        spec: { selector: podLabel(pod), ports: [{ port: 80 }] },
      },
    ],
  },
];

/** Objects each kind of change is made to. */
const OBJECTS = 15;

/**
 * Milliseconds that an update and a question about it take: the median and the largest of the processor, all threads together,
 * which is where collecting garbage counts, and of the clock.
 */
export interface EditCost {
  readonly edit: string;
  readonly medianMs: number;
  readonly largestMs: number;
  readonly medianWallMs: number;
  readonly largestWallMs: number;
}

/** Makes changes of every kind to a cluster, each to the cluster as it is, and measures them. */
export function measureEdits(snapshot: Snapshot, analysis: NetworkAnalysis): readonly EditCost[] {
  return EDITS.flatMap((edit): readonly EditCost[] => {
    const from = snapshot.list(edit.beside ?? edit.kind);
    if (from.length === 0) return [];
    const costs = Array.from({ length: OBJECTS }, (_, i) => {
      const after = edited(snapshot, edit, from, (i * 6_151) % from.length, i);
      return costOf(() => {
        const updated = analysis.update(after);
        const [a, b] = [updated.workloads[i], updated.workloads[(i * 7_919) % updated.workloads.length]];
        if (a && b) updated.reaches(a.ref, b.ref, 'TCP', 8080);
      });
    });
    return [summed(edit.name, costs)];
  });
}

/** A history of changes of policies and pods, each made to what the ones before left. */
export function measureHistory(snapshot: Snapshot, analysis: NetworkAnalysis, length: number): EditCost {
  let [now, then] = [snapshot, analysis];
  const costs: Cost[] = [];
  const edits = EDITS.filter(({ kind, beside }) => (kind === POLICY || kind === 'Pod') && beside === undefined);
  for (let i = 0; i < length; i++) {
    const edit = edits[i % edits.length];
    const from = edit ? now.list(edit.kind) : [];
    if (!edit || from.length === 0) continue;
    const next = edited(now, edit, from, (i * 6_151) % from.length, i);
    const earlier = then;
    costs.push(
      costOf(() => {
        then = earlier.update(next);
      }),
    );
    now = next;
  }
  return summed(`history of ${length}`, costs);
}

function edited(snapshot: Snapshot, edit: Edit, from: readonly Resource[], at: number, number: number): Snapshot {
  const old = from[at];
  if (!old) return snapshot;
  const instead = edit.change(old.object, number).map((object) => ({ object }));
  const { together } = edit;
  const list = edit.beside
    ? [...snapshot.list(edit.kind), ...instead]
    : together
      ? from.filter(({ object }) => !together(old.object, object))
      : from.toSpliced(at, 1, ...instead);
  return withKinds(snapshot, new Map([[edit.kind, list]]));
}

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

function costOf(work: () => void): Cost {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  work();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallMs };
}

function summed(edit: string, costs: readonly Cost[]): EditCost {
  const sorted = (of: (cost: Cost) => number): readonly number[] => costs.map(of).sort((a, b) => a - b);
  const [cpu, wall] = [sorted(({ cpuMs }) => cpuMs), sorted(({ wallMs }) => wallMs)];
  return {
    edit,
    medianMs: cpu[cpu.length >> 1] ?? 0,
    largestMs: cpu.at(-1) ?? 0,
    medianWallMs: wall[wall.length >> 1] ?? 0,
    largestWallMs: wall.at(-1) ?? 0,
  };
}
