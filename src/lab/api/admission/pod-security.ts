import { decideAdmission } from '../../../analysis/admission/pod-security/decide.ts';
import { at } from '../../../model/json.ts';
import { podTemplateOf } from '../../../model/pods.ts';
import { forbidden } from '../http/status.ts';
import { sameJson } from '../objects.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Pod Security by the labels of the namespace, judged by the same code that judges snapshots. */
export const podSecurity: AdmissionPlugin = ({ core, call, draft, before, subresource }) => {
  if (
    !podTemplateOf(draft) ||
    (subresource !== undefined && subresource !== '' && subresource !== 'ephemeralcontainers')
  ) {
    return;
  }
  if (before && sameJson(at(before, 'spec'), at(draft, 'spec'))) return;
  const namespace = core.store.get('namespaces', undefined, draft.metadata.namespace ?? '');
  const decision = decideAdmission(draft, namespace?.metadata.labels ?? {});
  if (decision.decision === 'denied') {
    const kind = { group: '', resource: 'pods', kind: 'Pod' };
    throw forbidden(kind, draft.metadata.name, decision.message ?? 'violates PodSecurity');
  }
  call.warnings.push(...decision.warnings);
};
