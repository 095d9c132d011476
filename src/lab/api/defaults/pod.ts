import { at, isRecord, record, text } from '../../../model/json.ts';
import { child, children, setDefault, type Fields } from '../objects.ts';

/** Defaults of a pod's spec, wherever it is written. Source: pkg/apis/core/v1/defaults.go. */
export function defaultPodSpec(spec: Fields): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'securityContext', {});
  setDefault(spec, 'schedulerName', 'default-scheduler');
  // The older name of the field is kept in step.
  const account = text(spec['serviceAccountName']) ?? text(spec['serviceAccount']);
  if (account) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of children(spec, list)) defaultContainer(container, spec);
  }
  for (const volume of children(spec, 'volumes')) defaultVolume(volume);
  for (const constraint of children(spec, 'topologySpreadConstraints')) {
    setDefault(constraint, 'whenUnsatisfiable', 'DoNotSchedule');
  }
}

/** Defaults that only a Pod itself gets, not a template. */
export function defaultPod(pod: Fields): void {
  const spec = child(pod, 'spec');
  setDefault(spec, 'enableServiceLinks', true);
  defaultPodSpec(spec);
  for (const container of [...children(spec, 'containers'), ...children(spec, 'initContainers')]) {
    requestsFromLimits(container);
  }
}

function defaultContainer(container: Fields, spec: Fields): void {
  setDefault(container, 'imagePullPolicy', pullPolicy(text(container['image']) ?? ''));
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  setDefault(container, 'resources', {});
  for (const port of children(container, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    if (spec['hostNetwork'] === true) setDefault(port, 'hostPort', port['containerPort']);
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isRecord(container[probe])) defaultProbe(container[probe]);
  }
  for (const hook of ['postStart', 'preStop']) {
    const get = at(container, 'lifecycle', hook, 'httpGet');
    if (isRecord(get)) defaultHttpGet(get);
  }
  for (const variable of children(container, 'env')) {
    const field = at(variable, 'valueFrom', 'fieldRef');
    if (isRecord(field)) setDefault(field, 'apiVersion', 'v1');
    const resource = at(variable, 'valueFrom', 'resourceFieldRef');
    if (isRecord(resource)) setDefault(resource, 'divisor', '0');
  }
}

/** `Always` for `latest` and for no tag, `IfNotPresent` for anything pinned. */
function pullPolicy(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  if (last.includes('@')) return 'IfNotPresent';
  const tag = last.includes(':') ? last.slice(last.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Fields): void {
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  if (isRecord(probe['httpGet'])) defaultHttpGet(probe['httpGet']);
  if (isRecord(probe['grpc'])) setDefault(probe['grpc'], 'service', '');
}

function defaultHttpGet(get: Fields): void {
  setDefault(get, 'path', '/');
  setDefault(get, 'scheme', 'HTTP');
}

const SOURCES_WITH_MODE = ['configMap', 'secret', 'projected', 'downwardAPI'] as const;

function defaultVolume(volume: Fields): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume['emptyDir'] = {};
  for (const source of SOURCES_WITH_MODE) {
    if (isRecord(volume[source])) setDefault(volume[source], 'defaultMode', 420);
  }
  if (isRecord(volume['hostPath'])) setDefault(volume['hostPath'], 'type', '');
  const projected = record(volume['projected']);
  for (const source of children(projected, 'sources')) {
    if (isRecord(source['serviceAccountToken'])) {
      setDefault(source['serviceAccountToken'], 'expirationSeconds', 3600);
    }
    defaultFieldRefs(record(source['downwardAPI']));
  }
  defaultFieldRefs(record(volume['downwardAPI']));
}

function defaultFieldRefs(downward: Readonly<Record<string, unknown>>): void {
  for (const item of children(downward, 'items')) {
    if (isRecord(item['fieldRef'])) setDefault(item['fieldRef'], 'apiVersion', 'v1');
  }
}

/** A limit without a request asks for as much. */
function requestsFromLimits(container: Fields): void {
  const limits = record(at(container, 'resources', 'limits'));
  if (Object.keys(limits).length === 0) return;
  const requests = child(child(container, 'resources'), 'requests');
  for (const [name, quantity] of Object.entries(limits)) setDefault(requests, name, quantity);
}
