import type { Labels } from '../../../model/selectors.ts';
import { containerPorts, type Endpoint } from '../inhabitants/endpoints.ts';
import type { NetworkAnalysis } from '../index.ts';
import { covers } from '../policies/pod-scope.ts';
import { DIRECTIONS, type PeerTerm } from '../policies/policy.ts';

/** Pods of one namespace that no policy tells apart, by the labels and ports policies look at. */
export interface PodKind {
  readonly id: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly pods: readonly Endpoint[];
}

/**
 * Groups the pods that have an address by everything policies can see of them: the selectors that match, and the
 * ports they declare. Sorted by namespace and name. O(pods * selectors of their namespace scope).
 */
export function kindsOfPods(analysis: NetworkAnalysis): readonly PodKind[] {
  const scopes = selectorsOf(analysis);
  const kinds = new Map<
    string,
    { readonly id: string; readonly namespace: string; readonly labels: Labels; readonly pods: Endpoint[] }
  >();
  const memo = new Map<string, string>();
  for (const workload of analysis.workloads) {
    for (const pod of workload.endpoints) {
      if (pod.hostNetwork || pod.pod === undefined || pod.addresses.length === 0) continue;
      const written = `${workload.namespace} ${JSON.stringify(pod.labels)}`;
      let seen = memo.get(written);
      if (seen === undefined) memo.set(written, (seen = matched(scopes, analysis, workload.namespace, pod.labels)));
      const ports = containerPorts(pod.spec)
        .map(({ name, port, protocol }) => `${name ?? ''}:${port}/${protocol}`)
        .sort()
        .join();
      const id = `${workload.namespace} ${seen} ${ports}`;
      const kind = kinds.get(id);
      if (kind) kind.pods.push(pod);
      else kinds.set(id, { id, namespace: workload.namespace, labels: pod.labels, pods: [pod] });
    }
  }
  const name = ({ pods: [pod] }: PodKind): string => `${pod?.workload.id ?? ''} ${pod?.pod ?? ''}`;
  return [...kinds.values()].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

type PodsTerm = Pick<PeerTerm & { readonly kind: 'pods' }, 'namespaces' | 'pods'>;

/** Every distinct selector of pods in any policy, as subject or as peer. */
function selectorsOf({ policies }: NetworkAnalysis): readonly PodsTerm[] {
  const found = new Map<string, PodsTerm>();
  const add = ({ namespaces, pods }: PodsTerm): void =>
    void found.set(JSON.stringify([namespaces, pods]), { namespaces, pods });
  for (const policy of policies) {
    add(policy.subject);
    for (const rule of DIRECTIONS.flatMap((direction) => policy.rules[direction]))
      for (const { term } of rule.peers) if (term.kind === 'pods') add(term);
  }
  return [...found.values()];
}

function matched(
  terms: readonly PodsTerm[],
  { namespaces }: NetworkAnalysis,
  namespace: string,
  labels: Labels,
): string {
  const hits: number[] = [];
  terms.forEach((term, i) => {
    if (covers(term, namespace, labels, namespaces)) hits.push(i);
  });
  return hits.join();
}
