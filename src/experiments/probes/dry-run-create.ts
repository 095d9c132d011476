import { z } from 'zod';
import { isRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { defineProbe } from './define-probe.ts';

/** Sends an object to the API server for everything but keeping it: its admission says what it would say. */
export const dryRunCreate = defineProbe({
  id: 'dry-run-create',
  title: 'Would the API server let this object in',
  needs: ['create of the kind of the object'],
  parameters: z.strictObject({
    object: z.custom<KubernetesObject>(
      (value) =>
        isRecord(value) &&
        typeof value['kind'] === 'string' &&
        isRecord(value['metadata']) &&
        typeof value['metadata']['name'] === 'string',
      'an object with apiVersion, kind and metadata.name',
    ),
    namespace: z.string().min(1),
    expect: z.enum(['allowed', 'denied']).default('denied'),
  }),
  async run({ object, namespace, expect }, at) {
    const sent = { ...object, metadata: { ...object.metadata, namespace } };
    const created = await at.cluster.create(sent, { dryRun: true });
    const time = at.clock.now().toISOString();
    const what = `${object.kind} ${object.metadata.name} in ${namespace}`;
    switch (created.kind) {
      case 'ok':
        return { ok: expect === 'allowed', outcome: 'allowed', says: `the API server would let ${what} in`, at: time };
      // RBAC refuses before admission is asked, and both answer 403: only the words tell them apart.
      case 'forbidden':
        if (/cannot create resource/.test(created.because)) {
          return {
            ok: 'unknown',
            outcome: 'probeError',
            says: `we may not create ${what}, so admission was not asked: ${created.because}`,
            at: time,
          };
        }
        return { ok: expect === 'denied', outcome: 'denied', says: `${what} is refused: ${created.because}`, at: time };
      case 'rejected':
        // 400 and 422 are about the object being ill-formed, unless a policy or webhook says otherwise.
        if (!/denied|violates|forbidden/i.test(created.because)) {
          return {
            ok: 'unknown',
            outcome: 'invalid',
            says: `${what} is not a valid object: ${created.because}`,
            at: time,
          };
        }
        return { ok: expect === 'denied', outcome: 'denied', says: `${what} is refused: ${created.because}`, at: time };
      default:
        return { ok: 'unknown', outcome: 'probeError', says: `${what} can't be tried: ${created.because}`, at: time };
    }
  },
});
