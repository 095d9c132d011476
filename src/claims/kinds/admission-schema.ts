import { z } from 'zod';
import { NamespacesSchema } from '../selection-schema.ts';

/** Sets of pods that should not get in, by the control of the Pod Security Standards they break. */
export const CORPORA = ['pod-security/baseline', 'pod-security/restricted'] as const;

/** `admission`: what gets in. */
export const AdmissionSchema = z
  .strictObject({
    namespaces: NamespacesSchema.optional().describe(
      'Where the objects would be created; the namespace of the claim when absent.',
    ),
    corpus: z.enum(CORPORA).optional().describe('Pods that each break one control of a Pod Security level.'),
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

export type AdmissionSpec = z.infer<typeof AdmissionSchema>;
