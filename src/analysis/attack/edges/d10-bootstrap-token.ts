import { actions } from '../actions.ts';
import { defineEdge, type Hop } from '../define-edge.ts';
import { all } from '../groups.ts';
import { identityOfGroup } from '../principals.ts';
import type { World } from '../world.ts';

const SYSTEM = 'kube-system';
/** Every bootstrap token's group; more may be written into the token's Secret when they begin like this. */
const GROUP = 'system:bootstrappers';
const REQUEST = 'system:node-bootstrapper';
const APPROVED = 'system:certificates.k8s.io:certificatesigningrequests:nodeclient';
const BINDING = 'ClusterRoleBinding.rbac.authorization.k8s.io';

export const bootstrapToken = defineEdge({
  id: 'D10',
  title: 'join as a node with a bootstrap token',
  technique: ['T1078'],
  cost: 2,
  from: ['Secret', ...actions(['create'], ['secrets'])],
  *hops(from, world) {
    const held = from.kind === 'Secret';
    if (held ? !isBootstrapToken(from, world) : from.namespace !== undefined && from.namespace !== SYSTEM) return;
    yield* joining(world);
  },
  fix: 'Remove create on Secrets of kube-system; delete the bindings that approve new nodes when none are to join.',
  prove: 'Ask for access reviews; read the names of the groups that the approving bindings are for.',
});

function isBootstrapToken({ namespace, name }: { namespace?: string; name?: string }, world: World): boolean {
  const type = world.snapshot.get('Secret', SYSTEM, name ?? '')?.object['type'];
  return namespace === SYSTEM && type === 'bootstrap.kubernetes.io/token';
}

/** A node may join where bindings let the group of a bootstrap token ask for a certificate, and approve it. */
function* joining(world: World): Generator<Hop> {
  const bindings = world.snapshot.list(BINDING).map(({ object }) => object);
  const of = (role: string) =>
    bindings.filter(
      (binding) =>
        world.roleOfBinding(binding) === role && world.groupsOfBinding(binding).some((group) => group.startsWith(GROUP)),
    );
  for (const asks of of(REQUEST)) {
    for (const approves of of(APPROVED)) {
      yield {
        to: all('NodeIdentity'),
        needs: [asks, approves].map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, name: metadata.name })),
        because: () => [
          {
            kind: 'field',
            object: { apiVersion: approves.apiVersion, kind: approves.kind, name: approves.metadata.name },
            path: 'roleRef',
            says: `who has a bootstrap token has a certificate of any node approved by itself`,
          },
        ],
      };
    }
  }
}

void identityOfGroup;
