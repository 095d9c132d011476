import { z } from 'zod';
import { parseSelector } from '../../model/selectors.ts';

/** A `metav1.LabelSelector`, held to the API server's own rules. */
export const LabelSelectorSchema = z
  .strictObject({
    matchLabels: z.record(z.string(), z.string()).optional().describe('Labels an object must have, all of them.'),
    matchExpressions: z
      .array(
        z.strictObject({
          key: z.string(),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(z.string()).optional(),
        }),
      )
      .optional()
      .describe('Set-based requirements, all of them.'),
  })
  .superRefine((raw, context) => {
    const parsed = parseSelector(raw);
    if (parsed.kind === 'invalid') context.addIssue({ code: 'custom', path: [...parsed.path], message: parsed.says });
  })
  .describe('A Kubernetes label selector; an empty one selects everything.');

/** Namespaces, by name or by label (`kubernetes.io/metadata.name` is always there). */
export const NamespacesSchema = z
  .union([z.array(z.string().min(1)).min(1), LabelSelectorSchema])
  .describe('Names of namespaces, or a selector over their labels.');

const podFields = {
  pods: LabelSelectorSchema.optional().describe('Pods by their labels.'),
  namespaces: NamespacesSchema.optional(),
  workloads: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Workloads by name: `name` (any kind), `Kind/name`, or either with a namespace before it: `shop/web`, `shop/Deployment/web`.',
    ),
};

/**
 * Pods: every given field must match. Without `namespaces` the namespace of the claim is meant; a claim without
 * a namespace means all of them.
 */
export const PodSelectorSchema = z
  .strictObject(podFields)
  .refine(selectsSomething, { message: 'say which pods: give pods, namespaces or workloads' })
  .describe('Pods; every field given must match. Without namespaces, those of the namespace of the claim.');

/** One end of a connection: pods of the cluster, or addresses outside of it, or its nodes. */
export const EndpointSchema = z
  .strictObject({
    ...podFields,
    cidr: z.union([z.cidrv4(), z.cidrv6()]).optional().describe('Addresses outside the cluster.'),
    internet: z.literal(true).optional().describe('Every address outside the cluster.'),
    nodes: z.literal(true).optional().describe('The nodes of the cluster.'),
  })
  .superRefine((end, context) => {
    const kinds = [selectsSomething(end), end.cidr !== undefined, end.internet === true, end.nodes === true];
    const given = kinds.filter(Boolean).length;
    if (given === 1) return;
    const message =
      given === 0
        ? 'say who: give pods, namespaces, workloads, cidr, internet or nodes'
        : 'one end is either pods (pods, namespaces, workloads), or cidr, or internet, or nodes; write a list for several';
    context.addIssue({ code: 'custom', message });
  })
  .describe('One end of a connection.');

function selectsSomething(fields: { pods?: unknown; namespaces?: unknown; workloads?: unknown }): boolean {
  return fields.pods !== undefined || fields.namespaces !== undefined || fields.workloads !== undefined;
}

/** A destination port, as NetworkPolicy writes them. */
export const PortSchema = z
  .strictObject({
    port: z.union([z.int().min(1).max(65_535), z.string().regex(/^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/)]),
    endPort: z.int().min(1).max(65_535).optional().describe('Last port of a range.'),
    protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
  })
  .superRefine((given, context) => {
    if (given.endPort === undefined) return;
    if (typeof given.port === 'string') {
      context.addIssue({ code: 'custom', path: ['endPort'], message: 'a named port has no endPort' });
    } else if (given.endPort < given.port) {
      context.addIssue({ code: 'custom', path: ['endPort'], message: 'endPort comes before port' });
    }
  })
  .describe('A port (or range) of the destination pod: a number, or the name a container gives it.');

/** A `metav1.LabelSelector` as written. */
export type LabelSelectorSpec = z.infer<typeof LabelSelectorSchema>;
/** Namespaces by name or by label. */
export type NamespacesSpec = z.infer<typeof NamespacesSchema>;
/** Pods by label. */
export type PodSelectorSpec = z.infer<typeof PodSelectorSchema>;
/** One end of a connection as a claim names it. */
export type EndpointSpec = z.infer<typeof EndpointSchema>;
/** A port by number or name. */
export type PortSpec = z.infer<typeof PortSchema>;
