import { record, text, type JsonRecord } from '../../model/json.ts';
import { containersOf, isCompleted, podTemplateOf, type ContainerList } from '../../model/pods.ts';
import type { Labels } from '../../model/selectors.ts';
import type { Resource } from '../../model/snapshot.ts';
import type { Workload } from '../../model/workloads.ts';
import type { Offence, JudgedPod } from '../admission/pod-security/control.ts';
import { withPodDefaults } from '../admission/pod-security/pod-defaults.ts';
import type { Examined, Place } from './examined.ts';

/** A container with the way back to where it is written. */
export interface PodContainer {
  readonly name: string;
  readonly list: ContainerList;
  readonly container: JsonRecord;
  readonly securityContext: JsonRecord;
  /** A field of the container as a place in the object. */
  place(...path: readonly (string | number)[]): Place;
}

/** The pod a workload makes, as the API server sees it after defaulting. */
export interface PodSubject {
  readonly workload: Workload;
  /** The object the pod is written in. */
  readonly resource: Resource;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: JsonRecord;
  readonly securityContext: JsonRecord;
  /** All of the template's, and the ephemeral containers of live pods. */
  readonly containers: readonly PodContainer[];
  /** As Pod Security's controls take it. */
  readonly judged: JudgedPod;
  /** A bare pod that has ended runs nothing any more. */
  readonly ended: boolean;
  /** A field below the pod's `spec` or `metadata` as a place in the object. */
  place(...path: readonly (string | number)[]): Place;
  placeOf(offence: Offence): Place;
}

/** The pod of a workload as checks look at it. */
export function podSubjectOf(workload: Workload): Examined<PodSubject> {
  const { template, writtenIn } = workload;
  const spec = withPodDefaults(template.spec);
  const place = (...path: readonly (string | number)[]): Place => ({
    resource: writtenIn,
    path: [...template.path, ...path],
  });
  const entries = containersOf(spec);
  const containers = entries.map((entry) => podContainer(writtenIn, [...template.path, 'spec', ...entry.path], entry));
  const subject: PodSubject = {
    workload,
    resource: writtenIn,
    namespace: workload.ref.namespace ?? 'default',
    labels: template.labels,
    annotations: template.annotations,
    spec,
    securityContext: record(spec['securityContext']),
    containers: [...containers, ...ephemeralContainers(workload)],
    judged: { annotations: template.annotations, spec, containers: entries },
    ended: workload.ref.kind === 'Pod' && isCompleted(writtenIn.object),
    place,
    placeOf: ({ path, container }) => ({ ...place(...path), ...(container === undefined ? {} : { container }) }),
  };
  return { subject, object: workload.ref, resource: writtenIn };
}

/** Debug containers that were put into live pods of the workload: no template shows them. */
function ephemeralContainers(workload: Workload): readonly PodContainer[] {
  return workload.pods
    .filter((pod) => pod !== workload.writtenIn && !isCompleted(pod.object))
    .flatMap((pod) =>
      containersOf(podTemplateOf(pod.object)?.spec ?? {})
        .filter((entry) => entry.list === 'ephemeralContainers')
        .map((entry) => podContainer(pod, ['spec', ...entry.path], entry)),
    );
}

function podContainer(
  resource: Resource,
  root: readonly (string | number)[],
  entry: { readonly name: string; readonly list: ContainerList; readonly container: JsonRecord },
): PodContainer {
  const { name, list, container } = entry;
  return {
    name,
    list,
    container,
    securityContext: record(container['securityContext']),
    place: (...path) => ({ resource, path: [...root, ...path], container: name }),
  };
}

/** A field of the security context as it takes effect: the container's, or else the pod's. */
export function effective(pod: PodSubject, container: PodContainer, field: string): unknown {
  return container.securityContext[field] ?? pod.securityContext[field];
}

/** The service account a pod runs as; the older field name counts where the newer is empty. */
export function serviceAccountNameOf(spec: JsonRecord): string {
  return text(spec['serviceAccountName']) || text(spec['serviceAccount']) || 'default';
}

/** Whether a pod says that it is for Windows nodes (`spec.os.name`). */
export function isWindows(pod: PodSubject): boolean {
  return record(pod.spec['os'])['name'] === 'windows';
}
