import type { JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** Objects as tests write them, short. */

export function namespace(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** The spec of a pod with one container of the toolbox image, which waits unless told otherwise, and stops at once. */
export function podSpec(container: JsonRecord = {}, rest: JsonRecord = {}): JsonRecord {
  return {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'seaworthy.dev/toolbox:1', ...container }],
    ...rest,
  };
}

/** A command that answers TCP and UDP on each of these ports with what it is sent. */
export function listenOn(...ports: readonly number[]): readonly string[] {
  return ['seaworthy-probe', 'listen', ...ports.flatMap((port) => ['--port', String(port)])];
}

export function pod(
  inside: string,
  name: string,
  spec: JsonRecord,
  labels: Readonly<Record<string, string>> = { app: name },
): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: inside, labels }, spec };
}

export function deployment(inside: string, name: string, replicas: number, spec: JsonRecord): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: inside },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  };
}

export function service(inside: string, name: string, spec: JsonRecord): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: inside },
    spec: { selector: { app: name }, ...spec },
  };
}

export function networkPolicy(inside: string, name: string, spec: JsonRecord): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: inside },
    spec,
  };
}
