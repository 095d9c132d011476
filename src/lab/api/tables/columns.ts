import { at, list, records, stringMap, strings, text } from '../../../model/json.ts';
import { kindKey, type KindKey, type KubernetesObject } from '../../../model/object.ts';
import { formatSelector, parseSelector } from '../../../model/selectors.ts';
import type { Column } from './column.ts';
import { podCells } from './pod-cells.ts';

const NAME: Column = { name: 'Name', cell: (object) => object.metadata.name };
const AGE: Column = { name: 'Age', cell: (object, now) => age(object.metadata.creationTimestamp, now) };

const field = (name: string, ...path: readonly (string | number)[]): Column => ({
  name,
  cell: (object) => show(at(object, ...path), '<none>'),
});
const count = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  cell: (object) => Number(at(object, ...path) ?? 0),
});
const wide = (column: Column): Column => ({ ...column, priority: 1 });
const size = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  cell: (object) => {
    const value = at(object, ...path);
    return Array.isArray(value) ? value.length : Object.keys((value as object | undefined) ?? {}).length;
  },
});

const selector = (...path: readonly string[]): Column => ({
  name: 'Selector',
  cell: (object) => {
    const parsed = parseSelector(at(object, ...path));
    return parsed.kind === 'ok' && parsed.selector.length > 0 ? formatSelector(parsed.selector) : '<none>';
  },
});

/** Containers and images of a pod template, and what it is selected by. */
const workloadColumns = (...template: readonly string[]): readonly Column[] => [
  wide({
    name: 'Containers',
    cell: (o) =>
      records(at(o, ...template, 'spec', 'containers'))
        .map(([, c]) => text(c['name']))
        .join(','),
  }),
  wide({
    name: 'Images',
    cell: (o) =>
      records(at(o, ...template, 'spec', 'containers'))
        .map(([, c]) => text(c['image']))
        .join(','),
  }),
];
const SELECTED = wide(selector('spec', 'selector'));

const ready = (readyPath: readonly string[], wantedPath: readonly string[]): Column => ({
  name: 'Ready',
  cell: (object) => `${Number(at(object, ...readyPath) ?? 0)}/${Number(at(object, ...wantedPath) ?? 0)}`,
});

const ROLE_BINDING: readonly Column[] = [
  NAME,
  { name: 'Role', cell: (o) => `${text(at(o, 'roleRef', 'kind'))}/${text(at(o, 'roleRef', 'name'))}` },
  AGE,
  ...(['User', 'Group', 'ServiceAccount'] as const).map((kind) =>
    wide({
      name: kind === 'ServiceAccount' ? 'ServiceAccounts' : `${kind}s`,
      cell: (o) =>
        records(o['subjects'])
          .flatMap(([, s]) =>
            s['kind'] !== kind
              ? []
              : [kind === 'ServiceAccount' ? `${text(s['namespace'])}/${text(s['name'])}` : text(s['name'])],
          )
          .join(', '),
    }),
  ),
];

const CREATED_AT: Column = { name: 'Created At', cell: (object) => object.metadata.creationTimestamp ?? '' };

