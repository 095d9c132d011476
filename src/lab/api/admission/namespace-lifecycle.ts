import { ApiError, forbidden } from '../http/status.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Nothing is created in a namespace that is not there, or that is going. */
export const namespaceLifecycle: AdmissionPlugin = ({ core, kind, draft, operation }) => {
  const { namespace } = draft.metadata;
  if (operation !== 'CREATE' || !kind.namespaced || namespace === undefined) return;
  const found = core.store.get('namespaces', undefined, namespace);
  if (!found) {
    const details = { name: namespace, kind: 'namespaces' };
    throw new ApiError(404, 'NotFound', `namespaces "${namespace}" not found`, details);
  }
  if (found.metadata.deletionTimestamp !== undefined) {
    throw forbidden(
      kind,
      draft.metadata.name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
  }
};
