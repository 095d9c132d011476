import { z } from 'zod';
import { DURATION_PATTERN } from '../../model/duration.ts';
import { PodSelectorSchema } from './selection.ts';

const Duration = z.string().regex(DURATION_PATTERN, 'a duration is written like 250ms, 10s, 1m30s or 24h');

const Http = z.strictObject({
  from: PodSelectorSchema.optional().describe('Pods that ask; workloads that every policy lets reach it when absent.'),
  url: z.string().regex(/^https?:\/\//, 'an http:// or https:// address'),
  method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
});

const Connect = z.strictObject({
  from: PodSelectorSchema.optional(),
  host: z.string().min(1).describe('Name or address.'),
  port: z.int().min(1).max(65_535),
  protocol: z.enum(['TCP', 'UDP']).default('TCP'),
});

const Dns = z.strictObject({ from: PodSelectorSchema.optional(), name: z.string().min(1) });

const Endpoints = z
  .strictObject({
    service: z.string().min(1).describe('Name of a Service in the namespace of the claim.'),
    atLeast: z.int().min(1).default(1).describe('Ready endpoints every port of it must have.'),
  })
  .describe('A Service has ready endpoints behind each of its ports.');

const Disruption = z
  .strictObject({
    budget: z.string().min(1).describe('Name of a PodDisruptionBudget in the namespace of the claim.'),
    evictable: z.int().min(1).default(1).describe('Pods that can be evicted while all are healthy.'),
  })
  .describe('A disruption budget protects its pods without blocking every drain.');

/** `steadyState`: the service works. */
export const SteadyStateSchema = z
  .strictObject({
    probe: z
      .strictObject({
        http: Http.optional(),
        connect: Connect.optional(),
        dns: Dns.optional(),
        endpoints: Endpoints.optional(),
        disruption: Disruption.optional(),
      })
      .superRefine((probe, context) => {
        const given = Object.values(probe).filter((value) => value !== undefined).length;
        if (given !== 1) {
          context.addIssue({
            code: 'custom',
            message: 'give exactly one of http, connect, dns, endpoints, disruption',
          });
        }
      })
      .describe('What is looked at.'),
    tolerance: z
      .strictObject({
        status: z
          .union([z.int(), z.array(z.int()).min(1)])
          .optional()
          .describe('HTTP status that counts as success; below 400 when absent.'),
        within: Duration.optional().describe('Longest an answer may take; 5s when absent.'),
        successRatio: z
          .number()
          .gt(0)
          .max(1)
          .default(1)
          .describe('Share of the samples of a window that must succeed.'),
      })
      .optional()
      .describe('What still counts as working.'),
    window: Duration.default('10s').describe('How long is sampled for one verdict.'),
    interval: Duration.optional().describe(
      'Time between samples; a fiftieth of the window, at least 100ms, when absent.',
    ),
  })
  .describe('The service works.');

/** The body of a steadyState claim, validated. */
export type SteadyStateSpec = z.infer<typeof SteadyStateSchema>;
