import { defineEdge } from '../define-edge.ts';
import { PRINCIPALS } from '../hops.ts';
import { node } from '../nodes.ts';

export const readSecrets = defineEdge({
  id: 'D4',
  title: 'read Secrets through the API',
  technique: ['T1552.007'],
  matrix: ['TA9025'],
  cost: 1,
  from: PRINCIPALS,
  *hops(from, world) {
    for (const verb of ['get', 'list', 'watch']) {
      for (const permission of world.may(from, verb, 'secrets')) {
        for (const secret of world.secretsIn(permission.namespace)) {
          if (permission.names.length > 0 && !permission.names.includes(secret.name)) continue;
          yield {
            to: node('Secret', secret.name, secret.namespace),
            needs: permission.needs,
            because: permission.because,
          };
        }
      }
    }
  },
  fix: 'Narrow the rule to the Secrets that are needed by resourceNames, or remove it.',
  prove: 'Ask for an access review of that verb on that Secret.',
});
