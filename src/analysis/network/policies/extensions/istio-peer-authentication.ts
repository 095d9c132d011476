import { at, record, text } from '../../../../model/json.ts';
import { refOf } from '../../../../model/object.ts';
import type { Resource, Snapshot } from '../../../../model/snapshot.ts';
import { MESH_KEY } from '../../inhabitants/mesh.ts';
import { portRange } from '../../ports/ports.ts';
import { EVERY_NAMESPACE, policyReader, STAGES, type Path, type PeerTerm, type PolicyRule } from '../policy.ts';
import type { ReadPolicy } from '../read-network-policy.ts';
import { ROOT_NAMESPACE } from './istio.ts';

/** Before every rule of an AuthorizationPolicy. */
const FIRST = -1;
const PATH: Path = ['spec', 'mtls'];
const IN_MESH: PeerTerm = {
  kind: 'pods',
  namespaces: EVERY_NAMESPACE,
  pods: [],
  podsGiven: true,
  withoutHosts: true,
  inMesh: true,
};

/**
 * PeerAuthentication (security.istio.io). With mutual TLS asked for, a proxy refuses who has no certificate of the mesh. A
 * policy of a pod takes the place of its namespace's and that of the root namespace's, port by port, so that rule is left
 * open. Source: istio.io, reference of PeerAuthentication.
 */
export function readPeerAuthentication(snapshot: Snapshot, resource: Resource): readonly ReadPolicy[] {
  const { object } = resource;
  const modes = [at(object, 'spec', 'mtls'), ...Object.values(record(at(object, 'spec', 'portLevelMtls')))];
  if (!modes.some((one) => text(record(one)['mode']) === 'STRICT')) return [];
  const reader = policyReader(snapshot, resource);
  const labels = record(at(object, 'spec', 'selector', 'matchLabels'));
  const selected = reader.selector({ matchLabels: labels }, ['spec', 'selector']);
  const namespace = object.metadata.namespace ?? 'default';
  const refused: PolicyRule = {
    action: 'deny',
    index: 0,
    path: PATH,
    peers: [{ term: { kind: 'not', term: IN_MESH }, path: PATH }],
    ports: [{ kind: 'numbers', ports: portRange('TCP'), path: PATH }],
    order: FIRST,
    conditional: 'the modes of mutual TLS of other PeerAuthentications',
  };
  return [
    {
      policy: {
        ref: refOf(object),
        resource,
        tier: 'extension',
        stage: STAGES.mesh,
        priority: 0,
        order: FIRST,
        subject: {
          namespaces: namespace === ROOT_NAMESPACE ? EVERY_NAMESPACE : { kind: 'name', name: namespace },
          pods: [...selected, { operator: 'In', key: MESH_KEY, values: ['in', 'unknown'] }],
          path: ['spec', 'selector'],
        },
        isolates: { ingress: false, egress: false },
        rules: { ingress: [refused], egress: [] },
        invalid: reader.broken(),
      },
      problems: reader.problems,
    },
  ];
}
