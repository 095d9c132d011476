import { refOf } from '../../../../model/object.ts';
import type { Resource, Snapshot } from '../../../../model/snapshot.ts';
import { EVERY_NAMESPACE, policyReader, type NamespaceScope } from '../policy.ts';
import type { ReadPolicy } from '../read-network-policy.ts';

/**
 * A policy of a kind that is not evaluated. It may allow or deny anything to any pod of its namespace, of the whole
 * cluster where it has none, ahead of every other policy.
 */
export function readUnevaluated(snapshot: Snapshot, resource: Resource): readonly ReadPolicy[] {
  const reader = policyReader(snapshot, resource);
  const { apiVersion, kind, metadata } = resource.object;
  reader.error(
    'SW_POLICY_NOT_EVALUATED',
    ['spec'],
    `policies of the kind ${kind} of ${apiVersion} are not evaluated`,
    'What it may bear on is unknown; reach probe shows what holds in the cluster.',
  );
  const namespaces: NamespaceScope =
    metadata.namespace === undefined || kind.startsWith('Cluster')
      ? EVERY_NAMESPACE
      : { kind: 'name', name: metadata.namespace };
  return [
    {
      policy: {
        ref: refOf(resource.object),
        resource,
        tier: 'extension',
        stage: { layer: 'network', order: -1, name: 'unevaluated' },
        priority: 0,
        subject: { namespaces, pods: [], path: ['spec'] },
        isolates: { ingress: false, egress: false },
        rules: { ingress: [], egress: [] },
        invalid: true,
        unevaluated: true,
      },
      problems: reader.problems,
    },
  ];
}
