import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight } from '../hops/hops.ts';
import { node } from '../nodes.ts';

const SYSTEM = 'kube-system';
const NAME = 'aws-auth';

export const trustedConfig = defineEdge({
  id: 'E15',
  title: 'write the ConfigMap that says who in the cloud is whom in the cluster',
  technique: ['T1098'],
  matrix: ['TA9035'],
  cost: 1,
  from: actions(['update', 'patch'], ['configmaps']),
  *hops(right, world) {
    if (right.namespace !== undefined && right.namespace !== SYSTEM) return;
    if (right.object !== undefined && right.object !== NAME) return;
    const found = world.snapshot.get('ConfigMap', SYSTEM, NAME)?.object;
    if (!found) return;
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: SYSTEM, name: NAME };
    yield { to: node('SystemMasters'), needs: [ref], because: byTheRight };
  },
  fix: 'Keep write on ConfigMaps of kube-system to the control plane; use access entries instead of aws-auth.',
  prove: 'Ask for an access review of update on ConfigMap aws-auth.',
});
