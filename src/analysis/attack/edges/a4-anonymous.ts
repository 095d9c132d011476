import { defineEdge } from '../define-edge.ts';
import { node } from '../nodes.ts';

export const anonymous = defineEdge({
  id: 'A4',
  title: 'anonymous requests are somebody',
  technique: ['T1078'],
  cost: 1,
  from: ['Reach'],
  *hops(from, world) {
    if (from.namespace !== 'default' || from.name !== 'kubernetes:443') return;
    for (const name of ['system:anonymous', 'group:system:unauthenticated']) {
      const principal = node('Identity', name);
      const rules = world.rulesOf(principal);
      if (rules.length === 0) continue;
      yield {
        to: principal,
        needs: [],
        because: [
          {
            kind: 'rule',
            source: 'authentication',
            says: 'a request without credentials is system:anonymous in system:unauthenticated',
          },
        ],
      };
    }
  },
  fix: 'Remove the bindings of system:anonymous and system:unauthenticated beyond system:public-info-viewer.',
  prove: 'Ask for an access review as system:anonymous.',
});
