import type { Because } from '../../model/because.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { ClaimOf } from '../claim.ts';
import { namespaceOf, type Facts } from '../facts.ts';
import { every, holds, unknown, vacuous, violated, type Judgement } from '../judgement.ts';
import { defineClaimKind } from '../kind.ts';
import { selectNamespaces } from '../select.ts';
import { describeNamespaces, joined } from '../words.ts';
import { admits, GATE_KINDS, podObject } from './admits.ts';
import { AdmissionSchema } from '../schema/admission.ts';
import { corpusOf } from './pod-corpus.ts';

type AdmissionClaim = ClaimOf<'admission'>;

/** What the API server would let into a namespace. */
export const admission = defineClaimKind<'admission'>({
  id: 'admission',
  title: 'What gets in',
  schema: AdmissionSchema,
  reads: GATE_KINDS,
  statement,
  judge(claim, facts) {
    const { found, open } = selectNamespaces(facts, claim.spec.namespaces, claim.namespace);
    if (found.length === 0) return vacuous('a namespace the claim means', open);
    const parts = found.map((namespace) => judgeNamespace(claim, facts, namespace));
    return every([...parts, ...open.map((because) => unknown(because))]);
  },
  emptiness(claim, facts) {
    const { found } = selectNamespaces(facts, claim.spec.namespaces, claim.namespace);
    const unread = found.filter((name) => !facts.namespaces.has(name));
    if (found.length === 0) return vacuous('a namespace the claim means').because;
    return unread.map((name): Because => ({
      kind: 'absence',
      of: `Namespace ${name}`,
      says: `there is no Namespace ${name} in what was read`,
    }));
  },
});

function statement({ spec, namespace }: AdmissionClaim): string {
  const where = describeNamespaces(spec.namespaces) ?? namespace ?? 'every namespace';
  if (spec.corpus === 'existing-workloads') {
    return spec.expect === 'allowed'
      ? `Everything that runs in ${where} would be let in again today.`
      : `Nothing that runs in ${where} would be let in again today.`;
  }
  const what = spec.corpus
    ? `pod that breaks the ${spec.corpus.replace('pod-security/', '')} Pod Security level`
    : `${spec.object?.kind} as given`;
  return spec.expect === 'denied' ? `No ${what} gets into ${where}.` : `Every ${what} gets into ${where}.`;
}

interface Tried {
  /** What it stands for: the control it breaks, or the workload that makes it. */
  readonly what: string;
  readonly object: KubernetesObject;
}

function objectsOf({ spec }: AdmissionClaim, facts: Facts, namespace: string): readonly Tried[] {
  if (spec.object) {
    const object = { ...spec.object, metadata: { name: 'object', ...(spec.object['metadata'] as object | undefined) } };
    return [{ what: `the ${spec.object.kind} as given`, object: object }];
  }
  if (spec.corpus === 'existing-workloads') {
    return facts.workloads
      .filter((workload) => namespaceOf(workload) === namespace)
      .map((workload) => ({ what: `${workload.ref.kind} ${workload.ref.name}`, object: podObject(workload) }));
  }
  const level = spec.corpus === 'pod-security/restricted' ? 'restricted' : 'baseline';
  return corpusOf(level).map(({ control, pod }) => ({ what: control, object: pod }));
}

/** All objects of the claim in one namespace; those with the same outcome are named together. */
function judgeNamespace(claim: AdmissionClaim, facts: Facts, namespace: string): Judgement {
  const { spec } = claim;
  const tried = objectsOf(claim, facts, namespace).map(({ what, object }) => ({
    what,
    ...admits(facts, object, namespace),
  }));
  if (tried.length === 0) return vacuous(`a workload in ${namespace}`);
  const wanted = spec.expect === 'allowed';
  const named = (group: typeof tried, outcome: string): Because => ({
    kind: 'rule',
    source: 'Pod Security admission',
    says: `${group.length} of ${tried.length} ${outcome} in ${namespace}: ${joined([...new Set(group.map(({ what }) => what))], 8)}`,
  });
  const things = spec.object ? 'objects' : spec.corpus === 'existing-workloads' ? 'workloads' : 'bad pods';
  const wrong = tried.filter(({ allowed }) => allowed === !wanted);
  if (wrong.length > 0) {
    return violated(
      named(wrong, wanted ? `${things} would be refused` : `${things} would get in`),
      ...wrong.flatMap(({ because }) => because),
    );
  }
  const open = tried.filter(({ allowed }) => allowed === 'unknown');
  if (open.length > 0) return unknown(...open.flatMap(({ because }) => because));
  return holds(
    named(tried, wanted ? `${things} would get in` : `${things} would be refused`),
    ...tried.flatMap(({ because }) => because),
  );
}
