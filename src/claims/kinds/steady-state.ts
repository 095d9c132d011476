import type { Because } from '../../model/because.ts';
import { formatDuration, parseDuration } from '../../model/duration.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import type { ClaimOf } from '../claim.ts';
import type { Facts } from '../facts.ts';
import { unknown, type Judgement } from '../judgement.ts';
import { defineClaimKind } from '../kind.ts';
import { selectWorkloads } from '../select.ts';
import { describePods } from '../words.ts';
import { judgeDisruption } from './disruption.ts';
import { judgeEndpoints } from './endpoints.ts';
import { SteadyStateSchema } from '../schema/steady-state.ts';

type SteadyStateClaim = ClaimOf<'steadyState'>;

/** The service works: an answer that must be seen, or a precondition of it that can be read from the configuration. */
export const steadyState = defineClaimKind<'steadyState'>({
  id: 'steadyState',
  title: 'The service works',
  schema: SteadyStateSchema,
  reads: [...WORKLOAD_KINDS, 'Service', 'PodDisruptionBudget.policy'],
  statement,
  judge,
  emptiness({ spec: { probe }, namespace }, facts) {
    const from = probe.http?.from ?? probe.connect?.from ?? probe.dns?.from;
    if (!from || selectWorkloads(facts, from, namespace).found.length > 0) return [];
    return [
      {
        kind: 'absence',
        of: 'source of the probe',
        says: `nothing here is ${describePods(from, namespace)}, so nobody can ask`,
      },
    ];
  },
});

function statement({ spec: { probe, tolerance }, namespace }: SteadyStateClaim): string {
  const here = namespace === undefined ? '' : `${namespace}/`;
  if (probe.endpoints) {
    const { service, atLeast } = probe.endpoints;
    return `Service ${here}${service} has ${atLeast === 1 ? 'a ready endpoint' : `${atLeast} ready endpoints`} behind every port.`;
  }
  if (probe.disruption) {
    const { budget, evictable } = probe.disruption;
    return `${evictable === 1 ? 'A pod' : `${evictable} pods`} under disruption budget ${here}${budget} can be evicted when a node is drained.`;
  }
  const within =
    tolerance?.within === undefined ? '' : ` within ${formatDuration(parseDuration(tolerance.within) ?? 0)}`;
  const share =
    tolerance && tolerance.successRatio < 1 ? `, ${Math.round(tolerance.successRatio * 1000) / 10}% of the time` : '';
  if (probe.http) return `${probe.http.url} answers${within}${share}.`;
  if (probe.connect)
    return `${probe.connect.host} takes ${probe.connect.protocol} connections on ${probe.connect.port}${within}${share}.`;
  return `The name ${probe.dns?.name ?? ''} resolves${within}${share}.`;
}

function judge(claim: SteadyStateClaim, facts: Facts): Judgement {
  const { probe } = claim.spec;
  if (probe.endpoints) return judgeEndpoints(facts, claim.namespace ?? 'default', probe.endpoints);
  if (probe.disruption) return judgeDisruption(facts, claim.namespace ?? 'default', probe.disruption);
  return unknown(mustBeSeen());
}

/** No configuration shows that a program answers. */
function mustBeSeen(): Because {
  return {
    kind: 'parameter',
    parameter: 'liveObservation',
    says: 'whether this works can only be seen on a running cluster: verify --level observed looks',
  };
}
