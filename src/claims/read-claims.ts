import { SeaworthyError } from '../model/errors.ts';
import { parseDuration } from '../model/duration.ts';
import { isRecord, list, record, text } from '../model/json.ts';
import { nearest } from '../model/suggest.ts';
import { claimId, type Claim, type ClaimBody } from './claim.ts';
import { CLAIM_KINDS, ClaimSchema, KINDS_NOT_BUILT, type ClaimDocument } from './schema/claim.ts';
import { problemsOf, readYaml, type DocumentProblem, type YamlDocument } from './yaml-problems.ts';

/** The claims of a file, and what is wrong with the others in it. */
export interface ClaimsRead {
  readonly claims: readonly Claim[];
  readonly problems: readonly DocumentProblem[];
}

/**
 * Reads the claims of a YAML or JSON text: many documents, `List` and `ClaimList` included. Documents of other
 * kinds of seaworthy.dev (Experiments) are passed over; anything else is a problem, as are unknown fields.
 */
export function readClaims(source: string, file: string): ClaimsRead {
  const { documents, problems: broken } = readYaml(source, file);
  const claims: Claim[] = [];
  const problems: DocumentProblem[] = [...broken];
  for (const document of documents) {
    const root = record(document.value);
    const items = root['kind'] === 'List' || root['kind'] === 'ClaimList' ? list(root['items']) : undefined;
    const entries = items?.map((value, index) => ({ value, base: ['items', index] })) ?? [
      { value: document.value, base: [] },
    ];
    for (const { value, base } of entries) {
      const read = readOne(value, document, base);
      if (read?.kind === 'claim') claims.push(read.claim);
      else if (read) problems.push(...read.problems);
    }
  }
  const seen = new Map<string, Claim>();
  for (const claim of claims) {
    const first = seen.get(claimId(claim));
    if (!first) seen.set(claimId(claim), claim);
    else if (claim.at) {
      problems.push({
        code: 'SW_CLAIM_DUPLICATE',
        message: `claim ${claimId(claim)} is given twice`,
        hint: `The first one stands at line ${first.at?.line ?? '?'}: rename or remove one.`,
        at: claim.at,
      });
    }
  }
  return { claims, problems: problems.sort((a, b) => (a.at.line ?? 0) - (b.at.line ?? 0)) };
}

/** The claims of a text; throws the first problem, counting the others. */
export function parseClaims(source: string, file: string): readonly Claim[] {
  const { claims, problems } = readClaims(source, file);
  const [first] = problems;
  if (!first) return claims;
  const more =
    problems.length === 1 ? '' : ` ${problems.length - 1} more: seaworthy claims lint --claims ${file} lists them all.`;
  const hint = `${first.hint ?? ''}${more}`.trim();
  throw new SeaworthyError(first.code, first.message, { at: first.at, ...(hint === '' ? {} : { hint }) });
}

/** Kinds of seaworthy.dev that may stand in a file of claims, and are somebody else's business. */
const OTHER_KINDS = ['Experiment', 'ExperimentList', 'Configuration', 'Suppression', 'Probe', 'Snapshot'];

type One =
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'problems'; readonly problems: readonly DocumentProblem[] };

/** One claim; undefined for a document that is somebody else's business. */
function readOne(value: unknown, document: YamlDocument, base: readonly PropertyKey[]): One | undefined {
  const problem = (
    code: DocumentProblem['code'],
    message: string,
    hint: string,
    path: readonly PropertyKey[] = [],
  ): One => ({
    kind: 'problems',
    problems: [{ code, message, hint, at: document.position([...base, ...path]) }],
  });
  if (!isRecord(value))
    return problem('SW_CLAIM_INVALID', 'this document is no object', 'A claim starts with apiVersion and kind.');
  const apiVersion = text(value['apiVersion']) ?? '';
  const kind = text(value['kind']) ?? '';
  if (kind !== 'Claim') {
    if (apiVersion.startsWith('seaworthy.dev/') && OTHER_KINDS.includes(kind)) return undefined;
    const meant = nearest(kind, ['Claim', ...OTHER_KINDS]);
    if (meant !== undefined)
      return problem('SW_CLAIM_INVALID', `there is no kind ${kind}`, `Did you mean ${meant}?`, ['kind']);
    const found = kind === '' ? 'this document has no kind' : `this is a ${kind}, not a Claim`;
    return problem('SW_CLAIM_INVALID', found, 'Manifests of the cluster are given with -f, claims with --claims.');
  }
  const notBuilt = Object.keys(record(value['spec'])).find((key) => Object.hasOwn(KINDS_NOT_BUILT, key));
  if (notBuilt !== undefined) {
    return problem(
      'SW_CLAIM_KIND_NOT_BUILT',
      `claims of kind ${notBuilt} can't be judged: ${KINDS_NOT_BUILT[notBuilt]} not part of this version`,
      `Kinds that can be judged: ${CLAIM_KINDS.join(', ')}.`,
      ['spec', notBuilt],
    );
  }
  const parsed = ClaimSchema.safeParse(value);
  if (!parsed.success) {
    return { kind: 'problems', problems: problemsOf(parsed.error, document, 'SW_CLAIM_INVALID', ClaimSchema, base) };
  }
  return { kind: 'claim', claim: { ...claimOf(parsed.data), at: document.position(base) } };
}

/** A validated document as a claim. */
export function claimOf(document: ClaimDocument): Claim {
  const { metadata, spec } = document;
  const kind = CLAIM_KINDS.find((name) => spec[name] !== undefined) ?? 'reach';
  const validForMs = spec.validFor === undefined ? undefined : parseDuration(spec.validFor);
  return {
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    ...(spec.statement === undefined ? {} : { statement: spec.statement }),
    severity: spec.severity,
    ...(spec.owner === undefined ? {} : { owner: spec.owner }),
    ...(validForMs === undefined ? {} : { validForMs }),
    derivedFrom: [],
    ...({ kind, spec: spec[kind] } as ClaimBody),
  };
}
