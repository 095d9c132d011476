import { at, text } from '../../../model/json.ts';
import { withheld } from '../../../model/snapshot.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { tokenOf } from '../hops/hops.ts';

export const tokenSecrets = defineEdge({
  id: 'D3',
  title: 'a Secret that holds a token',
  technique: ['T1552.007', 'T1528'],
  matrix: ['TA9025'],
  cost: 1,
  from: ['Secret'],
  *hops(from, world) {
    const found = world.snapshot.get('Secret', from.namespace, from.name ?? '')?.object;
    const unread = found?.['type'] === undefined && withheld(world.snapshot, 'Secret', 'type').length > 0;
    if (!unread && found?.['type'] !== 'kubernetes.io/service-account-token') return;
    const account = text(at(found, 'metadata', 'annotations', 'kubernetes.io/service-account.name'));
    if (!found || account === undefined || from.namespace === undefined) return;
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: from.namespace, name: found.metadata.name };
    yield {
      to: tokenOf({ namespace: from.namespace, name: account }),
      needs: [ref],
      because: () => [
        {
          kind: 'field',
          object: ref,
          path: unread ? 'metadata.annotations' : 'type',
          says: `Secret ${from.namespace}/${found.metadata.name} holds a lasting token of ${account}`,
        },
      ],
      ...(unread ? { open: 'the annotation of a token is there; the type of the Secret was not read' } : {}),
    };
  },
  fix: 'Delete long-lived token Secrets; use TokenRequest.',
  prove: 'Read the type of the Secret (metadata and type, not its data).',
});
