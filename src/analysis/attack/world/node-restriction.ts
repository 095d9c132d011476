import { at, records, strings } from '../../../model/json.ts';
import type { Snapshot } from '../../../model/snapshot.ts';

/**
 * Whether the admission plugin NodeRestriction is asked about what nodes write. Taken to be so, as kubeadm and the managed
 * clusters have it, unless the flags of a kube-apiserver pod leave it out.
 */
export function nodesAreRestricted(snapshot: Snapshot): boolean {
  const flags = snapshot.list('Pod').flatMap(({ object }) => {
    if (object.metadata.namespace !== 'kube-system') return [];
    return records(at(object, 'spec', 'containers')).flatMap(([, container]) => {
      const words = [...strings(container['command']), ...strings(container['args'])];
      if (!/(^|\/)kube-apiserver$/.test(words[0] ?? '')) return [];
      return [words.findLast((word) => word.startsWith('--enable-admission-plugins=')) ?? ''];
    });
  });
  return flags.every((flag) => flag.includes('NodeRestriction'));
}
