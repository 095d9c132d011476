import { z } from 'zod';
import { refOf } from '../../model/object.ts';
import { controllerOf } from '../../model/workloads.ts';
import { defineFault, type Injection } from './define-fault.ts';
import { injectionId } from './injection-id.ts';
import { podName } from '../pods.ts';
import { choose, ModeSchema, podsOf, PodTargetSchema } from './targets/pod-target.ts';

/** Pods vanish, as they do when a node dies or a deployment goes wrong; their controllers make new ones. */
export const podKill = defineFault({
  id: 'pod-kill',
  title: 'Pods are deleted',
  tier: 'T0',
  breaks: ['pod'],
  oneShot: true,
  parameters: z.strictObject({
    target: PodTargetSchema,
    mode: ModeSchema.default('one'),
    gracePeriodSeconds: z.int().min(0).default(0).describe('0 kills at once, as a crash would.'),
  }),
  async preflight({ target, mode, gracePeriodSeconds }, at) {
    const pods = await podsOf(at.cluster, target);
    if (pods.kind !== 'ok')
      return { kind: 'refused', because: `the pods of ${target.namespace} can't be listed: ${pods.because}` };
    const chosen = choose(pods.value, mode, at.rng);
    if (chosen.length === 0) return { kind: 'refused', because: `no live pod of ${target.namespace} has these labels` };
    const bare = chosen.find((pod) => controllerOf(pod) === undefined);
    if (bare)
      return { kind: 'refused', because: `pod ${podName(bare)} has no controller: nothing would bring it back` };
    return {
      kind: 'ready',
      injections: chosen.map((pod): Injection => ({
        fault: 'pod-kill',
        id: injectionId(at.rng),
        run: at.run,
        target: { ...refOf(pod), ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }) },
        says: `delete pod ${podName(pod)}${gracePeriodSeconds === 0 ? ' without grace' : ` with ${gracePeriodSeconds} s of grace`}`,
        touches: { namespaces: [target.namespace], pods: [podName(pod)], nodes: [] },
        data: { gracePeriodSeconds },
      })),
    };
  },
  async apply({ target, data }, { cluster }) {
    const { uid, ...ref } = target;
    const deleted = await cluster.delete(ref, {
      ...(uid === undefined ? {} : { uid }),
      gracePeriodSeconds: Number(data['gracePeriodSeconds'] ?? 0),
    });
    // Gone already, or another pod has taken its name: the pod we meant no longer runs.
    if (deleted.kind === 'ok' || deleted.kind === 'missing' || deleted.kind === 'conflict') return { kind: 'applied' };
    return { kind: 'failed', because: deleted.because };
  },
  async undo() {
    return { kind: 'undone', says: 'a deleted pod is replaced by its controller, not by us' };
  },
  async residue() {
    return [];
  },
  endsBy: () => ({ by: 'nothing', says: 'a deleted pod is gone at once: there is nothing to end' }),
  async bit({ target }, { cluster }) {
    const { uid, ...ref } = target;
    const found = await cluster.get(ref);
    if (found.kind === 'missing') return { bit: true, says: `pod ${ref.name} is gone` };
    if (found.kind !== 'ok') return { bit: 'unknown', says: `pod ${ref.name} can't be read: ${found.because}` };
    if (found.value.metadata.uid !== uid) return { bit: true, says: `pod ${ref.name} is another one now` };
    if (found.value.metadata.deletionTimestamp !== undefined)
      return { bit: true, says: `pod ${ref.name} is being deleted` };
    return { bit: false, says: `pod ${ref.name} still runs` };
  },
});
