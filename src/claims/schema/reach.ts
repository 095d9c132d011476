import { z } from 'zod';
import { EndpointSchema, PortSchema } from './selection.ts';

const Destination = EndpointSchema.safeExtend({
  ports: z
    .array(PortSchema)
    .min(1)
    .optional()
    .describe('Ports of the destination; all of TCP, UDP and SCTP when absent.'),
});

/** `reach`: who may talk to whom. */
export const ReachSchema = z
  .strictObject({
    from: z
      .union([EndpointSchema, z.array(EndpointSchema)])
      .describe('Who opens the connection; a list is a union. An empty one, with atMost, is nobody.'),
    to: z.union([Destination, z.array(Destination).min(1)]).describe('Who is connected to; a list is a union.'),
    expect: z
      .enum(['allowed', 'denied', 'only', 'atMost'])
      .describe(
        'allowed: all of `from` may reach all of `to`. denied: none may. only: `from` may, and nobody else may. atMost: nobody else may, whether or not `from` can.',
      ),
  })
  .refine(({ from, expect }) => expect === 'atMost' || !Array.isArray(from) || from.length > 0, {
    path: ['from'],
    message: 'names nobody: only atMost can be said of nobody',
  })
  .describe('Who may talk to whom.');

/** The body of a reach claim, validated. */
export type ReachSpec = z.infer<typeof ReachSchema>;
/** The far end of a reach claim, with its ports. */
export type DestinationSpec = z.infer<typeof Destination>;
