import { containerPorts } from '../../analysis/network/inhabitants/endpoints.ts';
import { servicePorts, type ServicePort } from '../../analysis/network/inhabitants/services.ts';
import { becauseOfGap, type Because } from '../../model/because.ts';
import { at, records, stringMap } from '../../model/json.ts';
import { formatRef, refOf } from '../../model/object.ts';
import { podMakers } from '../../model/pod-makers.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import type { Resource } from '../../model/snapshot.ts';
import type { Workload } from '../../model/workloads.ts';
import { namespaceOf, type Facts } from '../facts.ts';
import { every, holds, unknown, vacuous, violated, type Judgement } from '../judgement.ts';
import { joined } from '../words.ts';
import { replicasOf } from './replicas.ts';

const SLICE = 'EndpointSlice.discovery.k8s.io';

/** Whether a Service leads to pods: by the ready endpoints of a live cluster, else by its selector and ports. */
export function judgeEndpoints(
  facts: Facts,
  namespace: string,
  { service: name, atLeast }: { readonly service: string; readonly atLeast: number },
): Judgement & { readonly observed?: boolean } {
  const { snapshot } = facts;
  const service = snapshot.get('Service', namespace, name);
  if (!service) return vacuous(`Service ${namespace}/${name}`, snapshot.gaps(['Service'], namespace).map(becauseOfGap));
  if (at(service.object, 'spec', 'type') === 'ExternalName') {
    return unknown(
      field(service, 'spec.type', `Service ${namespace}/${name} stands for a name outside of the cluster`),
    );
  }
  const slices = snapshot
    .list(SLICE)
    .filter(
      ({ object }) =>
        object.metadata.namespace === namespace &&
        stringMap(object.metadata.labels)['kubernetes.io/service-name'] === name,
    );
  if (slices.length > 0)
    return {
      ...every(servicePorts(service.object).map((port) => readyBehind(slices, service, port, atLeast))),
      observed: true,
    };
  const selector = stringMap(at(service.object, 'spec', 'selector'));
  if (Object.keys(selector).length === 0) {
    return unknown(
      field(service, 'spec.selector', `Service ${namespace}/${name} has no selector, and its endpoints were not given`),
    );
  }
  const behind = facts.workloads.filter(
    (workload) =>
      namespaceOf(workload) === namespace &&
      Object.entries(selector).every(([key, value]) => workload.template.labels[key] === value),
  );
  const gaps = snapshot.gaps(WORKLOAD_KINDS, namespace).map(becauseOfGap);
  if (behind.length === 0) {
    if (gaps.length > 0) return unknown(...gaps);
    const makers = unseenPods(facts, namespace);
    if (makers.length > 0) return unknown(...makers);
    const says = `Service ${namespace}/${name} selects ${Object.entries(selector)
      .map(([key, value]) => `${key}=${value}`)
      .join(',')}, and no pod has that`;
    return violated(field(service, 'spec.selector', says));
  }
  return every(servicePorts(service.object).map((port) => configuredBehind(service, port, behind, atLeast, gaps)));
}

/** Custom resources that may make the pods that are missing; a live cluster shows the pods. */
export function unseenPods({ snapshot }: Facts, namespace: string): readonly Because[] {
  const makers = podMakers(snapshot, namespace).map((object) => formatRef(refOf(object)));
  if (makers.length === 0) return [];
  const says = `${joined(makers, 3)}: custom resources, and the pods their controllers make are not in the manifests`;
  return [{ kind: 'parameter', parameter: 'customResources', says }];
}

function readyBehind(slices: readonly Resource[], service: Resource, port: ServicePort, atLeast: number): Judgement {
  const ready = slices
    .filter(({ object }) => records(object['ports']).some(([, given]) => (given['name'] ?? '') === (port.name ?? '')))
    .flatMap(({ object }) => records(object['endpoints']))
    .filter(([, endpoint]) => at(endpoint, 'conditions', 'ready') !== false).length;
  const says = `${ready} ready ${ready === 1 ? 'endpoint' : 'endpoints'} behind port ${port.name ?? port.port}`;
  const because = field(service, 'spec.ports', says);
  return ready >= atLeast ? holds(because) : violated(because);
}

/** By configuration: enough pods are asked for, and each has the port the Service sends to. */
function configuredBehind(
  service: Resource,
  port: ServicePort,
  behind: readonly Workload[],
  atLeast: number,
  gaps: readonly Because[],
): Judgement {
  const { targetPort, protocol } = port;
  const takes = (workload: Workload): boolean =>
    typeof targetPort === 'number' ||
    containerPorts(workload.template.spec).some((given) => given.name === targetPort && given.protocol === protocol);
  const serving = behind.filter(takes);
  const names = behind.map(({ ref }) => `${ref.kind} ${ref.name}`).join(', ');
  if (serving.length === 0) {
    if (gaps.length > 0) return unknown(...gaps);
    return violated(
      field(
        service,
        'spec.ports',
        `port ${port.port} goes to the port named ${targetPort}, and no container of ${names} has a ${protocol} port of that name`,
      ),
    );
  }
  const asked = serving.map((workload) => replicasOf(workload));
  if (asked.some((count) => count === undefined))
    return holds(field(service, 'spec.ports', `port ${port.port} goes to ${targetPort} of ${names}`));
  const pods = asked.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (pods >= atLeast)
    return holds(
      field(
        service,
        'spec.ports',
        `port ${port.port} goes to ${targetPort} of ${names}, ${pods} ${pods === 1 ? 'pod' : 'pods'}`,
      ),
    );
  if (gaps.length > 0) return unknown(...gaps);
  return violated(
    field(
      service,
      'spec.selector',
      `${names} ${behind.length === 1 ? 'asks' : 'ask'} for ${pods} pods, ${atLeast} are needed`,
    ),
  );
}

function field(service: Resource, path: string, says: string): Because {
  return { kind: 'field', object: refOf(service.object), path, says };
}
