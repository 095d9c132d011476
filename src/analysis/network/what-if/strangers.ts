import type { KubernetesObject } from '../../../model/object.ts';
import { formatSelector, type Labels, type LabelSelector } from '../../../model/selectors.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { formatPorts, type NetworkAnalysis, type NetworkWorkload, type PeerQuery } from '../index.ts';
import { DIRECTIONS } from '../policies/policy.ts';
import { applyChanges, type Change } from '../lint/change.ts';
import { isEmpty, subtractPorts, type PortSet } from '../ports/ports.ts';
import type { ReachVerdict } from '../types.ts';

/** A peer that is not in the snapshot, and might be tomorrow. */
export interface Stranger {
  /** For a person: `any pod of a new namespace`, `[namespace with env=prod]/[pod with app=web]`. */
  readonly says: string;
  readonly query: PeerQuery;
}

/** What such a peer may do with one workload. */
export interface StrangerReach {
  readonly workload: string;
  /** `ingress`: the stranger reaches the workload; `egress`: the other way. */
  readonly direction: 'ingress' | 'egress';
  readonly stranger: string;
  readonly verdict: ReachVerdict;
  /** What is open to it beyond what is open to any pod of a new namespace. */
  readonly ports: string;
}

/** A pod somebody asks about: in a namespace that is there, or in a new one with these labels. */
export interface Hypothetical {
  readonly namespace?: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/**
 * Who could come and be let in: a pod without labels in a new namespace, for every selector of a policy one pod it would
 * match, and the internet. Only what the peers have beyond the first is listed. One analysis with them all added.
 */
export function strangersReach(
  snapshot: Snapshot,
  analysis: NetworkAnalysis,
  about: (workload: NetworkWorkload) => boolean,
  asked?: Hypothetical,
): readonly StrangerReach[] {
  const pods = [{ namespaceLabels: {}, labels: {} }, ...(asked ? [asked] : representatives(analysis))];
  const made = pods.map((pod, i) => objectsOf(pod, i, analysis));
  const changes = made.flatMap(({ objects }) => objects.map((manifest): Change => ({ kind: 'create', manifest })));
  const with_ = analysis.update(applyChanges(snapshot, changes));
  const [anyone, ...others] = made.map(({ stranger }) => stranger);
  const internet: Stranger = { says: 'internet', query: { kind: 'internet' } };
  return analysis.workloads.filter(about).flatMap((workload) =>
    DIRECTIONS.flatMap((direction): readonly StrangerReach[] => {
      const known: PeerQuery = {
        kind: 'workload',
        namespace: workload.namespace,
        name: workload.ref.name,
        workloadKind: workload.ref.kind,
      };
      const ask = ({ query }: Stranger) =>
        direction === 'ingress' ? with_.query(query, known) : with_.query(known, query);
      const toAll = anyone ? ask(anyone) : undefined;
      const line = (stranger: Stranger, base: PortSet, baseVerdict?: ReachVerdict): readonly StrangerReach[] => {
        const { verdict, ports } = ask(stranger);
        if (verdict !== 'allowed' && verdict === baseVerdict) return [];
        const more = subtractPorts(ports, base);
        if (verdict === 'allowed' && isEmpty(more)) return [];
        if (verdict === 'denied') return [];
        return [{ workload: workload.id, direction, stranger: stranger.says, verdict, ports: formatPorts(more) }];
      };
      return [
        ...(anyone ? line(anyone, {}) : []),
        ...line(internet, {}),
        ...others.flatMap((stranger) => line(stranger, asked ? {} : (toAll?.ports ?? {}), toAll?.verdict)),
      ];
    }),
  );
}

/** One pod that each selector of a policy would match. */
function representatives({ policies, namespaces }: NetworkAnalysis): readonly Hypothetical[] {
  const found = new Map<string, Hypothetical>();
  for (const policy of policies) {
    for (const rule of DIRECTIONS.flatMap((direction) => policy.rules[direction])) {
      for (const { term } of rule.peers) {
        if (term.kind !== 'pods') continue;
        const labels = labelsMeeting(term.pods);
        const namespaceLabels = term.namespaces.kind === 'labels' ? labelsMeeting(term.namespaces.selector) : {};
        const named = term.namespaces.kind === 'name' ? term.namespaces.name : namespaceLabels[NAME_LABEL];
        const one: Hypothetical =
          named !== undefined && namespaces.has(named)
            ? { namespace: named, namespaceLabels: {}, labels }
            : { namespaceLabels, labels };
        if (one.namespace === undefined && Object.keys(namespaceLabels).length + Object.keys(labels).length === 0)
          continue;
        found.set(JSON.stringify(one), one);
      }
    }
  }
  return [...found.values()];
}

/** Labels that meet a selector: the first value of an In, any of an Exists, none for what excludes. */
export function labelsMeeting(selector: LabelSelector): Labels {
  return Object.fromEntries(
    selector.flatMap((one) =>
      one.operator === 'In' ? [[one.key, one.values[0] ?? '']] : one.operator === 'Exists' ? [[one.key, 'any']] : [],
    ),
  );
}

function objectsOf(
  { namespace, namespaceLabels, labels }: Hypothetical,
  index: number,
  analysis: NetworkAnalysis,
): { readonly stranger: Stranger; readonly objects: readonly KubernetesObject[] } {
  const isThere = namespace !== undefined && analysis.namespaces.has(namespace);
  const home = namespace ?? namespaceLabels[NAME_LABEL] ?? `seaworthy-stranger-${index}`;
  const name = `seaworthy-stranger-${index}`;
  const describe = (of: Labels): string =>
    formatSelector(Object.entries(of).map(([key, value]) => ({ operator: 'In', key, values: [value] })));
  const says =
    namespace === undefined && Object.keys({ ...namespaceLabels, ...labels }).length === 0
      ? 'any pod of a new namespace'
      : `${isThere ? home : Object.keys(namespaceLabels).length === 0 ? '[new namespace]' : `[namespace with ${describe(namespaceLabels)}]`}/${Object.keys(labels).length === 0 ? '[any pod]' : `[pod with ${describe(labels)}]`}`;
  const pod: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: home, labels },
    spec: { containers: [{ name: 'main' }] },
  };
  const space: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: home, labels: namespaceLabels },
  };
  return {
    stranger: { says, query: { kind: 'workload', namespace: home, name, workloadKind: 'Pod' } },
    objects: isThere ? [pod] : [space, pod],
  };
}
