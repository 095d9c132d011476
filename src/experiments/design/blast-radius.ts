import type { Injection, Touches } from '../faults/define-fault.ts';
import type { Experiment } from '../schema.ts';
import type { BlastRadius } from './run-record.ts';

/** Namespaces of the control plane: touched only when the experiment names them. */
const CONTROL_PLANE = ['kube-system', 'kube-public', 'kube-node-lease'];

/** What some injections touch together. */
export function touchedBy(injections: readonly Pick<Injection, 'touches'>[]): Touches {
  const all = (field: keyof Touches): readonly string[] =>
    [...new Set(injections.flatMap(({ touches }) => touches[field]))].sort();
  return { namespaces: all('namespaces'), pods: all('pods'), nodes: all('nodes') };
}

/**
 * Whether that stays within what the experiment allows. `ourselves` are pods that must never suffer: the one the
 * conductor runs in.
 */
export function blastRadius(
  limit: Experiment['spec']['blastRadius'],
  injections: readonly Pick<Injection, 'touches'>[],
  ourselves: readonly string[] = [],
): BlastRadius {
  const touched = touchedBy(injections);
  const because: string[] = [];
  const outside = touched.namespaces.filter((namespace) => !limit.namespaces.includes(namespace));
  for (const namespace of outside) {
    const special = CONTROL_PLANE.includes(namespace) ? ' (the control plane runs there)' : '';
    because.push(`it would touch namespace ${namespace}${special}, which spec.blastRadius.namespaces does not name`);
  }
  if (touched.pods.length > limit.maxPods)
    because.push(`it would touch ${touched.pods.length} pods, the limit is ${limit.maxPods}`);
  if (touched.nodes.length > limit.maxNodes)
    because.push(`it would touch ${touched.nodes.length} nodes, the limit is ${limit.maxNodes}`);
  for (const pod of touched.pods.filter((name) => ourselves.includes(name)))
    because.push(`it would touch ${pod}, where this very program runs`);
  return { limit, touched, within: because.length === 0, because };
}