export const COLUMNS: Readonly<Record<KindKey, readonly Column[]>> = {
  Pod: podCells(NAME, AGE),
  Namespace: [NAME, field('Status', 'status', 'phase'), AGE],
  Node: [
    NAME,
    { name: 'Status', cell: nodeStatus },
    { name: 'Roles', cell: nodeRoles },
    AGE,
    field('Version', 'status', 'nodeInfo', 'kubeletVersion'),
    wide({ name: 'Internal-IP', cell: (o) => nodeAddress(o, 'InternalIP') }),
    wide({ name: 'External-IP', cell: (o) => nodeAddress(o, 'ExternalIP') }),
    wide({ name: 'OS-Image', cell: (o) => show(at(o, 'status', 'nodeInfo', 'osImage'), '<unknown>') }),
    wide({ name: 'Kernel-Version', cell: (o) => show(at(o, 'status', 'nodeInfo', 'kernelVersion'), '<unknown>') }),
    wide({
      name: 'Container-Runtime',
      cell: (o) => show(at(o, 'status', 'nodeInfo', 'containerRuntimeVersion'), '<unknown>'),
    }),
  ],
  Service: [
    NAME,
    field('Type', 'spec', 'type'),
    field('Cluster-IP', 'spec', 'clusterIP'),
    {
      name: 'External-IP',
      cell: (o) => show(at(o, 'spec', 'externalName') ?? at(o, 'status', 'loadBalancer', 'ingress', 0, 'ip'), '<none>'),
    },
    { name: 'Port(s)', cell: servicePorts },
    AGE,
    wide({ name: 'Selector', cell: (o) => pairs(stringMap(at(o, 'spec', 'selector'))) }),
  ],
  Endpoints: [
    NAME,
    {
      name: 'Endpoints',
      cell: (o) =>
        records(o['subsets'])
          .flatMap(([, s]) =>
            records(s['addresses']).flatMap(([, a]) =>
              list(s['ports']).length === 0
                ? [text(a['ip'])]
                : records(s['ports']).map(([, p]) => `${text(a['ip'])}:${String(p['port'])}`),
            ),
          )
          .join(',') || '<none>',
    },
    AGE,
  ],
  'EndpointSlice.discovery.k8s.io': [
    NAME,
    field('AddressType', 'addressType'),
    {
      name: 'Ports',
      cell: (o) =>
        records(o['ports'])
          .map(([, p]) => String(p['port']))
          .join(',') || '<unset>',
    },
    {
      name: 'Endpoints',
      cell: (o) =>
        records(o['endpoints'])
          .flatMap(([, e]) => strings(e['addresses']))
          .join(',') || '<unset>',
    },
    AGE,
  ],
  ConfigMap: [NAME, size('Data', 'data'), AGE],
  Secret: [NAME, field('Type', 'type'), size('Data', 'data'), AGE],
  ServiceAccount: [NAME, size('Secrets', 'secrets'), AGE],
  Event: [
    { name: 'Last Seen', cell: (o, now) => age(text(o['lastTimestamp']) ?? text(o['eventTime']), now) },
    field('Type', 'type'),
    field('Reason', 'reason'),
    {
      name: 'Object',
      cell: (o) =>
        `${(text(at(o, 'involvedObject', 'kind')) ?? '').toLowerCase()}/${text(at(o, 'involvedObject', 'name'))}`,
    },
    wide(field('Source', 'source', 'component')),
    { name: 'Message', cell: (o) => (text(o['message']) ?? '').trim() },
    wide(count('Count', 'count')),
    wide(NAME),
  ],
  PersistentVolumeClaim: [
    NAME,
    field('Status', 'status', 'phase'),
    field('Volume', 'spec', 'volumeName'),
    field('StorageClass', 'spec', 'storageClassName'),
    AGE,
  ],
  PersistentVolume: [
    NAME,
    field('Capacity', 'spec', 'capacity', 'storage'),
    field('Status', 'status', 'phase'),
    field('StorageClass', 'spec', 'storageClassName'),
    AGE,
  ],
  'Deployment.apps': [
    NAME,
    ready(['status', 'readyReplicas'], ['spec', 'replicas']),
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    AGE,
    ...workloadColumns('spec', 'template'),
    SELECTED,
  ],
  'ReplicaSet.apps': [
    NAME,
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
    AGE,
    ...workloadColumns('spec', 'template'),
    SELECTED,
  ],
  'StatefulSet.apps': [
    NAME,
    ready(['status', 'readyReplicas'], ['spec', 'replicas']),
    AGE,
    ...workloadColumns('spec', 'template'),
  ],
  'DaemonSet.apps': [
    NAME,
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady'),
    count('Up-to-date', 'status', 'updatedNumberScheduled'),
    count('Available', 'status', 'numberAvailable'),
    { name: 'Node Selector', cell: (o) => pairs(stringMap(at(o, 'spec', 'template', 'spec', 'nodeSelector'))) },
    AGE,
    ...workloadColumns('spec', 'template'),
    SELECTED,
  ],
  'Job.batch': [
    NAME,
    { name: 'Status', cell: jobStatus },
    {
      name: 'Completions',
      cell: (o) => `${Number(at(o, 'status', 'succeeded') ?? 0)}/${Number(at(o, 'spec', 'completions') ?? 1)}`,
    },
    {
      name: 'Duration',
      cell: (o, now) => duration(text(at(o, 'status', 'startTime')), text(at(o, 'status', 'completionTime')), now),
    },
    AGE,
    ...workloadColumns('spec', 'template'),
    SELECTED,
  ],
  'CronJob.batch': [
    NAME,
    field('Schedule', 'spec', 'schedule'),
    field('Timezone', 'spec', 'timeZone'),
    { name: 'Suspend', cell: (o) => (at(o, 'spec', 'suspend') === true ? 'True' : 'False') },
    size('Active', 'status', 'active'),
    {
      name: 'Last Schedule',
      cell: (o, now) =>
        at(o, 'status', 'lastScheduleTime') ? age(text(at(o, 'status', 'lastScheduleTime')), now) : '<none>',
    },
    AGE,
    ...workloadColumns('spec', 'jobTemplate', 'spec', 'template'),
  ],
  'NetworkPolicy.networking.k8s.io': [NAME, { ...selector('spec', 'podSelector'), name: 'Pod-Selector' }, AGE],
  'Ingress.networking.k8s.io': [
    NAME,
    field('Class', 'spec', 'ingressClassName'),
    {
      name: 'Hosts',
      cell: (o) =>
        records(at(o, 'spec', 'rules'))
          .flatMap(([, r]) => text(r['host']) ?? [])
          .join(',') || '*',
    },
    { name: 'Address', cell: () => '' },
    { name: 'Ports', cell: (o) => (list(at(o, 'spec', 'tls')).length > 0 ? '80, 443' : '80') },
    AGE,
  ],
  'PodDisruptionBudget.policy': [
    NAME,
    { name: 'Min Available', cell: (o) => show(at(o, 'spec', 'minAvailable'), 'N/A') },
    { name: 'Max Unavailable', cell: (o) => show(at(o, 'spec', 'maxUnavailable'), 'N/A') },
    count('Allowed Disruptions', 'status', 'disruptionsAllowed'),
    AGE,
  ],
  'HorizontalPodAutoscaler.autoscaling': [
    NAME,
    {
      name: 'Reference',
      cell: (o) => `${text(at(o, 'spec', 'scaleTargetRef', 'kind'))}/${text(at(o, 'spec', 'scaleTargetRef', 'name'))}`,
    },
    count('MinPods', 'spec', 'minReplicas'),
    count('MaxPods', 'spec', 'maxReplicas'),
    count('Replicas', 'status', 'currentReplicas'),
    AGE,
  ],
  'Lease.coordination.k8s.io': [NAME, field('Holder', 'spec', 'holderIdentity'), AGE],
  'Role.rbac.authorization.k8s.io': [NAME, CREATED_AT],
  'ClusterRole.rbac.authorization.k8s.io': [NAME, CREATED_AT],
  'RoleBinding.rbac.authorization.k8s.io': ROLE_BINDING,
  'ClusterRoleBinding.rbac.authorization.k8s.io': ROLE_BINDING,
  'PriorityClass.scheduling.k8s.io': [
    NAME,
    count('Value', 'value'),
    { name: 'Global-Default', cell: (o) => String(o['globalDefault'] === true) },
    AGE,
  ],
  'StorageClass.storage.k8s.io': [
    NAME,
    field('Provisioner', 'provisioner'),
    field('ReclaimPolicy', 'reclaimPolicy'),
    field('VolumeBindingMode', 'volumeBindingMode'),
    AGE,
  ],
  'CustomResourceDefinition.apiextensions.k8s.io': [NAME, CREATED_AT],
};

