import { at as dig, text } from '../../../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../../../model/object.ts';
import type { Outcome } from '../../../model/outcome.ts';
import { MARK, RUN_LABEL, type Applied, type FaultContext, type Injection, type Residue } from '../define-fault.ts';
import { annotationOf } from '../../objects.ts';

/**
 * Short-lived pods of ours in the network of a node, for what can only be done there. Bound to the node directly and
 * tolerating every taint, so that they also run on a node that takes no other pods.
 */
type Purpose = 'cut' | 'mend';
const PURPOSES: readonly Purpose[] = ['cut', 'mend'];

const GONE_WITHIN_MS = 30_000;
const BETWEEN_LOOKS_MS = 250;

/** The pod of an injection; its namespace and image are in the injection's data. */
export function nodePodRef(injection: Injection, purpose: Purpose): ObjectRef {
  const namespace = text(injection.data['namespace']) ?? 'kube-system';
  return { apiVersion: 'v1', kind: 'Pod', namespace, name: `seaworthy-${purpose}-${injection.id}` };
}

/** Starts a shell script on the node of an injection. Safe to repeat. */
export async function createNodePod(
  injection: Injection,
  purpose: Purpose,
  script: string,
  { cluster, ttlMs }: FaultContext,
  options: { readonly dryRun?: boolean } = {},
): Promise<Outcome<KubernetesObject>> {
  const ref = nodePodRef(injection, purpose);
  const created = await cluster.create(
    {
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      metadata: {
        name: ref.name,
        namespace: ref.namespace ?? 'default',
        labels: { 'app.kubernetes.io/managed-by': 'seaworthy', [RUN_LABEL]: injection.run },
        annotations: { [MARK]: injection.id },
      },
      spec: {
        nodeName: injection.target.name,
        hostNetwork: true,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 5,
        automountServiceAccountToken: false,
        tolerations: [{ operator: 'Exists' }],
        ...(purpose === 'cut' ? { activeDeadlineSeconds: Math.max(1, Math.ceil(ttlMs / 1_000)) + 30 } : {}),
        containers: [
          {
            name: purpose,
            image: text(injection.data['image']) ?? '',
            command: ['sh', '-c', script],
            securityContext: { runAsUser: 0, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } },
          },
        ],
      },
    },
    options.dryRun === true ? { dryRun: true } : {},
  );
  if (created.kind === 'ok') return created;
  const there = await cluster.get(ref);
  return there.kind === 'ok' && annotationOf(there.value, MARK) === injection.id ? there : created;
}

/** Waits until the pod is in a phase (or has succeeded already). */
export async function waitForPhase(
  injection: Injection,
  purpose: Purpose,
  wanted: 'Running' | 'Succeeded',
  withinMs: number,
  { cluster, clock, signal }: FaultContext,
): Promise<Applied> {
  const ref = nodePodRef(injection, purpose);
  for (let waited = 0; ; waited += BETWEEN_LOOKS_MS) {
    const found = await cluster.get(ref);
    if (found.kind === 'missing') return { kind: 'failed', because: `pod ${ref.name} is gone` };
    const phase = found.kind === 'ok' ? text(dig(found.value, 'status', 'phase')) : undefined;
    if (phase === wanted || phase === 'Succeeded') return { kind: 'applied' };
    if (phase === 'Failed')
      return { kind: 'failed', because: `its script on the node failed: kubectl -n ${ref.namespace} logs ${ref.name}` };
    if (waited >= withinMs || signal.aborted)
      return {
        kind: 'failed',
        because: `pod ${ref.name} is ${phase ?? 'unknown'}, not ${wanted}, after ${waited / 1_000} s`,
      };
    await clock.sleep(BETWEEN_LOOKS_MS, signal);
  }
}

/** Deletes the pod if it is ours and waits until it is gone. */
export async function endNodePod(
  injection: Injection,
  purpose: Purpose,
  { cluster, clock, signal }: FaultContext,
): Promise<Outcome<undefined>> {
  const ref = nodePodRef(injection, purpose);
  for (let waited = 0; ; waited += BETWEEN_LOOKS_MS) {
    const found = await cluster.get(ref);
    if (found.kind === 'missing') return { kind: 'ok', value: undefined };
    if (found.kind === 'ok') {
      if (annotationOf(found.value, MARK) !== injection.id) return { kind: 'ok', value: undefined };
      const { uid, deletionTimestamp } = found.value.metadata;
      if (deletionTimestamp === undefined) await cluster.delete(ref, uid === undefined ? {} : { uid });
    }
    if (waited >= GONE_WITHIN_MS || signal.aborted)
      return { kind: 'unavailable', because: `pod ${ref.namespace}/${ref.name} does not end` };
    await clock.sleep(BETWEEN_LOOKS_MS, signal);
  }
}

/** Pods of the injection that are still there. */
export async function podsLeft(injection: Injection, { cluster }: FaultContext): Promise<readonly Residue[]> {
  const left: Residue[] = [];
  for (const purpose of PURPOSES) {
    const ref = nodePodRef(injection, purpose);
    const found = await cluster.get(ref);
    if (found.kind === 'missing') continue;
    const what = found.kind === 'ok' ? 'is still there' : `can't be looked for: ${found.because}`;
    left.push({
      what: `pod ${ref.namespace}/${ref.name} ${what}`,
      remedy: `kubectl -n ${ref.namespace} delete pod ${ref.name}`,
    });
  }
  return left;
}
