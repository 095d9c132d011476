import { at, isRecord, list, record } from '../../../model/json.ts';
import { child, children, setDefault, type Draft, type Fields } from '../objects.ts';

export function defaultService(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'sessionAffinity', 'None');
  setDefault(spec, 'type', 'ClusterIP');
  if (spec['sessionAffinity'] === 'ClientIP') {
    setDefault(child(child(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10_800);
  }
  for (const port of children(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    setDefault(port, 'targetPort', port['port']);
  }
  const external = spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer';
  if (external) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec['type'] !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (spec['type'] === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
}

/** A policy that says nothing of its directions is about ingress, and about egress when it has egress rules. */
export function defaultNetworkPolicy(draft: Draft): void {
  const spec = child(draft, 'spec');
  if (list(spec['policyTypes']).length === 0) {
    spec['policyTypes'] = list(spec['egress']).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  }
  setDefault(spec, 'podSelector', {});
  for (const rule of [...children(spec, 'ingress'), ...children(spec, 'egress')]) {
    for (const port of children(rule, 'ports')) setDefault(port, 'protocol', 'TCP');
  }
}

export function defaultSecret(draft: Draft): void {
  setDefault(draft, 'type', 'Opaque');
}

/** `kubernetes.io/metadata.name`: what namespace selectors can rely on. */
export function defaultNamespace(draft: Draft): void {
  if (!draft.metadata.name) return;
  draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': draft.metadata.name };
}

export function defaultBinding(draft: Draft): void {
  for (const subject of children(draft, 'subjects')) {
    if (subject['kind'] === 'ServiceAccount') continue;
    if (subject['kind'] === 'User' || subject['kind'] === 'Group') {
      setDefault(subject, 'apiGroup', 'rbac.authorization.k8s.io');
    }
  }
  const role = draft['roleRef'];
  if (isRecord(role)) setDefault(role, 'apiGroup', 'rbac.authorization.k8s.io');
}

export function defaultRole(draft: Draft): void {
  if (draft['aggregationRule'] === undefined || draft['rules'] === undefined) draft['rules'] ??= null;
}

export function defaultAutoscaler(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'minReplicas', 1);
  if (list(spec['metrics']).length === 0) {
    spec['metrics'] = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
  }
}

export function defaultIngress(draft: Draft): void {
  for (const rule of children(child(draft, 'spec'), 'rules')) {
    for (const path of children(record(at(rule, 'http')), 'paths'))
      setDefault(path, 'pathType', 'ImplementationSpecific');
  }
}

export function defaultStorageClass(draft: Draft): void {
  setDefault(draft, 'reclaimPolicy', 'Delete');
  setDefault(draft, 'volumeBindingMode', 'Immediate');
}

export function defaultPersistentVolume(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain');
  setDefault(spec, 'volumeMode', 'Filesystem');
  if (isRecord(spec['hostPath'])) setDefault(spec['hostPath'], 'type', '');
}

export function defaultPersistentVolumeClaim(draft: Draft): void {
  setDefault(child(draft, 'spec'), 'volumeMode', 'Filesystem');
}

export function defaultCustomResourceDefinition(draft: Draft): void {
  const spec = child(draft, 'spec');
  const names = child(spec, 'names');
  const kind = typeof names['kind'] === 'string' ? names['kind'] : '';
  setDefault(names, 'singular', kind.toLowerCase());
  setDefault(names, 'listKind', `${kind}List`);
  setDefault(spec, 'conversion', { strategy: 'None' });
}

/** Webhooks: what is left out is Fail, ten seconds, everything of the namespace. */
export function defaultWebhooks(draft: Draft): void {
  const mutating = draft.kind === 'MutatingWebhookConfiguration';
  for (const webhook of children(draft, 'webhooks')) {
    setDefault(webhook, 'failurePolicy', 'Fail');
    setDefault(webhook, 'matchPolicy', 'Equivalent');
    setDefault(webhook, 'namespaceSelector', {});
    setDefault(webhook, 'objectSelector', {});
    setDefault(webhook, 'timeoutSeconds', 10);
    if (mutating) setDefault(webhook, 'reinvocationPolicy', 'Never');
    for (const rule of children(webhook, 'rules')) setDefault(rule, 'scope', '*');
    const service = at(webhook, 'clientConfig', 'service');
    if (isRecord(service)) setDefault(service, 'port', 443);
  }
}

export function defaultAdmissionPolicy(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'failurePolicy', 'Fail');
  defaultMatch(spec['matchConstraints']);
}

export function defaultAdmissionPolicyBinding(draft: Draft): void {
  defaultMatch(child(draft, 'spec')['matchResources']);
}

function defaultMatch(match: unknown): void {
  if (!isRecord(match)) return;
  const fields = match as Fields;
  setDefault(fields, 'matchPolicy', 'Equivalent');
  setDefault(fields, 'namespaceSelector', {});
  setDefault(fields, 'objectSelector', {});
  for (const rule of children(fields, 'resourceRules')) setDefault(rule, 'scope', '*');
}
