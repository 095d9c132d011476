import { z } from 'zod';
import { defineProbe } from './define-probe.ts';

/** Asks the API server whether a subject may do something: all its authorizers answer, webhooks included. */
export const mayI = defineProbe({
  id: 'may-i',
  title: 'Ask the API server who may do what',
  needs: ['create subjectaccessreviews.authorization.k8s.io'],
  parameters: z.strictObject({
    as: z
      .strictObject({ user: z.string(), groups: z.array(z.string()) })
      .optional()
      .describe('We ourselves when absent.'),
    verb: z.string().min(1),
    group: z.string().default(''),
    resource: z.string().min(1),
    subresource: z.string().default(''),
    name: z.string().default(''),
    namespace: z.string().default(''),
    expect: z.enum(['allowed', 'denied']).default('allowed'),
  }),
  async run({ as, expect, ...request }, at) {
    const review = await at.cluster.review({ kind: 'resource', ...request }, as);
    const time = at.clock.now().toISOString();
    const { verb, resource, group, subresource, namespace } = request;
    const what = `${verb} ${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
    const where = namespace === '' ? 'in the whole cluster' : `in ${namespace}`;
    const who = as === undefined ? 'we' : as.user || as.groups.join(', ');
    if (review.kind !== 'ok')
      return {
        ok: 'unknown',
        outcome: 'probeError',
        says: `whether ${who} may ${what} ${where} can't be asked: ${review.because}`,
        at: time,
      };
    const { allowed, reason } = review.value;
    const says = `the API server says that ${who} may ${allowed ? '' : 'not '}${what} ${where}${reason === '' ? '' : ` (${reason})`}`;
    return { ok: allowed === (expect === 'allowed'), outcome: allowed ? 'allowed' : 'denied', says, at: time };
  },
});
