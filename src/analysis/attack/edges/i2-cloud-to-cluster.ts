import { at, records, strings, text } from '../../../model/json.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { API_REACH, node, type AttackNode } from '../nodes.ts';
import { identityOfGroup } from '../hops/principals.ts';
import type { World } from '../world/world.ts';
import { yamlIn } from '../facts/written-yaml.ts';

const REF = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'aws-auth' } as const;

export const cloudToCluster = defineEdge({
  id: 'I2',
  title: 'who in the cloud is whom in the cluster: aws-auth',
  technique: ['T1078.004'],
  cost: 1,
  from: ['CloudPrincipal'],
  *hops(from, world) {
    for (const { principal, list, index, identities } of mappings(world)) {
      if (principal !== from.name) continue;
      for (const to of identities) {
        const hop: Hop = {
          to,
          and: [API_REACH],
          needs: [REF],
          because: () => [
            {
              kind: 'field',
              object: REF,
              path: `data.${list}`,
              says: `entry ${index} of ${list} makes ${principal} ${to.name ?? to.kind}`,
            },
          ],
        };
        yield hop;
      }
    }
  },
  fix: 'Take the entry out of aws-auth, or map it to a group with few rights.',
  prove: 'Read the ConfigMap; nothing is assumed.',
});

/** Entries of aws-auth. Names with a placeholder are made of the session, which an intruder does not choose. */
function mappings(world: World) {
  const data = world.snapshot.get('ConfigMap', REF.namespace, REF.name)?.object['data'];
  return (['mapRoles', 'mapUsers'] as const).flatMap((list) =>
    records(yamlIn(text(at(data, list)) ?? '')).map(([index, entry]) => {
      const name = text(entry['username']) ?? '';
      const groups = strings(entry['groups']).map((group): AttackNode =>
        group === 'system:masters' ? node('SystemMasters') : identityOfGroup(group),
      );
      return {
        principal: text(entry[list === 'mapRoles' ? 'rolearn' : 'userarn']),
        list,
        index,
        identities: name === '' || name.includes('{{') ? groups : [node('Identity', name), ...groups],
      };
    }),
  );
}
