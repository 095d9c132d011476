import type { KubernetesObject } from '../../../model/object.ts';

/** One column of `kubectl get`. Priority 1 is shown by `-o wide`. */
export interface Column {
  readonly name: string;
  readonly cell: (object: KubernetesObject, now: Date) => string | number;
  readonly priority?: 1;
  readonly type?: 'integer';
}
