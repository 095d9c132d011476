import { at } from '../../../model/json.ts';
import { nodeOf } from '../authz/node-identity.ts';
import { forbidden } from '../http/status.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** A node writes only itself, its own lease, and the status of its own pods. */
export const nodeRestriction: AdmissionPlugin = ({ call, kind, draft, before, operation }) => {
  const node = nodeOf(call.requester);
  if (node === undefined) return;
  const { name } = draft.metadata;
  const refuse = (why: string): never => {
    throw forbidden(kind, name, why);
  };
  switch (kind.resource) {
    case 'nodes':
      if (name !== node) refuse(`node "${node}" is not allowed to modify node "${name}"`);
      return;
    case 'leases':
      if (draft.metadata.namespace !== 'kube-node-lease') {
        refuse(`can only access leases in the "kube-node-lease" system namespace`);
      }
      if (name !== node) refuse(`can only access node lease with the same name as the requesting node`);
      return;
    case 'pods':
      if (operation === 'CREATE')
        refuse(
          `pod does not have "kubernetes.io/config.mirror" annotation, node "${node}" can only create mirror pods`,
        );
      if (at(before, 'spec', 'nodeName') !== node) {
        refuse(`node "${node}" can only update pod status for pods with spec.nodeName set to itself`);
      }
      return;
  }
};
