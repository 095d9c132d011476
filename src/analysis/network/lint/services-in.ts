import { record, stringMap } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { matches, type Labels } from '../../../model/selectors.ts';
import type { Endpoint } from '../index.ts';
import type { LintInput } from './define-lint.ts';
import { podIndex } from './pod-index.ts';

/** A Service with a selector, and the pods it leads to. */
export interface ServiceIn {
  readonly service: KubernetesObject;
  readonly selector: Labels;
  readonly behind: readonly Endpoint[];
}

/** The Services of a namespace that choose their pods by labels. */
export function servicesIn({ snapshot, analysis }: LintInput, namespace: string | undefined): readonly ServiceIn[] {
  return snapshot.list('Service').flatMap(({ object: service }) => {
    if (service.metadata.namespace !== namespace) return [];
    const selector = stringMap(record(service['spec'])['selector']);
    const wanted = Object.entries(selector).map(([key, value]) => ({ operator: 'In', key, values: [value] }) as const);
    if (wanted.length === 0) return [];
    const behind = podIndex(analysis)
      .inNamespace(namespace ?? 'default')
      .filter(({ labels }) => matches(wanted, labels));
    return [{ service, selector, behind }];
  });
}
