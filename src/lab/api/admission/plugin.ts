import type { KubernetesObject } from '../../../model/object.ts';
import type { Call, Core } from '../core.ts';
import type { ApiKind } from '../kinds.ts';
import type { Draft } from '../objects.ts';

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
