import { SeaworthyError } from '../model/errors.ts';
import type { FaultContext, Injection, PlannedFault } from './faults/define-fault.ts';
import { podName } from './pods.ts';
import { podsOf, PodTargetSchema } from './faults/targets/pod-target.ts';
import type { Arm } from './probes/claims/claim-probe.ts';

/** The two groups of a parallel design. */
export interface Groups {
  readonly experimental: Arm;
  readonly control: Arm;
}

/**
 * The groups of a parallel design. Control: pods the faults aim at and were spared by the draw. Everything else,
 * pods born later included, is experimental. Throws SW_EXPERIMENT_NO_CONTROL when nobody is spared.
 */
export async function drawGroups(
  injections: readonly Injection[],
  faults: readonly PlannedFault[],
  at: FaultContext,
): Promise<Groups> {
  const hit = new Set(injections.flatMap(({ touches }) => touches.pods));
  const control = new Set<string>();
  for (const { parameters } of faults) {
    const target = PodTargetSchema.safeParse((parameters as { readonly target?: unknown }).target);
    if (!target.success) continue;
    const pods = await podsOf(at.cluster, target.data);
    for (const pod of pods.kind === 'ok' ? pods.value : []) {
      if (!hit.has(podName(pod))) control.add(pod.metadata.uid ?? '');
    }
  }
  if (control.size > 0) return { control: (uid) => control.has(uid), experimental: (uid) => !control.has(uid) };
  throw new SeaworthyError(
    'SW_EXPERIMENT_NO_CONTROL',
    'a parallel design compares with replicas that are spared, and the faults hit all of them',
    { hint: 'Use mode: { percent: 50 } on a workload with several replicas, or another design. Nothing was changed.' },
  );
}
