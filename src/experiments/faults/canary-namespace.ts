import { z } from 'zod';
import { defineFault, MARK, RUN_LABEL, type Injection, type Residue } from './define-fault.ts';
import { injectionId } from './injection-id.ts';
import { annotationOf } from '../objects.ts';

/** Longest wait for a namespace to be gone with all that was in it. */
const GONE_MS = 90_000;

/**
 * The namespace of a canary, as something that is journalled before it is made and removed after: everything else the
 * canary creates lives inside it. It is no fault anybody may ask for in an experiment; recovery knows it by its id.
 */
export const canaryNamespace = defineFault({
  id: 'reach-canary',
  title: 'A namespace of our own in which enforcement is tried',
  tier: 'T0',
  breaks: [],
  oneShot: false,
  parameters: z.strictObject({}),
  async preflight(_parameters, at) {
    return { kind: 'ready', injections: [canaryInjection(injectionId(at.rng), at.run)] };
  },
  async apply({ target, id, run }, { cluster }) {
    const created = await cluster.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: target.name,
        labels: {
          'app.kubernetes.io/managed-by': 'seaworthy',
          'pod-security.kubernetes.io/enforce': 'restricted',
          [RUN_LABEL]: run,
        },
        annotations: { [MARK]: id },
      },
    });
    if (created.kind === 'ok') return { kind: 'applied' };
    const there = await cluster.get(target);
    if (there.kind === 'ok' && annotationOf(there.value, MARK) === id) return { kind: 'applied' };
    return { kind: 'failed', because: created.because };
  },
  async undo({ target, id }, { cluster, clock }) {
    const there = await cluster.get(target);
    if (there.kind === 'missing') return { kind: 'undone', says: `namespace ${target.name} is not there` };
    if (there.kind !== 'ok') return { kind: 'failed', because: there.because };
    if (annotationOf(there.value, MARK) !== id)
      return { kind: 'undone', says: `namespace ${target.name} is not ours: left alone` };
    const { uid } = there.value.metadata;
    const deleted = await cluster.delete(target, uid === undefined ? {} : { uid });
    if (deleted.kind !== 'ok' && deleted.kind !== 'missing') return { kind: 'failed', because: deleted.because };
    for (let waited = 0; waited < GONE_MS; waited += 500) {
      const now = await cluster.get(target);
      if (now.kind === 'missing' || (now.kind === 'ok' && now.value.metadata.uid !== uid))
        return { kind: 'undone', says: `namespace ${target.name} deleted` };
      await clock.sleep(500);
    }
    return { kind: 'failed', because: `namespace ${target.name} is still terminating after ${GONE_MS / 1_000} s` };
  },
  async residue({ target, id }, { cluster }): Promise<readonly Residue[]> {
    const found = await cluster.get(target);
    if (found.kind === 'missing') return [];
    if (found.kind !== 'ok')
      return [{ what: `namespace ${target.name} can't be read: ${found.because}`, remedy: 'Look at it by hand.' }];
    if (annotationOf(found.value, MARK) !== id) return [];
    return [{ what: `namespace ${target.name} is still there`, remedy: `kubectl delete namespace ${target.name}` }];
  },
  async bit({ target }, { cluster }) {
    const found = await cluster.get(target);
    return { bit: found.kind === 'ok', says: `namespace ${target.name} is ${found.kind === 'ok' ? '' : 'not '}there` };
  },
});

/** The intent to make one canary namespace. */
export function canaryInjection(id: string, run: string): Injection {
  const name = `seaworthy-canary-${id}`;
  return {
    fault: 'reach-canary',
    id,
    run,
    target: { apiVersion: 'v1', kind: 'Namespace', name },
    says: `create namespace ${name} with servers, clients and policies, and delete it`,
    touches: { namespaces: [name], pods: [], nodes: [] },
    data: {},
  };
}
