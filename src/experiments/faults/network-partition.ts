import { z } from 'zod';
import { record, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../../model/object.ts';
import type { Cluster } from '../ports.ts';
import { isBlocked } from './mechanisms/blocked.ts';
import {
  defineFault,
  MARK,
  RUN_LABEL,
  type FaultContext,
  type Injection,
  type Residue,
  type Undone,
} from './define-fault.ts';
import { fuseRef, lightFuse, mayLightFuse, removeFuse } from './mechanisms/fuse.ts';
import { annotationOf, compareAndSwap } from '../objects.ts';
import { asPlanned, cut, describeGroup, merged, same } from './mechanisms/partition-cut.ts';
import { PodTargetSchema, type PodTarget } from './targets/pod-target.ts';

/**
 * Two groups of pods lose each other, both ways, by NetworkPolicy alone: where nothing isolates a group yet, a policy
 * allows it everybody but the other group; where policies do, these are narrowed and their own spec is the pre-image.
 * It works as far as the cluster enforces policies at all, which `bit` looks at.
 */
export const networkPartition = defineFault({
  id: 'network-partition',
  title: 'Two groups of pods can not reach each other',
  tier: 'T0',
  breaks: ['network'],
  oneShot: false,
  parameters: z.strictObject({ from: PodTargetSchema, to: PodTargetSchema }),
  async preflight({ from, to }, at) {
    const [left, right] = await Promise.all([describeGroup(from, at), describeGroup(to, at)]);
    if (left.kind === 'refused') return left;
    if (right.kind === 'refused') return right;
    let injections: readonly Injection[] = [];
    // Both ways: who opens a connection is stopped on the way in, or, where that is not possible, on the way out.
    for (const [source, destination] of [
      [left, right],
      [right, left],
    ] as const) {
      const sources = asPlanned(source, injections);
      const destinations = asPlanned(destination, injections);
      const plans = await Promise.all([
        cut(destinations, 'Ingress', sources, at),
        cut(sources, 'Egress', destinations, at),
      ]);
      const best = plans.filter((plan) => plan.kind === 'ready').sort((a, b) => a.cost - b.cost)[0];
      if (!best) {
        const because = plans.map((plan) => (plan.kind === 'refused' ? plan.because : '')).join('; ');
        return { kind: 'refused', because };
      }
      injections = merged(injections, best.injections);
    }
    if (injections.length === 0) return { kind: 'refused', because: 'policies keep these two groups apart already' };
    return { kind: 'ready', injections: await withFuses(injections, at) };
  },
  async apply({ target, id, data, run }, { cluster, ttlMs }) {
    if (data['mode'] === 'create') {
      const policy = data['policy'] as KubernetesObject;
      let { metadata } = policy;
      if (data['fuse'] === true) {
        const fuse = await lightFuse(cluster, target.namespace ?? 'default', { id, run, ttlMs });
        if (fuse.kind !== 'ok') return { kind: 'failed', because: `its time to live can't be set: ${fuse.because}` };
        metadata = { ...metadata, ownerReferences: [fuse.value] };
      }
      const created = await cluster.create({ ...policy, metadata });
      if (created.kind === 'ok') return { kind: 'applied' };
      const there = await cluster.get(target);
      if (there.kind === 'ok' && annotationOf(there.value, MARK) === id) return { kind: 'applied' };
      return { kind: 'failed', because: created.because };
    }
    let because = '';
    const patched = await compareAndSwap(cluster, target, (current) => {
      if (annotationOf(current, MARK) === id) return undefined;
      if (annotationOf(current, MARK) !== undefined) because = 'another experiment has changed this policy';
      else if (!same(current['spec'], data['before']))
        because = 'the policy is no longer what it was when the plan was made';
      if (because !== '') return undefined;
      return {
        metadata: { annotations: { [MARK]: id, [RUN_LABEL]: run } },
        spec: replacing(current['spec'], data['after']),
      };
    });
    if (because !== '') return { kind: 'failed', because };
    return patched.kind === 'ok' ? { kind: 'applied' } : { kind: 'failed', because: patched.because };
  },
  undo,
  endsBy: ({ data }) =>
    data['fuse'] === true
      ? {
          by: 'itself',
          says: 'a Job that starts no pod owns the policy and takes it along when the time to live is over',
        }
      : {
          by: 'guard',
          says:
            data['mode'] === 'create'
              ? 'no Job may be created beside the policy, so only the guard removes it; should its machine be lost too, it lasts until `recover`'
              : 'a policy of yours can only be put back: the guard does; should its machine be lost too, it lasts until `recover`',
        },
  async residue(injection, { cluster }): Promise<readonly Residue[]> {
    const fuse = await fuseResidue(injection, cluster);
    if (fuse.length > 0) return fuse;
    const found = await cluster.get(injection.target);
    if (found.kind === 'missing') return [];
    const name = `NetworkPolicy ${injection.target.namespace}/${injection.target.name}`;
    if (found.kind !== 'ok')
      return [{ what: `${name} can't be read: ${found.because}`, remedy: 'Look at it by hand.' }];
    if (annotationOf(found.value, MARK) !== injection.id) return [];
    return [
      {
        what: `${name} still cuts connections`,
        remedy: `kubectl -n ${injection.target.namespace} edit networkpolicy ${injection.target.name}`,
      },
    ];
  },
  async bit(injection, at) {
    const found = await at.cluster.get(injection.target);
    if (found.kind !== 'ok' || annotationOf(found.value, MARK) !== injection.id) {
      return { bit: false, says: 'the policy that cuts the connection is not in place' };
    }
    const [source, destination] = [injection.data['source'] as PodTarget, injection.data['destination'] as PodTarget];
    const there = await isBlocked(source, destination, at);
    if (there.bit !== 'unknown') return there;
    // Where nothing listens there is nothing to try: the other way then speaks for the partition.
    const back = await isBlocked(destination, source, at);
    return back.bit === true ? { bit: true, says: `${back.says}; the way back can't be tried: ${there.says}` } : there;
  },
});

/** Gives policies of ours a time to live where the cluster lets us. */
async function withFuses(injections: readonly Injection[], at: FaultContext): Promise<readonly Injection[]> {
  return Promise.all(
    injections.map(async (injection) => {
      const { data, target } = injection;
      const fuse = data['mode'] === 'create' && (await mayLightFuse(at.cluster, target.namespace ?? 'default'));
      return fuse ? { ...injection, data: { ...data, fuse } } : injection;
    }),
  );
}

async function fuseResidue({ target, id, data }: Injection, cluster: Cluster): Promise<readonly Residue[]> {
  if (data['fuse'] !== true) return [];
  const ref = fuseRef(target.namespace ?? 'default', id);
  const found = await cluster.get(ref);
  if (found.kind === 'missing') return [];
  const what = found.kind === 'ok' ? 'is still there' : `can't be looked for: ${found.because}`;
  return [
    { what: `Job ${ref.namespace}/${ref.name} ${what}`, remedy: `kubectl -n ${ref.namespace} delete job ${ref.name}` },
  ];
}

async function removePolicy(target: ObjectRef, id: string, cluster: Cluster): Promise<Undone> {
  const name = `NetworkPolicy ${target.namespace}/${target.name}`;
  const there = await cluster.get(target);
  if (there.kind === 'missing') return { kind: 'undone', says: `${name} is not there` };
  if (there.kind !== 'ok') return { kind: 'failed', because: there.because };
  if (annotationOf(there.value, MARK) !== id) return { kind: 'undone', says: `${name} is not ours: left alone` };
  const { uid } = there.value.metadata;
  const deleted = await cluster.delete(target, uid === undefined ? {} : { uid });
  return deleted.kind === 'ok' || deleted.kind === 'missing'
    ? { kind: 'undone', says: `${name} deleted` }
    : { kind: 'failed', because: deleted.because };
}

async function undo({ target, id, data }: Injection, { cluster }: FaultContext): Promise<Undone> {
  const name = `NetworkPolicy ${target.namespace}/${target.name}`;
  if (data['mode'] === 'create') {
    const removed = await removePolicy(target, id, cluster);
    const fuse = await removeFuse(cluster, target.namespace ?? 'default', id);
    return removed.kind === 'undone' && fuse.kind !== 'ok' ? { kind: 'failed', because: fuse.because } : removed;
  }
  let says = `${name} is as it was`;
  const restored = await compareAndSwap(cluster, target, (current) => {
    if (annotationOf(current, MARK) !== id) {
      says = `${name} does not carry our mark: left alone`;
      return undefined;
    }
    const unmark = { annotations: { [MARK]: null, [RUN_LABEL]: null } };
    if (same(current['spec'], data['after']))
      return { metadata: unmark, spec: replacing(current['spec'], data['before']) };
    says = `${name} was changed by somebody else meanwhile: their version stays, only our mark is taken off`;
    return { metadata: unmark };
  });
  if (restored.kind === 'ok' || restored.kind === 'missing') return { kind: 'undone', says };
  return { kind: 'failed', because: restored.because };
}

/** A merge patch that makes an object's field `next`: what is not in it goes. */
function replacing(current: unknown, next: unknown): JsonRecord {
  const wanted = record(next);
  const gone = Object.keys(record(current)).filter((key) => !(key in wanted));
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted };
}
