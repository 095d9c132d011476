import { at, record } from '../../model/json.ts';
import { isReady } from '../../model/pods.ts';
import { timestamp } from '../api/core.ts';
import { each, KIND, type Controller } from './controller.ts';
import { amountOf, isActive, selects, writeStatus } from './pods.ts';

/** An eviction that was allowed counts until its pod is seen going, but no longer than this. */
const DISRUPTED_MS = 120_000;

/** How many pods of each budget may go now. */
export const disruption: Controller = {
  name: 'disruption-controller',
  watches: [KIND.budget, KIND.pod],
  reconcile(turn) {
    const { client } = turn;
    each(client.list(KIND.budget), turn, (budget) => {
      const pods = client
        .list(KIND.pod, budget.metadata.namespace)
        .filter((pod) => isActive(pod) && selects(at(budget, 'spec', 'selector'), pod));
      const before = record(at(budget, 'status', 'disruptedPods'));
      const disrupted = Object.entries(before).filter(
        ([name, since]) =>
          pods.some((pod) => pod.metadata.name === name) &&
          turn.now.getTime() - Date.parse(String(since)) < DISRUPTED_MS,
      );
      const gone = Object.keys(before).filter((name) => !disrupted.some(([kept]) => kept === name));
      const healthy = pods.filter(
        (pod) => isReady(pod) && !disrupted.some(([name]) => name === pod.metadata.name),
      ).length;
      const { minAvailable, maxUnavailable } = record(budget['spec']);
      const expected = pods.length;
      const desired =
        maxUnavailable !== undefined
          ? Math.max(0, expected - amountOf(maxUnavailable, expected, 'up'))
          : amountOf(minAvailable ?? 1, expected, 'up');
      const allowed = expected === 0 ? 0 : Math.max(0, healthy - desired);
      const known = (at(budget, 'status', 'conditions') ?? []) as readonly unknown[];
      const status = allowed > 0 ? 'True' : 'False';
      const reason = allowed > 0 ? 'SufficientPods' : 'InsufficientPods';
      const same = at(known[0], 'status') === status;
      writeStatus(client, budget, {
        observedGeneration: budget.metadata['generation'],
        disruptionsAllowed: allowed,
        currentHealthy: healthy,
        desiredHealthy: desired,
        expectedPods: expected,
        disruptedPods: gone.length > 0 ? Object.fromEntries(gone.map((name) => [name, null])) : undefined,
        conditions: same
          ? known
          : [
              {
                type: 'DisruptionAllowed',
                status,
                reason,
                message: '',
                lastTransitionTime: timestamp(turn.now),
                observedGeneration: budget.metadata['generation'],
              },
            ],
      });
    });
  },
};
