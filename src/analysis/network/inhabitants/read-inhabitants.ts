import { stringMap, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject, ObjectRef, OwnerReference } from '../../../model/object.ts';
import { isCompleted } from '../../../model/pods.ts';
import type { Labels } from '../../../model/selectors.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { EXTENSION_KINDS } from '../../../model/policy-kinds.ts';
import type { Profile } from '../profiles/profile.ts';
import { endpointOf, readPod, workloadId, type Endpoint, type Inhabitants, type NetworkWorkload } from './endpoints.ts';
import { identityOf, isLive, serviceAccountOf } from './mesh.ts';
import { readNamespaces } from './namespaces.ts';
import { topFinder } from './owners.ts';
import { isOver, mayStand, TEMPLATE_KINDS, templateOf } from './templates.ts';

type Growing = NetworkWorkload & { readonly endpoints: Endpoint[]; everHadPods: boolean };

/** Reads who lives in the cluster. O(objects). */
export function readInhabitants(snapshot: Snapshot, profile: Profile): Inhabitants {
  const workloads = new Map<string, Growing>();
  const workloadOf = (ref: ObjectRef): Growing => {
    const id = workloadId(ref);
    let known = workloads.get(id);
    if (!known) {
      const namespace = ref.namespace ?? 'default';
      known = { index: workloads.size, ref, namespace, id, endpoints: [], everHadPods: false };
      workloads.set(id, known);
    }
    return known;
  };
  const topOf = topFinder(snapshot, profile);
  // Only policies of CNIs and meshes look at more than labels.
  const identified = EXTENSION_KINDS.some((kind) => snapshot.list(kind).length > 0);
  const identify = (
    labels: Labels,
    annotations: Labels,
    spec: JsonRecord,
    live: boolean,
    namespace: string,
  ): Labels => {
    if (!identified) return labels;
    const labelsOf = (kind: string, within: string | undefined, name: string): Labels =>
      stringMap(snapshot.get(kind, within, name)?.object.metadata.labels);
    return identityOf(labels, annotations, spec, live, {
      namespace,
      namespaceLabels: labelsOf('Namespace', undefined, namespace),
      namespaceKnown: snapshot.gaps(['Namespace'], namespace).length === 0,
      serviceAccountLabels: labelsOf('ServiceAccount', namespace, serviceAccountOf(spec)),
    });
  };
  // Most pods share their owner with others, so it is looked up once.
  const owned = new Map<string, { readonly owner: OwnerReference; readonly workload: Growing }>();
  const workloadOfPod = (pod: KubernetesObject): Growing => {
    const owners = pod.metadata.ownerReferences;
    const owner = owners?.[0];
    // The node that owns a mirror pod is nobody's workload.
    if (owners?.length !== 1 || owner?.uid === undefined || owner.kind === 'Node') return workloadOf(topOf(pod).ref);
    const known = owned.get(owner.uid);
    const same =
      known?.owner.name === owner.name &&
      known.owner.kind === owner.kind &&
      known.owner.apiVersion === owner.apiVersion &&
      known.owner.controller === owner.controller &&
      owner.controller === true &&
      known.workload.namespace === (pod.metadata.namespace ?? 'default');
    if (known && same) return known.workload;
    const workload = workloadOf(topOf(pod).ref);
    owned.set(owner.uid, { owner, workload });
    return workload;
  };
  for (const resource of snapshot.list('Pod')) {
    const { object } = resource;
    if (!profile.foldOwners && object.metadata.name.startsWith('virt-launcher-')) continue;
    const workload = workloadOfPod(object);
    workload.everHadPods = true;
    if (profile.dropCompleted && isCompleted(object)) continue;
    workload.endpoints.push(
      readPod(resource, workload, profile, (labels, spec) =>
        identified
          ? identify(labels, stringMap(object.metadata.annotations), spec, isLive(object), workload.namespace)
          : labels,
      ),
    );
  }
  for (const kind of TEMPLATE_KINDS)
    for (const resource of snapshot.list(kind)) {
      const template = templateOf(resource, kind);
      const top = topOf(resource.object);
      if (!template || !mayStand(resource, top, profile)) continue;
      const workload = workloadOf(top.ref);
      if (profile.foldOwners && (workload.endpoints.length > 0 || isOver(resource, kind, () => workload.everHadPods)))
        continue;
      workload.endpoints.push(
        endpointOf(template, resource, workload, (labels, spec) =>
          identify(labels, template.annotations, spec, false, workload.namespace),
        ),
      );
    }
  const inhabited = [...workloads.values()].filter((workload) => workload.endpoints.length > 0);
  return {
    workloads: inhabited.map((workload, index) => Object.assign(workload, { index })),
    namespaces: readNamespaces(snapshot, inhabited),
  };
}
