import { refId } from '../../model/object.ts';
import { publishedWays } from '../kinds/attack-path.ts';
import { derived, type Derivation } from './derivation.ts';

/** Nobody publishes a service in order to hand out the cluster. */
export const attackPaths: Derivation = {
  id: 'attack-paths',
  from: 'Service',
  title: 'What the internet reaches does not lead to cluster-admin',
  derive: (facts) => {
    const ways = publishedWays(facts);
    if (ways.length === 0) return [];
    const from = [...new Map(ways.map(({ by }) => [refId(by), by])).values()];
    const head = {
      name: 'exposed-workloads-do-not-lead-to-cluster-admin',
      statement: 'No workload that the internet reaches leads to cluster-admin.',
      severity: 'critical' as const,
      from,
      rationale:
        'What the internet reaches is taken over sooner or later: then its token, its mounts and its neighbours decide how far that goes.',
    };
    const spec = { from: { exposedTo: 'internet' as const }, to: 'ClusterAdmin', expect: 'none' as const };
    return [derived(head, { kind: 'attackPath', spec })];
  },
};
