import { z } from 'zod';
import { API_VERSION } from '../../model/api-version.ts';
import { DURATION_PATTERN } from '../../model/duration.ts';
import { SEVERITIES } from '../../model/because.ts';
import { AccessSchema } from './access.ts';
import { AdmissionSchema } from './admission.ts';
import { AttackPathSchema } from './attack-path.ts';
import { PostureSchema } from './posture.ts';
import { ReachSchema } from './reach.ts';
import { SteadyStateSchema } from './steady-state.ts';

/** The schema of each claim kind that has an engine. A new kind is one entry here and one in `kinds/index.ts`. */
const CLAIM_BODIES = {
  reach: ReachSchema,
  access: AccessSchema,
  admission: AdmissionSchema,
  posture: PostureSchema,
  attackPath: AttackPathSchema,
  steadyState: SteadyStateSchema,
} as const;

type ClaimKindName = keyof typeof CLAIM_BODIES;
/** Every kind of claim that has an engine. */
export const CLAIM_KINDS = Object.keys(CLAIM_BODIES) as readonly ClaimKindName[];

/** Kinds the product will know, with what each needs that is not there. */
export const KINDS_NOT_BUILT: Readonly<Record<string, string>> = {
  image: 'reports about images are',
  detection: 'detections are',
  capacity: 'the load generator is',
};

const Name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'a name has lower-case letters, digits, - and .');

/** A Claim as written in YAML, version v1alpha1. Exactly one kind stands in its spec. */
export const ClaimSchema = z
  .strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('Claim'),
    metadata: z
      .strictObject({
        name: Name,
        namespace: Name.optional().describe('What selectors without a namespace mean.'),
        labels: z.record(z.string(), z.string()).optional(),
        annotations: z.record(z.string(), z.string()).optional(),
      })
      .describe('Name, and the namespace the claim speaks of.'),
    spec: z
      .strictObject({
        statement: z.string().min(1).optional().describe('The belief in one sentence; generated when absent.'),
        severity: z.enum(SEVERITIES).default('medium').describe('What it would mean if it were false.'),
        owner: z.string().min(1).optional().describe('Who is told.'),
        validFor: z
          .string()
          .regex(DURATION_PATTERN, 'a duration is written like 90s, 24h or 7d')
          .optional()
          .describe('How long evidence stays fresh; for ever when absent.'),
        ...mapOptional(CLAIM_BODIES),
      })
      .superRefine((spec, context) => {
        const given = CLAIM_KINDS.filter((kind) => spec[kind] !== undefined);
        if (given.length !== 1) {
          const found = given.length === 0 ? 'there is none' : `there are ${given.join(' and ')}`;
          context.addIssue({
            code: 'custom',
            message: `a claim has exactly one of ${CLAIM_KINDS.join(', ')}: ${found}`,
          });
        }
      }),
  })
  .describe('A belief about a cluster that is true or false.');

/** A claim as it is read, with its defaults. */
export type ClaimDocument = z.infer<typeof ClaimSchema>;
/** A claim as a person may write it: defaults left out. */
export type ClaimInput = z.input<typeof ClaimSchema>;

type Optional<T extends Record<string, z.ZodType>> = { [K in keyof T]: z.ZodOptional<T[K]> };

function mapOptional<T extends Record<string, z.ZodType>>(schemas: T): Optional<T> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schema.optional()])) as Optional<T>;
}
