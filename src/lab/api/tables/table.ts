import type { JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { apiVersionOf, type ApiKind } from '../kinds.ts';
import { columnsOf } from './columns.ts';

/** What of each object a row carries along. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

/** Objects as the `Table` that `kubectl get` prints. `headless` leaves out the columns, as later frames of a watch do. */
export function tableOf(
  kind: ApiKind,
  objects: readonly KubernetesObject[],
  metadata: JsonRecord,
  options: { readonly include: IncludeObject; readonly now: Date; readonly headless?: boolean },
): JsonRecord {
  const columns = columnsOf(apiVersionOf(kind), kind.kind);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.headless
      ? []
      : columns.map(({ name, priority, type }) => ({
          name,
          type: type ?? 'string',
          format: name === 'Name' ? 'name' : '',
          description: name,
          priority: priority ?? 0,
        })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, options.now)),
      object: options.include === 'None' ? null : options.include === 'Object' ? object : partialObject(object),
    })),
  };
}

/** An object's metadata alone. */
export function partialObject(object: KubernetesObject): KubernetesObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
