/**
 * Writes src/analysis/access/defaults/objects.json from the test data of a Kubernetes release:
 *
 *     node scripts/update-default-roles.ts v1.36.3 DIR    # DIR: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata
 *
 * DIR comes with the Go module k8s.io/kubernetes of that version (Apache-2.0).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { list, record } from '../src/model/json.ts';

const FILES = [
  'cluster-roles.yaml',
  'controller-roles.yaml',
  'namespace-roles.yaml',
  'cluster-role-bindings.yaml',
  'controller-role-bindings.yaml',
  'namespace-role-bindings.yaml',
] as const;

const [version, directory] = process.argv.slice(2);
if (version === undefined || directory === undefined) throw new Error('usage: update-default-roles.ts VERSION DIR');

const objects = FILES.flatMap((file) =>
  parseAllDocuments(readFileSync(join(directory, file), 'utf8')).flatMap((document) =>
    list(record(document.toJS())['items']),
  ),
);
const lines = objects.map((object) => JSON.stringify(withoutNothing(record(object))));
const target = join(import.meta.dirname, '..', 'src', 'analysis', 'access', 'defaults', 'objects.json');
writeFileSync(
  target,
  `{\n"source": "kubernetes ${version}, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata",\n` +
    `"licence": "Apache-2.0, Copyright The Kubernetes Authors",\n"objects": [\n${lines.join(',\n')}\n]\n}\n`,
);
process.stdout.write(`${objects.length} objects\n`);

/** The object without nulls and without the annotation that only steers the API server's own reconciliation. */
function withoutNothing(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { creationTimestamp: _, annotations: __, ...metadata } = record(object['metadata']);
  const kept = Object.entries(object).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(kept), metadata };
}
