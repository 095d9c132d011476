import { z } from 'zod';
import { NamespacesSchema } from './selection.ts';

/** Sets of pods: one for each control of a Pod Security level that it breaks, or the pods that the workloads of the namespace make. */
const CORPORA = ['pod-security/baseline', 'pod-security/restricted', 'existing-workloads'] as const;

/** `admission`: what gets in. */
export const AdmissionSchema = z
  .strictObject({
    namespaces: NamespacesSchema.optional().describe(
      'Where the objects would be created; the namespace of the claim when absent.',
    ),
    corpus: z
      .enum(CORPORA)
      .optional()
      .describe(
        'pod-security/…: pods that each break one control of that level. existing-workloads: the pods of the workloads that are there.',
      ),
    object: z
      .looseObject({ apiVersion: z.string(), kind: z.string() })
      .optional()
      .describe('One object, as it would be sent to the API server.'),
    expect: z
      .enum(['denied', 'allowed'])
      .describe('denied: none of them gets in anywhere. allowed: all of them get in everywhere.'),
  })
  .superRefine((spec, context) => {
    if ((spec.corpus === undefined) === (spec.object === undefined)) {
      context.addIssue({ code: 'custom', message: 'give either corpus or object' });
    }
  })
  .describe('What the API server would let in.');

/** The body of an admission claim, validated. */
export type AdmissionSpec = z.infer<typeof AdmissionSchema>;
