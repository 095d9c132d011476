import { at, records, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { PodTarget } from '../../ports.ts';
import { badRequest } from '../http/status.ts';

/** The container of a pod a request means, and where it runs; 400 when that can't be told, as upstream. */
export function podTarget(pod: KubernetesObject, asked: string | null): PodTarget {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const container = chooseContainer(pod, asked ?? '');
  const node = text(at(pod, 'spec', 'nodeName')) ?? '';
  if (node === '') throw badRequest(`pod ${name} does not have a host assigned`);
  return { namespace, pod: name, uid, node, container };
}

function chooseContainer(pod: KubernetesObject, asked: string): string {
  const named = (list: string): readonly string[] =>
    records(at(pod, 'spec', list)).flatMap(([, container]) => text(container['name']) ?? []);
  const containers = named('containers');
  const others = [...named('initContainers'), ...named('ephemeralContainers')];
  const { name } = pod.metadata;
  if (asked !== '') {
    if (containers.includes(asked) || others.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const preferred = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (preferred !== undefined && containers.includes(preferred)) return preferred;
  const [only, ...more] = containers;
  if (only !== undefined && more.length === 0) return only;
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`);
}
