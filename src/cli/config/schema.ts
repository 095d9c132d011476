import { z } from 'zod';
import { API_VERSION } from '../../model/api-version.ts';
import { THRESHOLDS } from '../../report/thresholds.ts';
import { FORMATS } from '../../report/formats/index.ts';

const Words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const Text = z.string().min(1);

/**
 * Flags a file may set wherever it stands. Named as on the command line, in camel case. `-n` is none of them: for some
 * commands it is a part of the question.
 */
const ANYWHERE = {
  kubernetesVersion: z.union([Text, z.number()]).optional(),
  unreadable: Words.optional(),
  strict: z.boolean().optional(),
  requestTimeout: Text.optional(),
  chunkSize: z.int().min(0).optional(),
  output: z
    .enum(FORMATS.map(({ id }) => id))
    .optional()
    .describe('Commands that have no such format keep their own.'),
  color: z.enum(['auto', 'always', 'never']).optional(),
  profile: Text.optional(),
  claims: Words.optional().describe('Files of claims, from the directory of this file.'),
  baseline: Text.optional().describe('An earlier report, from the directory of this file.'),
  failOn: z
    .union([z.enum(THRESHOLDS), z.array(z.enum(THRESHOLDS)).min(1)], `should be some of ${THRESHOLDS.join(', ')}`)
    .optional(),
  failOnIncomplete: z.boolean().optional(),
} as const;

/**
 * Flags only the person's own file may set: they choose the cluster and run credential plugins, and a directory somebody
 * was given must not decide that.
 */
const OWN_FILE_ONLY = {
  kubeconfig: Text.optional(),
  context: Text.optional(),
  cluster: Text.optional(),
  user: Text.optional(),
} as const;

/** Flags whose values are paths. */
export const PATHS: ReadonlySet<string> = new Set(['claims', 'baseline', 'kubeconfig']);

const Pattern = Text.regex(
  /^[^/\s]+(\/[^/\s]+){0,2}$/,
  'write name, namespace/name or Kind/namespace/name; * stands for any',
);

/** A finding that somebody has accepted: which check, on which objects, why, and until when. */
const SuppressionSchema = z.strictObject({
  check: Text.describe('Id of the check, as every report shows it.'),
  objects: z
    .array(Pattern)
    .min(1)
    .describe(
      '`name`, `namespace/name` or `Kind/namespace/name`; `*` stands for any part of one. Nothing else is meant.',
    ),
  reason: Text.describe('Why it is accepted, for whoever reads the report.'),
  expiry: z.iso.date().describe('The last day on which it counts: 2027-01-31.'),
});

const common = {
  apiVersion: z.literal(API_VERSION).optional(),
  kind: z.literal('Configuration').optional(),
  suppressions: z.array(SuppressionSchema).default([]),
  ...ANYWHERE,
};

/** `.seaworthy.yaml` of a directory. */
export const ProjectConfigurationSchema = z.strictObject(common);
/** The person's own, in the XDG configuration directory. */
export const OwnConfigurationSchema = z.strictObject({ ...common, ...OWN_FILE_ONLY });

/** Every flag that a file or an environment variable may set. */
export const SETTABLE: readonly string[] = [...Object.keys(ANYWHERE), ...Object.keys(OWN_FILE_ONLY)];
/** Flags that only the person's own file may set. */
export const ONLY_IN_OWN_FILE: readonly string[] = Object.keys(OWN_FILE_ONLY);
