import { configMap, core, get, patch, post, remove, type Case } from './case.ts';

const maps = `${core}/configmaps`;
const of = (query: string): string => `${maps}?labelSelector=set%3Dlisted&${query}`;
const listed = { labels: { set: 'listed' } };

/** Lists in pages and by selector; watches from a version on. */
export const LISTS: readonly Case[] = [
  ...['l1', 'l2', 'l3'].map((name) => post(`list: ${name}`, maps, configMap(name, undefined, listed))),
  get('list: all', of('')),
  get('list: first page', of('limit=2'), { keep: { next: 'metadata.continue' } }),
  get('list: second page', of('limit=2&continue=$next')),
  get('list: a bad token', of('limit=2&continue=nonsense'), { reasonOnly: true }),
  get('list: from the cache', of('resourceVersion=0')),
  get('list: a version that is none', of('resourceVersion=abc'), { reasonOnly: true }),
  get('list: a match without a version', of('resourceVersionMatch=Exact'), { reasonOnly: true }),
  get('list: a negative limit', of('limit=-1'), { reasonOnly: true }),
  get('list: by name', `${maps}?fieldSelector=metadata.name%3Dl2`),
  get('list: not by name', `${of('')}&fieldSelector=metadata.name!%3Dl2`),
  get('list: by a field nobody selects by', `${core}/pods?fieldSelector=spec.odd%3D1`),
  get('list: a bad selector', `${maps}?labelSelector=a%3D%3D%3Db`, { reasonOnly: true }),
  get('list: a set', `${maps}?labelSelector=set%20in%20(listed),!other`),
  get('list: metadata only', of(''), {
    headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' },
  }),
  get('watch: from here', of(''), { keep: { from: 'metadata.resourceVersion' } }),
  post('watch: one more', maps, configMap('l4', { a: '1' }, listed)),
  patch('watch: changed', 'merge', `${maps}/l4`, { data: { a: '2' } }),
  patch('watch: leaves the selector', 'merge', `${maps}/l4`, { metadata: { labels: { set: null } } }),
  remove('watch: gone', `${maps}/l3`, undefined, { reasonOnly: true }),
  get('watch: what was missed', of('watch=1&resourceVersion=$from&timeoutSeconds=1')),
  get(
    'watch: everything, then a bookmark',
    of('watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1'),
  ),
  get('watch: a version long gone', of('watch=1&resourceVersion=1&timeoutSeconds=1'), { reasonOnly: true }),
  get('watch: initial events without a match', of('watch=1&sendInitialEvents=true&timeoutSeconds=1'), {
    reasonOnly: true,
  }),
  remove('list: all of a selector', of(''), undefined, { reasonOnly: true }),
  get('list: none left', of('')),
];
