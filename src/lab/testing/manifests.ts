import { fileURLToPath } from 'node:url';
import { readManifests } from '../../sources/manifests.ts';
import type { TestLab } from './test-lab.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));
/** Kinds that others need, first. */
const FIRST = ['Namespace', 'ServiceAccount', 'ConfigMap', 'Secret', 'PersistentVolumeClaim'];

/** Applies all manifests of a folder below `examples/`. */
export async function deployExample(lab: TestLab, folder: string): Promise<void> {
  const snapshot = await readManifests([`${EXAMPLES}${folder}`]);
  const kinds = [...snapshot.kinds()].sort((a, b) => rank(a) - rank(b));
  for (const { object } of kinds.flatMap((kind) => snapshot.list(kind))) {
    const outcome = await lab.client.apply(object);
    if (outcome.kind !== 'ok') throw new Error(`${object.kind} ${object.metadata.name}: ${JSON.stringify(outcome)}`);
  }
}

function rank(kind: string): number {
  const found = FIRST.indexOf(kind.split('.')[0] ?? '');
  return found < 0 ? FIRST.length : found;
}
