import { collection, configMap, core, get, NAMESPACE, patch, post, put, remove, type Case } from './case.ts';

const maps = `${core}/configmaps`;
const asNobody = { headers: { 'impersonate-user': 'nobody' } };

/** Creating, changing and deleting; names, versions and preconditions. */
export const OBJECTS: readonly Case[] = [
  post('a config map', maps, configMap('m', { a: '1' })),
  post('the same again', maps, configMap('m')),
  post('a dry run', `${maps}?dryRun=All`, configMap('dry')),
  get('a dry run leaves nothing', `${maps}/dry`),
  post('a dry run of an unknown kind', `${maps}?dryRun=Some`, configMap('dry')),
  post('a bad name', maps, configMap('Bad_Name')),
  post('no name', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }),
  post('another kind', maps, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'm' } }, { reasonOnly: true }),
  post('another namespace', maps, configMap('m', {}, { namespace: 'default' })),
  post('a bad label', maps, configMap('l', {}, { labels: { a: 'not a value!' } })),
  post('a wrong type', maps, { ...configMap('w'), data: { a: 1 } }, { reasonOnly: true }),
  post('no JSON', maps, '{"apiVersion', { reasonOnly: true }),
  post('a media type nobody reads', maps, 'x', { headers: { 'content-type': 'text/plain' }, reasonOnly: true }),
  post('an unknown field, strict', `${maps}?dryRun=All&fieldValidation=Strict`, { ...configMap('o'), odd: 1 }),
  post('a namespace that is not there', '/api/v1/namespaces/recorded-none/configmaps', configMap('m')),
  get('missing', `${maps}/none`),
  get('a config map', `${maps}/m`, { keep: { version: 'metadata.resourceVersion', uid: 'metadata.uid' } }),
  get('a path of no kind', `${core}/nothings`, { reasonOnly: true }),
  patch('PATCH of a collection', 'merge', maps, {}, { reasonOnly: true }),
  get('somebody without rights', `${core}/pods`, asNobody),
  post('somebody without rights creates', maps, configMap('f'), asNobody),
  put('replaced', `${maps}/m`, configMap('m', { a: '2' })),
  put('replaced from an old version', `${maps}/m`, configMap('m', { a: '3' }, { resourceVersion: '$version' })),
  put('replaced under another name', `${maps}/m`, configMap('n')),
  put('replaced where there is none', `${maps}/none`, configMap('none', {}, { resourceVersion: '1' })),
  post('immutable', maps, { ...configMap('fixed', { a: '1' }), immutable: true }),
  patch('immutable, changed', 'merge', `${maps}/fixed`, { data: { a: '2' } }),
  remove(
    'the wrong uid',
    `${maps}/m`,
    { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } },
    { reasonOnly: true },
  ),
  remove('a config map', `${maps}/fixed`, undefined, { status: true, reasonOnly: true }),
  remove('missing', `${maps}/none`),
  remove('a namespace that must stay', '/api/v1/namespaces/kube-system'),
  post('a secret', `${core}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    stringData: { a: 'b' },
  }),
  post('an unknown service account', `${core}/pods?dryRun=All`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { serviceAccountName: 'none', containers: [{ name: 'c', image: 'i' }] },
  }),
  post(
    'a review',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'nobody', resourceAttributes: { verb: 'list', resource: 'pods' } },
    },
    { status: true },
  ),
  post(
    'a review of oneself',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { nonResourceAttributes: { verb: 'get', path: '/metrics' } },
    },
    asNobody,
  ),
  post(
    'a role that grants more than one has',
    collection('rbac.authorization.k8s.io/v1', 'roles'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'r', namespace: NAMESPACE },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
    },
    asNobody,
  ),
  get('health', '/healthz', { reasonOnly: true }),
];
