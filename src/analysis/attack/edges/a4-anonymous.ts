import { defineEdge } from '../hops/define-edge.ts';
import { rule } from '../hops/hops.ts';
import { node } from '../nodes.ts';
import { identityOfGroup, UNAUTHENTICATED } from '../hops/principals.ts';

export const anonymous = defineEdge({
  id: 'A4',
  title: 'anonymous requests are somebody',
  technique: ['T1078'],
  cost: 1,
  from: ['Reach'],
  *hops(from, world) {
    if (from.namespace !== 'default' || from.name !== 'kubernetes:443' || world.apiServer().refusesAnonymous) return;
    const because = rule(
      'authentication',
      'a request without credentials is system:anonymous in system:unauthenticated',
    );
    for (const principal of [node('Identity', 'system:anonymous'), identityOfGroup(UNAUTHENTICATED)])
      if (world.roles.of(principal).length > 0) yield { to: principal, because };
  },
  fix: 'Remove the bindings of system:anonymous and system:unauthenticated beyond system:public-info-viewer.',
  prove: 'Ask for an access review as system:anonymous.',
});
