import { z } from 'zod';
import { LabelSelectorSchema } from '../../../claims/schema/selection.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Outcome } from '../../../model/outcome.ts';
import { matches, parseSelector, type LabelSelector } from '../../../model/selectors.ts';
import { shuffled } from '../../statistics/random.ts';
import type { Cluster, Rng } from '../../ports.ts';
import { listAll } from '../../objects.ts';
import { isLive } from '../../pods.ts';

/** Pods of one namespace, by label. */
export const PodTargetSchema = z
  .strictObject({
    namespace: z.string().min(1),
    pods: LabelSelectorSchema,
  })
  .describe('Pods of one namespace, by label.');
/** Pods as a fault names them, validated. */
export type PodTarget = z.infer<typeof PodTargetSchema>;

/** How many of the pods a selector finds. */
export const ModeSchema = z
  .union([
    z.literal('all'),
    z.literal('one'),
    z.strictObject({ count: z.int().min(1) }),
    z.strictObject({ percent: z.number().gt(0).max(100) }).describe('Rounded up to whole pods.'),
  ])
  .describe('How many of the pods found are hit; which ones is drawn at random.');
/** All of the pods, so many, or a share of them. */
export type Mode = z.infer<typeof ModeSchema>;

/** The selector of a target that was validated as one. */
export function selectorOf(target: PodTarget): LabelSelector {
  const parsed = parseSelector(target.pods);
  return parsed.kind === 'ok' ? parsed.selector : [];
}

/** The live pods of a target: neither finished nor on their way out. */
export async function podsOf(cluster: Cluster, target: PodTarget): Promise<Outcome<readonly KubernetesObject[]>> {
  const listed = await listAll(cluster, 'v1', 'Pod', { namespace: target.namespace });
  if (listed.kind !== 'ok') return listed;
  const selector = selectorOf(target);
  return {
    kind: 'ok',
    value: listed.value.filter((pod) => isLive(pod) && matches(selector, pod.metadata.labels ?? {})),
  };
}

/** Draws as many as the mode says. */
export function choose<T>(items: readonly T[], mode: Mode, rng: Rng): readonly T[] {
  if (mode === 'all') return items;
  const count = mode === 'one' ? 1 : 'count' in mode ? mode.count : Math.ceil((items.length * mode.percent) / 100);
  return shuffled(items, rng).slice(0, count);
}
