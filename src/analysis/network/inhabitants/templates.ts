import { at, record, records, stringMap } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { podTemplateOf, WORKLOAD_KINDS, type PodTemplate } from '../../../model/pods.ts';
import type { Resource } from '../../../model/snapshot.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Top } from './owners.ts';

const VIRTUAL_MACHINE = 'VirtualMachine.kubevirt.io';

/** The kinds whose templates describe pods, in the order in which they are looked through. */
export const TEMPLATE_KINDS: readonly string[] = [...WORKLOAD_KINDS.filter((kind) => kind !== 'Pod'), VIRTUAL_MACHINE];

/** The pod that an object of one of those kinds describes. */
export function templateOf(resource: Resource, kind: string): PodTemplate | undefined {
  if (kind !== VIRTUAL_MACHINE) return podTemplateOf(resource.object);
  const template = record(at(resource.object, 'spec', 'template'));
  const metadata = record(template['metadata']);
  return {
    labels: stringMap(metadata['labels']),
    annotations: {},
    spec: record(template['spec']),
    path: ['spec', 'template'],
  };
}

/**
 * Whether the template of a resource stands for the pods of its top, as long as none of these is live: that of the top
 * itself, or of one whose top was not read.
 */
export function mayStand(resource: Resource, top: Top, { foldOwners }: Profile): boolean {
  return !foldOwners || top.resource === resource || (!top.resource && at(resource.object, 'spec', 'replicas') !== 0);
}

/** Whether a resource is a Job that makes no more pods: it is finished, or has had its pods. */
export function isOver({ object }: Resource, kind: string, hadPods: () => boolean): boolean {
  return kind === 'Job.batch' && (isFinishedJob(object) || hadPods());
}

function isFinishedJob(job: KubernetesObject): boolean {
  return records(at(job, 'status', 'conditions')).some(
    ([, condition]) =>
      condition['status'] === 'True' && (condition['type'] === 'Complete' || condition['type'] === 'Failed'),
  );
}
