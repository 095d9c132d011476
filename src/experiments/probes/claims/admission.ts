import type { ClaimOf } from '../../../claims/claim.ts';
import { corpusOf } from '../../../claims/kinds/pod-corpus.ts';
import { selectNamespaces } from '../../../claims/select.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { becauseOf } from '../define-probe.ts';
import { dryRunCreate } from '../dry-run-create.ts';
import { mapLimited } from '../limited.ts';
import { sampleOf, type ClaimProbe, type ClaimWorld } from './claim-probe.ts';

const AT_A_TIME = 4;

/** Sends the objects of the claim to the live API server as a dry run: its own admission answers. */
export function admissionProbe(claim: ClaimOf<'admission'>, world: ClaimWorld): ClaimProbe | undefined {
  const { spec } = claim;
  const objects = objectsOf(spec);
  if (objects === undefined) return undefined;
  const namespaces = selectNamespaces(world.facts, spec.namespaces, claim.namespace).found;
  const tries = namespaces.flatMap((namespace) =>
    objects.map((object) => ({ object, namespace, expect: spec.expect })),
  );
  return {
    claim,
    uses: ['dry-run-create'],
    tellsArmsApart: false,
    plan: [`${tries.length} dry-run creations in ${namespaces.join(', ')}`],
    async sample() {
      const now = world.clock.now().toISOString();
      const seen = await mapLimited(tries, AT_A_TIME, (one) => dryRunCreate.run(one, world));
      // What this version takes for no valid object at all never gets in. It says so only beside others that were
      // judged: a server that calls every object invalid has told us nothing of its admission.
      const judged = seen.some(({ ok }) => ok !== 'unknown');
      return sampleOf(
        now,
        seen.map((observation) => ({
          verdict:
            observation.outcome === 'invalid' && spec.expect === 'denied' && judged
              ? 'holds'
              : observation.ok === 'unknown'
                ? 'unknown'
                : observation.ok
                  ? 'holds'
                  : 'violated',
          because: [becauseOf(observation)],
        })),
      );
    },
  };
}

function objectsOf(spec: ClaimOf<'admission'>['spec']): readonly KubernetesObject[] | undefined {
  if (spec.object) {
    const metadata = { name: 'seaworthy-dry-run', ...(spec.object['metadata'] as object | undefined) };
    return [{ ...spec.object, metadata }];
  }
  if (spec.corpus === 'pod-security/baseline') return corpusOf('baseline').map(({ pod }) => pod);
  if (spec.corpus === 'pod-security/restricted') return corpusOf('restricted').map(({ pod }) => pod);
  return undefined;
}
