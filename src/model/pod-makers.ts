import type { KubernetesObject } from './object.ts';
import { isFromFiles, type Snapshot } from './snapshot.ts';

/**
 * Custom resources of manifests whose controllers may make pods that no manifest shows: a Prometheus, a database. Where
 * there are any, "no pod" may be wrong. None for a live cluster, which shows the pods themselves.
 */
export function podMakers(snapshot: Snapshot, namespace?: string): readonly KubernetesObject[] {
  if (!isFromFiles(snapshot)) return [];
  return snapshot
    .kinds()
    .filter((kind) => kind.includes('.') && !BUILT_IN_GROUP.test(kind) && !makesNoPods(kind))
    .flatMap((kind) => snapshot.list(kind).map(({ object }) => object))
    .filter(({ metadata }) => namespace === undefined || (metadata.namespace ?? 'default') === namespace);
}

/** Groups of Kubernetes itself: `Deployment.apps`, `Ingress.networking.k8s.io`. */
const BUILT_IN_GROUP = /\.(apps|batch|autoscaling|policy|extensions|([a-z-]+\.)+k8s\.io)$/;
/** Groups that only say what may talk to whom, what is allowed, or what is believed. */
const GROUPS_WITHOUT_PODS =
  /\.(networking\.istio\.io|security\.istio\.io|cilium\.io|(crd\.)?projectcalico\.org|kyverno\.io|cert-manager\.io|external-secrets\.io|seaworthy\.dev)$/;
const KINDS_WITHOUT_PODS = new Set([
  'ServiceMonitor',
  'PodMonitor',
  'PrometheusRule',
  'Probe',
  'ScrapeConfig',
  'SealedSecret',
]);

function makesNoPods(kind: string): boolean {
  return GROUPS_WITHOUT_PODS.test(kind) || KINDS_WITHOUT_PODS.has(kind.slice(0, kind.indexOf('.')));
}
