import { at, records, strings } from '../../../model/json.ts';
import type { JsonRecord } from '../../../model/json.ts';
import type { Snapshot } from '../../../model/snapshot.ts';

/** What the flags of the kube-apiserver pods say, where there are any. */
export interface ApiServerSettings {
  /**
   * Whether the admission plugin NodeRestriction is asked about what nodes write. Taken to be so, as kubeadm and the managed
   * clusters have it, unless the flags leave it out.
   */
  readonly restrictsNodes: boolean;
  /** Whether a request without credentials is refused whatever is bound. */
  readonly refusesAnonymous: boolean;
}

export function apiServerSettings(snapshot: Snapshot): ApiServerSettings {
  const servers = snapshot.list('Pod').flatMap(({ object }) => {
    if (object.metadata.namespace !== 'kube-system') return [];
    return records(at(object, 'spec', 'containers')).flatMap(([, container]) => {
      const words = apiServerWords(container);
      return words ? [words] : [];
    });
  });
  const flagOf = (words: readonly string[], flag: string): string =>
    words.findLast((word) => word.startsWith(`${flag}=`)) ?? '';
  return {
    restrictsNodes: servers.every((words) => flagOf(words, '--enable-admission-plugins').includes('NodeRestriction')),
    refusesAnonymous:
      servers.length > 0 && servers.every((words) => flagOf(words, '--anonymous-auth') === '--anonymous-auth=false'),
  };
}

/** The port an API server in this container listens on; undefined when it is something else. */
export function apiServerPort(container: JsonRecord): number | undefined {
  const words = apiServerWords(container);
  const [, port] = words?.map((word) => /^--secure-port=(\d+)$/.exec(word)).findLast(Boolean) ?? [];
  return words && Number(port ?? 6443);
}

function apiServerWords(container: JsonRecord): readonly string[] | undefined {
  const words = [...strings(container['command']), ...strings(container['args'])];
  return /(^|\/)kube-apiserver$/.test(words[0] ?? '') ? words : undefined;
}
