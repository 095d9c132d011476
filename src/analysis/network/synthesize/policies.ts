import { at, stringMap, type JsonRecord } from '../../../model/json.ts';
import { kindKey, type KubernetesObject } from '../../../model/object.ts';
import type { Labels } from '../../../model/selectors.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { NetworkWorkload } from '../index.ts';
import type { Flow, FlowEnd } from './flow.ts';

/** Where the cluster's DNS is, as far as policies must know. */
export interface DnsPlace {
  readonly namespace: string;
  readonly label: readonly [key: string, value: string];
  readonly port: number;
}

/** Labels that differ from pod to pod or rollout to rollout, useless to select a workload by. */
const PASSING =
  /^(pod-template-hash|controller-revision-hash|pod-template-generation|controller-uid|job-name|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/.*)$/;

/** The labels that stand for a workload: those its controller selects by, else its pods' own. */
export function labelsOfWorkload({ ref, endpoints: [pod] }: NetworkWorkload, snapshot: Snapshot): Labels {
  const object = snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name)?.object;
  const selected = stringMap(at(object, 'spec', 'selector', 'matchLabels'));
  const labels = Object.keys(selected).length > 0 ? selected : (pod?.labels ?? {});
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !PASSING.test(key)));
}

/**
 * The least policies for some flows in some namespaces: nothing is allowed by default, names resolve, and each workload
 * with flows has one policy with one rule for each different set of ports. Workloads outside the namespaces get none.
 */
export function policiesFor(
  flows: readonly Flow[],
  namespaces: readonly string[],
  dns: DnsPlace,
  snapshot: Snapshot,
): readonly KubernetesObject[] {
  const inside = new Set(namespaces);
  const workloads = new Map<string, NetworkWorkload>();
  for (const end of flows.flatMap(({ from, to }) => [from, to]))
    if (end.kind === 'workload' && inside.has(end.workload.namespace)) workloads.set(end.workload.id, end.workload);
  return [
    ...namespaces.flatMap((namespace) => [denyAll(namespace), allowDns(namespace, dns)]),
    ...[...workloads.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map((one) => policyOf(one, flows, snapshot)),
  ];
}

function policyOf(workload: NetworkWorkload, flows: readonly Flow[], snapshot: Snapshot): KubernetesObject {
  const is = (end: FlowEnd): boolean => end.kind === 'workload' && end.workload.id === workload.id;
  const ingress = rules(
    flows.filter(({ to }) => is(to)),
    'from',
    workload.namespace,
    snapshot,
  );
  const egress = rules(
    flows.filter(({ from }) => is(from)),
    'to',
    workload.namespace,
    snapshot,
  );
  const kind = workload.ref.kind.toLowerCase();
  return policy(workload.namespace, `${workload.ref.name}-${kind}`.slice(0, 253), {
    podSelector: { matchLabels: labelsOfWorkload(workload, snapshot) },
    policyTypes: [...(ingress.length > 0 ? ['Ingress'] : []), ...(egress.length > 0 ? ['Egress'] : [])],
    ...(ingress.length > 0 ? { ingress } : {}),
    ...(egress.length > 0 ? { egress } : {}),
  });
}

/** Peers that may use the same ports share a rule. */
function rules(flows: readonly Flow[], field: 'from' | 'to', home: string, snapshot: Snapshot): readonly JsonRecord[] {
  const peers = new Map<string, { readonly end: FlowEnd; readonly ports: Map<string, JsonRecord> }>();
  for (const flow of flows) {
    const end = flow[field];
    const key = JSON.stringify(peerOf(end, home, snapshot));
    const known = peers.get(key) ?? { end, ports: new Map<string, JsonRecord>() };
    known.ports.set(`${flow.protocol} ${String(flow.port).padStart(5, '0')}`, {
      protocol: flow.protocol,
      port: flow.port,
    });
    peers.set(key, known);
  }
  const byPorts = Map.groupBy([...peers.values()], ({ ports }) => [...ports.keys()].sort().join());
  return [...byPorts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, sharing]): JsonRecord => {
      const ports = [...(sharing[0]?.ports ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, port]) => port);
      if (sharing.some(({ end }) => end.kind === 'anyone')) return { ports };
      return { [field]: sharing.map(({ end }) => peerOf(end, home, snapshot)), ports };
    });
}

function peerOf(end: FlowEnd, home: string, snapshot: Snapshot): JsonRecord {
  const named = (namespace: string): JsonRecord =>
    namespace === home ? {} : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  switch (end.kind) {
    case 'workload':
      return {
        ...named(end.workload.namespace),
        podSelector: { matchLabels: labelsOfWorkload(end.workload, snapshot) },
      };
    case 'namespace':
      return end.namespace === home ? { podSelector: {} } : named(end.namespace);
    case 'block':
      return { ipBlock: { cidr: end.cidr, ...(end.except.length > 0 ? { except: end.except } : {}) } };
    case 'anyone':
      return {};
  }
}

function denyAll(namespace: string): KubernetesObject {
  return policy(namespace, 'default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
}

/** Every pod may ask the DNS, by UDP and, for long answers, TCP. */
function allowDns(namespace: string, { namespace: there, label: [key, value], port }: DnsPlace): KubernetesObject {
  return policy(namespace, 'allow-dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': there } },
            podSelector: { matchLabels: { [key]: value } },
          },
        ],
        ports: [
          { protocol: 'UDP', port },
          { protocol: 'TCP', port },
        ],
      },
    ],
  });
}

function policy(namespace: string, name: string, spec: JsonRecord): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'seaworthy' } },
    spec,
  };
}
