import { z } from 'zod';
import { NamespacesSchema } from './selection.ts';

const Subject = z
  .strictObject({
    kind: z.enum(['User', 'Group', 'ServiceAccount']),
    name: z.string().min(1),
    namespace: z.string().min(1).optional().describe('Of a service account; the namespace of the claim when absent.'),
  })
  .superRefine((subject, context) => {
    if (subject.kind !== 'ServiceAccount' && subject.namespace !== undefined) {
      context.addIssue({ code: 'custom', path: ['namespace'], message: `a ${subject.kind} has no namespace` });
    }
  });

/** `access`: who may do what on the API. Every combination of the fields is meant. */
export const AccessSchema = z
  .strictObject({
    subjects: z.array(Subject).describe('Who asks. May be empty with `expect: only`: nobody may.'),
    verbs: z.array(z.string().min(1)).min(1).describe('`get`, `create`, …; `*` is the wildcard itself.'),
    resources: z
      .array(z.string().min(1))
      .min(1)
      .describe('`pods`, `pods/exec`, `deployments.apps`; `*` is the wildcard itself.'),
    namespaces: NamespacesSchema.optional().describe(
      'Namespaces of the requests. Absent: requests over the whole cluster, and cluster-scoped resources.',
    ),
    names: z.array(z.string().min(1)).min(1).optional().describe('Names of single objects; any name when absent.'),
    expect: z
      .enum(['allowed', 'denied', 'only'])
      .describe(
        'allowed: every subject may do all of it. denied: none may do any of it. only: these may, and no other subject may.',
      ),
  })
  .superRefine((spec, context) => {
    if (spec.subjects.length === 0 && spec.expect !== 'only') {
      context.addIssue({ code: 'custom', path: ['subjects'], message: 'say who: subjects is empty' });
    }
  })
  .describe('Who may do what on the Kubernetes API.');

/** The body of an access claim, validated. */
export type AccessSpec = z.infer<typeof AccessSchema>;
/** A subject as an access claim names it. */
export type SubjectSpec = z.infer<typeof Subject>;
