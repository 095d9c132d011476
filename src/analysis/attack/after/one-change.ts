import type { KubernetesObject } from '../../../model/object.ts';

/** One object that is new, gone (no `after`), or another than before. */
export interface OneChange {
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}
