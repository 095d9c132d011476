import { CHECK_IDS } from '../../analysis/posture/run-checks.ts';
import type { CheckResult } from '../../analysis/posture/types.ts';
import type { Because } from '../../model/because.ts';
import { formatRef, kindKey, refId } from '../../model/object.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import { nearest } from '../../model/suggest.ts';
import type { ClaimOf } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { every, holds, unknown, vacuous, violated, type Judgement } from '../judgement.ts';
import { defineClaimKind } from '../kind.ts';
import { selectNamespaces, selectWorkloads } from '../select.ts';
import { describePods, joined } from '../words.ts';
import { PostureSchema } from '../schema/posture.ts';

type PostureClaim = ClaimOf<'posture'>;

/** A posture check passes on everything it applies to here. */
export const posture = defineClaimKind<'posture'>({
  id: 'posture',
  title: 'Checks that hold here',
  schema: PostureSchema,
  reads: WORKLOAD_KINDS,
  statement: ({ spec, namespace }) => {
    const where = spec.objects
      ? describePods(spec.objects, undefined)
      : namespace === undefined
        ? 'the whole cluster'
        : `everything in ${namespace}`;
    return `${joined(spec.checks)} ${spec.checks.length === 1 ? 'passes' : 'pass'} for ${where}.`;
  },
  judge,
  emptiness(claim, facts) {
    const results = resultsOf(claim, facts).results;
    return [...unknownChecks(claim), ...(results.length === 0 ? vacuous(whatIsMeant(claim)).because : [])];
  },
});

function judge(claim: PostureClaim, facts: Facts): Judgement {
  const misnamed = unknownChecks(claim);
  if (misnamed.length > 0) return unknown(...misnamed);
  const { results, open } = resultsOf(claim, facts);
  if (!results.some(({ verdict }) => verdict === 'pass' || verdict === 'fail')) {
    return vacuous(whatIsMeant(claim), [...results.flatMap(({ because }) => because), ...open]);
  }
  return every([...results.map(judgementOf), ...open.map((because) => unknown(because))]);
}

function judgementOf(result: CheckResult): Judgement {
  const named = result.because.map((because) => ({ ...because, says: `${formatRef(result.object)}: ${because.says}` }));
  switch (result.verdict) {
    case 'pass':
      return holds({
        kind: 'rule',
        source: `check ${result.check}`,
        says: `${formatRef(result.object)}: ${result.message}`,
      });
    case 'fail':
      return violated(...named);
    case 'unknown':
      return unknown(...named);
    case 'notApplicable':
      return holds();
  }
}

/** Results of the checks named, on the objects meant. A gap row (name `*`) counts where it can hide one. */
function resultsOf(
  claim: PostureClaim,
  facts: Facts,
): { readonly results: readonly CheckResult[]; readonly open: readonly Because[] } {
  const { spec, namespace: home } = claim;
  const ofChecks = facts.runChecks(spec.checks.filter((id) => CHECK_IDS.includes(id))).results;
  const byPods = spec.objects?.pods !== undefined || spec.objects?.workloads !== undefined;
  const where =
    spec.objects?.namespaces === undefined && home === undefined
      ? undefined
      : selectNamespaces(facts, spec.objects?.namespaces, home);
  const pods = byPods && spec.objects ? selectWorkloads(facts, spec.objects, home) : undefined;
  const chosen = pods && new Set(pods.found.map(({ ref }) => refId(ref)));
  const results = ofChecks.filter(({ object }) => {
    const here = object.kind === 'Namespace' ? object.name : object.namespace;
    const inside = where === undefined || (here === undefined ? object.name === '*' : where.found.includes(here));
    return inside && (chosen === undefined || object.name === '*' || chosen.has(refId(object)) || !isWorkload(object));
  });
  return {
    results: chosen ? results.filter(({ object }) => object.name === '*' || isWorkload(object)) : results,
    open: [...(where?.open ?? []), ...(pods?.open ?? [])],
  };
}

function isWorkload({ apiVersion, kind }: CheckResult['object']): boolean {
  return WORKLOAD_KINDS.includes(kindKey(apiVersion, kind));
}

function whatIsMeant({ spec, namespace }: PostureClaim): string {
  const where = spec.objects
    ? describePods(spec.objects, undefined)
    : namespace === undefined
      ? 'the cluster'
      : namespace;
  return `in ${where} and examined by ${joined(spec.checks)}`;
}

function unknownChecks({ spec }: PostureClaim): readonly Because[] {
  return spec.checks
    .filter((id) => !CHECK_IDS.includes(id))
    .map((id): Because => {
      const meant = nearest(id, CHECK_IDS);
      return {
        kind: 'absence',
        of: `check ${id}`,
        says: `there is no check ${id}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      };
    });
}