const OTHERS: readonly Column[] = [NAME, AGE];

export function columnsOf(apiVersion: string, kind: string): readonly Column[] {
  return COLUMNS[kindKey(apiVersion, kind)] ?? OTHERS;
}

function show(value: unknown, otherwise: string): string {
  if (value === undefined || value === null || value === '') return otherwise;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function pairs(map: Readonly<Record<string, string>>): string {
  return (
    Object.entries(map)
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || '<none>'
  );
}

function nodeStatus(node: KubernetesObject): string {
  const condition = records(at(node, 'status', 'conditions')).find(([, c]) => c['type'] === 'Ready')?.[1];
  const status = condition?.['status'] === 'True' ? 'Ready' : condition ? 'NotReady' : 'Unknown';
  return at(node, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(node: KubernetesObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(stringMap(node.metadata.labels)).flatMap((l) =>
    l.startsWith(prefix) ? [l.slice(prefix.length)] : [],
  );
  return roles.sort().join(',') || '<none>';
}

function nodeAddress(node: KubernetesObject, type: string): string {
  return text(records(at(node, 'status', 'addresses')).find(([, a]) => a['type'] === type)?.[1]['address']) ?? '<none>';
}

function servicePorts(service: KubernetesObject): string {
  const ports = records(at(service, 'spec', 'ports')).map(([, port]) => {
    const node = port['nodePort'] === undefined ? '' : `:${String(port['nodePort'])}`;
    return `${String(port['port'])}${node}/${text(port['protocol']) ?? 'TCP'}`;
  });
  return ports.join(',') || '<none>';
}

function jobStatus(job: KubernetesObject): string {
  const is = (type: string): boolean =>
    records(at(job, 'status', 'conditions')).some(([, c]) => c['type'] === type && c['status'] === 'True');
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  return is('Suspended') ? 'Suspended' : 'Running';
}

/** `17s`, `4m12s`, `3h`, `5d`, as kubectl counts. Source: apimachinery/pkg/util/duration. */
export function age(since: string | undefined, now: Date): string {
  return duration(since, undefined, now, '<unknown>');
}

function duration(from: string | undefined, until: string | undefined, now: Date, otherwise = ''): string {
  if (from === undefined) return otherwise;
  const seconds = Math.max(0, Math.floor((Date.parse(until ?? now.toISOString()) - Date.parse(from)) / 1000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  const and = (rest: number, unit: string): string => (rest === 0 ? '' : `${rest}${unit}`);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${and(seconds % 60, 's')}`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return `${hours}h${and(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return `${days}d${and(hours % 24, 'h')}`;
  if (days < 730) return `${days}d`;
  return `${Math.floor(days / 365)}y${and(days % 365, 'd')}`;
}
