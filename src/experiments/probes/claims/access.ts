import { requesterOfSubject } from '../../../analysis/access/index.ts';
import type { Requester } from '../../../analysis/access/types.ts';
import type { ClaimOf } from '../../../claims/claim.ts';
import { resourceOf } from '../../../claims/kinds/api-resources.ts';
import { selectNamespaces } from '../../../claims/select.ts';
import { becauseOf } from '../define-probe.ts';
import { mapLimited } from '../limited.ts';
import { mayI } from '../may-i.ts';
import { observed, sampleOf, type ClaimProbe, type ClaimWorld } from './claim-probe.ts';

const AT_A_TIME = 8;

/** Asks the API server itself, which knows authorizers that no configuration read shows. */
export function accessProbe(claim: ClaimOf<'access'>, world: ClaimWorld): ClaimProbe {
  const { spec } = claim;
  const namespaces =
    spec.namespaces === undefined ? [''] : selectNamespaces(world.facts, spec.namespaces, claim.namespace).found;
  const subjects = spec.subjects.map((subject): Requester =>
    requesterOfSubject(
      subject.kind === 'ServiceAccount'
        ? { kind: subject.kind, name: subject.name, namespace: subject.namespace ?? claim.namespace ?? 'default' }
        : { kind: subject.kind, name: subject.name },
    ),
  );
  const expect: 'denied' | 'allowed' = spec.expect === 'denied' ? 'denied' : 'allowed';
  const questions = subjects.flatMap((as) =>
    namespaces.flatMap((namespace) =>
      spec.resources.flatMap((resource) =>
        spec.verbs.flatMap((verb) =>
          (spec.names ?? ['']).map((name) => ({
            as: { user: as.user, groups: [...as.groups] },
            verb,
            ...resourceOf(resource),
            name,
            namespace,
            expect,
          })),
        ),
      ),
    ),
  );
  const others = 'that nobody else may is not asked: an access review answers for one subject';
  return {
    claim,
    uses: ['may-i'],
    tellsArmsApart: false,
    plan: [`${questions.length} access reviews`, ...(spec.expect === 'only' ? [others] : [])],
    async sample() {
      const now = world.clock.now().toISOString();
      const seen = await mapLimited(questions, AT_A_TIME, (question) => mayI.run(question, world));
      return sampleOf(now, [
        ...seen.map((observation) => ({
          verdict:
            observation.ok === 'unknown'
              ? ('unknown' as const)
              : observation.ok
                ? ('holds' as const)
                : ('violated' as const),
          because: [becauseOf(observation)],
        })),
        ...(spec.expect === 'only' ? [{ verdict: 'unknown' as const, because: [observed(now, others)] }] : []),
      ]);
    },
  };
}
