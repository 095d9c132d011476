import { collection, configMap, core, get, patch, post, put, type Case } from './case.ts';

const maps = `${core}/configmaps`;
const deployments = collection('apps/v1', 'deployments');
const ingresses = collection('networking.k8s.io/v1', 'ingresses');
const labels = { app: 'patched' };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas: 0,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
          { name: 'b', image: 'b:1' },
        ],
      },
    },
  },
};
const containers = (list: readonly object[]): object => ({ spec: { template: { spec: { containers: list } } } });
const apply = (name: string, manager: string, body: object, query = ''): Case =>
  patch(name, 'apply', `${maps}/applied?fieldManager=${manager}${query}`, body);
const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'i' },
  spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
};

/** Every kind of patch, server-side apply with its conflicts, and the subresources that are a part of the object. */
export const PATCHES: readonly Case[] = [
  post('patch: a config map', maps, configMap('p', { a: '1' })),
  patch('patch: merge', 'merge', `${maps}/p`, { data: { a: null, b: '2' } }),
  patch('patch: JSON', 'json', `${maps}/p`, [{ op: 'add', path: '/data/c', value: '3' }]),
  patch('patch: a JSON test that fails', 'json', `${maps}/p`, [{ op: 'test', path: '/data/c', value: '4' }], {
    reasonOnly: true,
  }),
  patch('patch: JSON removes what is not there', 'json', `${maps}/p`, [{ op: 'remove', path: '/data/z' }], {
    reasonOnly: true,
  }),
  patch('patch: no object', 'merge', `${maps}/none`, {}),
  patch('patch: an old version', 'merge', `${maps}/p`, { metadata: { resourceVersion: '1' } }),
  {
    ...patch('patch: a kind of patch nobody knows', 'merge', `${maps}/p`, {}, { reasonOnly: true }),
    headers: { 'content-type': 'application/json' },
  },
  post('patch: a deployment', deployments, deployment),
  patch(
    'patch: strategic, by name',
    'strategic',
    `${deployments}/d`,
    containers([{ name: 'a', image: 'a:2', env: [{ name: 'Y', value: '2' }] }]),
  ),
  patch('patch: strategic, taken away', 'strategic', `${deployments}/d`, containers([{ name: 'b', $patch: 'delete' }])),
  patch(
    'patch: strategic, replaced',
    'strategic',
    `${deployments}/d`,
    containers([{ $patch: 'replace' }, { name: 'z', image: 'z:1' }]),
  ),
  patch('patch: strategy changed', 'strategic', `${deployments}/d`, {
    spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
  }),
  patch(
    'patch: the selector stays',
    'merge',
    `${deployments}/d`,
    { spec: { selector: { matchLabels: { app: 'other' } } } },
    { reasonOnly: true },
  ),
  apply('apply: made', 'one', configMap('applied', { a: '1', b: '1' })),
  apply('apply: a conflict', 'two', configMap('applied', { a: '2' })),
  apply('apply: forced', 'two', configMap('applied', { a: '2' }), '&force=true'),
  apply('apply: what one no longer says goes', 'one', configMap('applied', {})),
  apply('apply: nothing changes', 'one', configMap('applied', {})),
  patch('apply: without a manager', 'apply', `${maps}/applied`, configMap('applied')),
  apply('apply: another name', 'one', configMap('other')),
  get('scale', `${deployments}/d/scale`, { status: true }),
  patch('scale: patched', 'merge', `${deployments}/d/scale`, { spec: { replicas: 0 } }, { status: true }),
  put('scale: negative', `${deployments}/d/scale`, {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'd' },
    spec: { replicas: -1 },
  }),
  post(
    'status: of an ingress',
    ingresses,
    { ...ingress, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
    { status: true },
  ),
  patch(
    'status: patched, and nothing else',
    'merge',
    `${ingresses}/i/status`,
    {
      spec: { defaultBackend: null },
      metadata: { labels: { a: 'b' } },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.2' }] } },
    },
    { status: true },
  ),
  patch(
    'status: stays when the object is patched',
    'merge',
    `${ingresses}/i`,
    { metadata: { labels: { c: 'd' } }, status: null },
    { status: true },
  ),
];
