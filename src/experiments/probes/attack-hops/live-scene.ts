import type { Look, Sighting } from '../../../analysis/attack/index.ts';
import { memoised } from '../../../model/memoised.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { ProbeContext } from '../define-probe.ts';
import { isPodOf, livePods, type LivePod } from '../live-pods.ts';

/** What a premise of a hop is checked by. */
export type Check = Parameters<Look>[0];
/** A check of one kind. */
export type CheckOf<K extends Check['kind']> = Extract<Check, { readonly kind: K }>;

/** What the looks at hops share: the cluster as it runs beside the snapshot in which the hops were found. */
export interface LiveScene {
  readonly context: ProbeContext;
  readonly snapshot: Snapshot;
  /** A pod of a unit that runs; pods of a namespace are read once. */
  podOf(unit: CheckOf<'pod'>['unit']): Promise<LivePod | undefined>;
  /** RFC 3339. */
  now(): string;
  /** A look that settled nothing, and why. */
  unknown(check: Check['kind'], says: string): Sighting;
}

/** Reads nothing until a look asks. */
export function createLiveScene(context: ProbeContext, snapshot: Snapshot): LiveScene {
  const podsIn = memoised((namespace: string) => livePods(context.cluster, [namespace], context.signal));
  const now = (): string => context.clock.now().toISOString();
  return {
    context,
    snapshot,
    podOf: async (unit) => (await podsIn(unit.namespace)).find((pod) => isPodOf(unit.workload, pod)),
    now,
    unknown: (check, says) => ({ check, verdict: 'unknown', says, at: now() }),
  };
}

/** The answer of a probe as the verdict on a premise. */
export function verdictOf(ok: boolean | 'unknown'): Sighting['verdict'] {
  return ok === true ? 'proven' : ok === false ? 'refuted' : 'unknown';
}
