import { refOf } from '../../../model/object.ts';
import { may } from '../hops/actions.ts';
import { SIGNING_REQUESTS } from '../hops/client-certificates.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { all } from '../hops/groups.ts';
import { byTheRight, rule } from '../hops/hops.ts';
import { identityOfGroup } from '../hops/principals.ts';

const APPROVED = `create ${SIGNING_REQUESTS}/nodeclient` as const;
/** Every bootstrap token is in this group, and in those written into its Secret, which begin like it. */
const GROUP = 'system:bootstrappers';

export const bootstrapToken = defineEdge({
  id: 'D10',
  title: 'join as a node with a bootstrap token',
  technique: ['T1078'],
  cost: 2,
  from: ['Secret', 'create secrets', APPROVED],
  asks: [`create ${SIGNING_REQUESTS}`],
  *hops(from, world) {
    if (from.name === APPROVED) {
      // The approver asks whether the requester may create certificatesigningrequests/nodeclient.
      yield { to: all('NodeIdentity'), and: [may(`create ${SIGNING_REQUESTS}`)], because: byTheRight };
      return;
    }
    if (from.namespace !== undefined && from.namespace !== 'kube-system') return;
    const existing = from.kind === 'Secret' ? world.snapshot.get('Secret', 'kube-system', from.name ?? '') : undefined;
    if (from.kind === 'Secret' && existing?.object['type'] !== 'bootstrap.kubernetes.io/token') return;
    for (const subject of world.grants.subjects) {
      if (subject.kind !== 'Group' || !`${subject.name}:`.startsWith(`${GROUP}:`)) continue;
      yield {
        to: identityOfGroup(subject.name),
        ...(existing ? { needs: [refOf(existing.object)] } : {}),
        because: rule('bootstrap tokens', `the holder of a token in a Secret of kube-system is in ${subject.name}`),
        ...(existing && subject.name !== GROUP
          ? { open: 'the groups of the token are in the data of the Secret, which is not read' }
          : {}),
      };
    }
  },
  fix: 'Remove create on Secrets of kube-system; delete the bindings that approve new nodes when none are to join.',
  prove: 'Ask for access reviews; read which groups the bindings to nodeclient are for.',
});
