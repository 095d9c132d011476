import { z } from 'zod';
import { API_VERSION } from '../model/api-version.ts';
import { DurationSchema } from './duration-schema.ts';
import { FAULTS, faultKey } from './faults/index.ts';

const ClaimReference = z.strictObject({
  claim: z.string().min(1).describe('`name` or `namespace/name` of a claim, given or derived.'),
});

const Timing = {
  before: DurationSchema.default('5s').describe('How long the steady state is watched before anything is broken.'),
  during: DurationSchema.default('20s').describe('How long the faults last.'),
  after: DurationSchema.default('15s').describe('How long the way back is watched.'),
};

const Alpha = z.number().gt(0).lt(0.5).default(0.05).describe('Chance of blaming a fault that does nothing.');

/** How the effect of the faults is told from chance. */
const DesignSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('single'), ...Timing })
      .describe('Before, during and after: says whether the claims held, not whether the fault was why they did not.'),
    z
      .strictObject({ kind: z.literal('parallel'), ...Timing, alpha: Alpha })
      .describe('Half of the target pods, drawn at random, suffer; the other half is watched beside them.'),
    z
      .strictObject({
        kind: z.literal('switchback'),
        blocks: z
          .int()
          .min(2)
          .max(200)
          .default(12)
          .describe('Half of them with the faults, in random order within each pair.'),
        block: DurationSchema.default('20s'),
        washout: DurationSchema.default('3s').describe('Start of each block that is not counted.'),
        before: Timing.before,
        after: Timing.after,
        alpha: Alpha,
      })
      .describe('The faults come and go in randomised blocks; a sign-flip e-process judges the differences.'),
  ])
  .describe('How the effect of the faults is told from chance.');

const FaultSchema = z
  .strictObject(
    Object.fromEntries(FAULTS.map((fault) => [faultKey(fault.id), fault.parameters.optional().describe(fault.title)])),
  )
  .superRefine((given, context) => {
    if (Object.values(given).filter((value) => value !== undefined).length === 1) return;
    context.addIssue({
      code: 'custom',
      message: `a fault is exactly one of ${FAULTS.map(({ id }) => faultKey(id)).join(', ')}`,
    });
  });

/** An Experiment as written in YAML, version v1alpha1. */
export const ExperimentSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('Experiment'),
    metadata: z.strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'a name has lower-case letters, digits, - and .'),
      namespace: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
    spec: z.strictObject({
      hypothesis: z.array(ClaimReference).min(1).describe('Claims that must all keep holding.'),
      faults: z.array(FaultSchema).min(1).describe('Applied in this order, taken back in the reverse one.'),
      design: DesignSchema.default({ kind: 'single', before: '5s', during: '20s', after: '15s' }),
      every: DurationSchema.default('1s').describe('Time between two looks at the claims.'),
      stopWhen: z
        .array(ClaimReference.safeExtend({ violatedFor: DurationSchema.default('0s') }))
        .default([])
        .describe(
          'Safety stop: everything is taken back at once. A claim that can not be seen counts as violated here.',
        ),
      blastRadius: z
        .strictObject({
          namespaces: z
            .array(z.string().min(1))
            .min(1)
            .describe('Nothing outside of these is touched. kube-system must be named to be touched.'),
          maxPods: z.int().min(0).default(1).describe('Most pods that may suffer.'),
          maxNodes: z.int().min(0).default(0).describe('Most nodes that may suffer.'),
        })
        .describe('What may be touched at most; nothing is done when it would be exceeded.'),
      ttl: DurationSchema.default('10m').describe(
        'After this everything injected is over or taken back, whatever happens.',
      ),
    }),
  })
  .describe('A hypothesis, the faults it is tried with, and a guaranteed way back.');

/** An experiment as it is read, with its defaults. */
export type Experiment = z.infer<typeof ExperimentSchema>;
/** An experiment as a person may write it: defaults left out. */
export type ExperimentInput = z.input<typeof ExperimentSchema>;
/** How the effect of faults is told from chance. */
export type Design = z.infer<typeof DesignSchema>;
