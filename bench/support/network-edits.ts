import { record, records } from '../../src/model/json.ts';
import type { NetworkAnalysis } from '../../src/analysis/network/index.ts';
import type { KindKey, KubernetesObject } from '../../src/model/object.ts';
import { withKinds, type Resource, type Snapshot } from '../../src/model/snapshot.ts';

const POLICY = 'NetworkPolicy.networking.k8s.io';

/** A kind of change of one object. */
interface Edit {
  readonly name: string;
  readonly kind: KindKey;
  /** What comes in the place of the object of a number: nothing, another, or two. */
  readonly change: (object: KubernetesObject, number: number) => readonly KubernetesObject[];
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
  { name: 'namespace relabelled', kind: 'Namespace', change: (namespace) => [labelled(namespace, { env: 'dev' })] },
  {
    name: 'Service added',
    kind: 'Service',
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

/** Milliseconds of the processor that an update and a question about it take: the median and the largest. */
export interface EditCost {
  readonly edit: string;
  readonly medianMs: number;
  readonly largestMs: number;
}

/** Makes changes of every kind to a cluster, each to the cluster as it is, and measures them. */
export function measureEdits(snapshot: Snapshot, analysis: NetworkAnalysis): readonly EditCost[] {
  return EDITS.flatMap((edit): readonly EditCost[] => {
    const from = edit.kind === 'Service' ? snapshot.list('Pod') : snapshot.list(edit.kind);
    if (from.length === 0) return [];
    const costs = Array.from({ length: OBJECTS }, (_, i) => {
      const at = (i * 6_151) % from.length;
      const after = edited(snapshot, edit, from, at, i);
      return costOf(() => {
        const updated = analysis.update(after);
        const [a, b] = [updated.workloads[i], updated.workloads[(i * 7_919) % updated.workloads.length]];
        if (a && b) updated.reaches(a.ref, b.ref, 'TCP', 8080);
      });
    }).sort((a, b) => a - b);
    return [{ edit: edit.name, medianMs: costs[OBJECTS >> 1] ?? 0, largestMs: costs.at(-1) ?? 0 }];
  });
}

/** A history of changes of policies and pods, each made to what the ones before left: milliseconds a change on average, and the largest. */
export function measureHistory(snapshot: Snapshot, analysis: NetworkAnalysis, length: number): EditCost {
  let [now, then] = [snapshot, analysis];
  const costs: number[] = [];
  const edits = EDITS.filter(({ kind, name }) => kind === POLICY || name.startsWith('pod '));
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
  costs.sort((a, b) => a - b);
  return { edit: `history of ${length}`, medianMs: costs[costs.length >> 1] ?? 0, largestMs: costs.at(-1) ?? 0 };
}

function edited(snapshot: Snapshot, edit: Edit, from: readonly Resource[], at: number, number: number): Snapshot {
  const old = from[at];
  if (!old) return snapshot;
  const instead = edit.change(old.object, number).map((object) => ({ object }));
  const list = edit.kind === 'Service' ? [...snapshot.list('Service'), ...instead] : from.toSpliced(at, 1, ...instead);
  return withKinds(snapshot, new Map([[edit.kind, list]]));
}

function costOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
