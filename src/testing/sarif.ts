import { z } from 'zod';

const Text = z.strictObject({ text: z.string().min(1), markdown: z.string().min(1).optional() });
const Level = z.enum(['none', 'note', 'warning', 'error']);

/** A reference as RFC 3986 has it: nothing in it that must be percent-encoded. */
const UriReference = z.string().regex(/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/);

const Rule = z.strictObject({
  id: z.string().min(1),
  shortDescription: Text,
  help: Text,
  defaultConfiguration: z.strictObject({ level: Level }),
  properties: z.strictObject({ 'security-severity': z.string().regex(/^\d+\.\d$/), tags: z.array(z.string()) }),
});

const Location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation: z.strictObject({ uri: UriReference, uriBaseId: z.string().optional() }),
    region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1).optional() }),
  }),
  logicalLocations: z.array(z.strictObject({ fullyQualifiedName: z.string(), kind: z.string() })),
});

const Result = z
  .strictObject({
    ruleId: z.string(),
    ruleIndex: z.int().min(0),
    kind: z.enum(['notApplicable', 'pass', 'fail', 'review', 'open', 'informational']),
    level: Level,
    message: Text,
    locations: z.array(Location).min(1),
    partialFingerprints: z.record(z.string(), z.string()),
    suppressions: z
      .array(
        z.strictObject({
          kind: z.enum(['inSource', 'external']),
          status: z.enum(['accepted', 'underReview', 'rejected']),
          justification: z.string(),
        }),
      )
      .optional(),
  })
  // SARIF 2.1.0, 3.27.10: only a failure has a level.
  .refine(({ kind, level }) => (kind === 'fail') !== (level === 'none'));

const Run = z.strictObject({
  tool: z.strictObject({
    driver: z.strictObject({ name: z.string().min(1), version: z.string(), rules: z.array(Rule) }),
  }),
  automationDetails: z.strictObject({ id: z.string() }),
  invocations: z.array(
    z.strictObject({
      executionSuccessful: z.boolean(),
      toolExecutionNotifications: z.array(z.strictObject({ level: Level, message: Text })),
    }),
  ),
  columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
  originalUriBaseIds: z.record(z.string(), z.strictObject({ description: Text })).optional(),
  results: z.array(Result),
});

const Log = z.strictObject({
  $schema: z.string(),
  version: z.literal('2.1.0'),
  runs: z.array(Run).length(1),
});

export type SarifRun = z.infer<typeof Run>;

/**
 * Reads a SARIF log and holds it to what SARIF 2.1.0 and GitHub demand of the parts we write; anything else in it is an
 * error too. Throws with what is wrong.
 */
export function readSarif(text: string): SarifRun {
  const [run] = Log.parse(JSON.parse(text)).runs;
  if (!run) throw new Error('no run');
  const { rules } = run.tool.driver;
  const must = (holds: boolean, says: string): void => {
    if (!holds) throw new Error(says);
  };
  must(new Set(rules.map(({ id }) => id)).size === rules.length, 'two rules have one id (3.19.23)');
  for (const { ruleId, ruleIndex, locations, partialFingerprints } of run.results) {
    must(rules[ruleIndex]?.id === ruleId, `ruleIndex of ${ruleId} points elsewhere (3.27.6)`);
    for (const { physicalLocation } of locations) {
      const base = physicalLocation.artifactLocation.uriBaseId;
      must(base === undefined || run.originalUriBaseIds?.[base] !== undefined, `base ${base} is nowhere (3.4.4)`);
    }
    must(partialFingerprints['primaryLocationLineHash'] !== undefined, 'GitHub tells alerts apart by this fingerprint');
  }
  // GitHub's limits: https://docs.github.com/code-security/code-scanning
  must(run.results.length <= 25_000, 'GitHub takes 25,000 results');
  must(rules.length <= 25_000, 'GitHub takes 25,000 rules');
  must(
    rules.every(({ properties }) => properties.tags.length <= 20),
    'GitHub takes 20 tags of a rule',
  );
  must(
    rules.every(({ id, shortDescription }) => id.length <= 255 && shortDescription.text.length <= 1024),
    'GitHub takes ids of 255 and texts of 1,024 characters',
  );
  return run;
}
