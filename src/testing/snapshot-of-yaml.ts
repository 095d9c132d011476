import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../model/object.ts';
import { createSnapshot, type Snapshot, type SnapshotContents } from '../model/snapshot.ts';

/** Kinds of the tests that belong to no namespace. */
const CLUSTER_SCOPED =
  /^(Namespace|Node|PersistentVolume|Cluster.*|.*WebhookConfiguration|ValidatingAdmissionPolicy.*)$/;

/** A snapshot of the manifests in a text, in namespace `default` where they name none. */
export function snapshotOfYaml(yaml: string, more: Partial<SnapshotContents> = {}): Snapshot {
  const resources = parseAllDocuments(yaml).flatMap((document) => {
    for (const error of document.errors) throw error;
    const object = document.toJS() as KubernetesObject | null;
    if (object === null || object === undefined) return [];
    const namespace = object.metadata.namespace ?? 'default';
    const metadata = CLUSTER_SCOPED.test(object.kind) ? object.metadata : { ...object.metadata, namespace };
    return [{ object: { ...object, metadata } }];
  });
  return createSnapshot({ source: { kind: 'files', description: 'a test' }, resources, ...more });
}
