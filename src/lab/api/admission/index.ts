import { defaultTolerations } from './default-tolerations.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { noEscalation } from './no-escalation.ts';
import { nodeRestriction } from './node-restriction.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { podSecurity } from './pod-security.ts';
import { priority } from './priority.ts';
import { serviceAccount } from './service-account.ts';
import { storedOnly } from './stored-only.ts';

/** In upstream's order. Webhooks, admission policies, quotas and limit ranges are stored and not obeyed. */
const MUTATING: readonly AdmissionPlugin[] = [namespaceLifecycle, serviceAccount, priority, defaultTolerations];
const VALIDATING: readonly AdmissionPlugin[] = [nodeRestriction, noEscalation, podSecurity, storedOnly];

/** Before validation: plugins that complete the object. */
export function admit(request: AdmissionRequest): void {
  for (const plugin of MUTATING) plugin(request);
}

/** After validation: plugins that only look. */
export function admitted(request: AdmissionRequest): void {
  for (const plugin of VALIDATING) plugin(request);
}
