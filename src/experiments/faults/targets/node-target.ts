import { z } from 'zod';
import type { Cluster } from '../../ports.ts';
import { nodeOf } from '../../pods.ts';
import { podsOf, PodTargetSchema, type PodTarget } from './pod-target.ts';

/** A node by its name. */
export const NodeNameSchema = z.string().min(1).optional().describe('Its name; or say with nodeOf which one is meant.');
/** A node by the pods it runs. */
export const NodeOfSchema = PodTargetSchema.optional().describe(
  'The node that runs a pod of these; the first by name when there are several.',
);

/** The name of the node that is meant, or why nobody can tell. */
export async function nodeMeant(
  named: string | undefined,
  runs: PodTarget | undefined,
  cluster: Cluster,
): Promise<{ readonly kind: 'node'; readonly node: string } | { readonly kind: 'refused'; readonly because: string }> {
  if (named !== undefined) return { kind: 'node', node: named };
  if (!runs) return { kind: 'refused', because: 'neither node nor nodeOf says which node is meant' };
  const pods = await podsOf(cluster, runs);
  if (pods.kind !== 'ok')
    return { kind: 'refused', because: `the pods of ${runs.namespace} can't be listed: ${pods.because}` };
  const [node] = pods.value.flatMap((pod) => nodeOf(pod) ?? []).sort();
  if (node === undefined)
    return { kind: 'refused', because: `no node runs a pod of ${runs.namespace} with these labels` };
  return { kind: 'node', node };
}
