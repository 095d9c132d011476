import type { KubernetesObject } from '../../../model/object.ts';
import type { Call, Core } from '../core.ts';
import type { ApiKind } from '../kinds.ts';
import type { Draft } from '../objects.ts';
import { defaultTolerations } from './default-tolerations.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { noEscalation } from './no-escalation.ts';
import { nodeRestriction } from './node-restriction.ts';
import { podSecurity } from './pod-security.ts';
import { priority } from './priority.ts';
import { serviceAccount } from './service-account.ts';
import { storedOnly } from './stored-only.ts';

/** One request to write an object, as the admission plugins see it. They may change `draft` when they mutate. */
export interface AdmissionRequest {
  readonly core: Core;
  readonly call: Call;
  readonly kind: ApiKind;
  readonly draft: Draft;
  readonly before?: KubernetesObject;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly subresource?: string;
}

/** Refuses by throwing, warns through the call. */
export type AdmissionPlugin = (request: AdmissionRequest) => void;

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
