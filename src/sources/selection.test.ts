import { describe, expect, test } from 'vitest';
import { snapshotOfYaml } from '../testing/snapshot-of-yaml.ts';
import { parseSelection, select } from './selection.ts';

const SNAPSHOT = await snapshotOfYaml(`
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web, tier: front } }
spec: { nodeName: n1, containers: [] }
---
apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db } }
spec: { nodeName: n2, containers: [] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: old, namespace: shop, labels: { legacy: 'yes' } }
spec: { template: { spec: { containers: [] } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: all, namespace: shop }
spec: { podSelector: {} }
`);

function left(selector: string, fieldSelector = ''): string {
  const selection = parseSelection({ selector, fieldSelector });
  const snapshot = selection ? select(SNAPSHOT, selection) : SNAPSHOT;
  const workloads = ['Pod', 'Deployment.apps'].flatMap((kind) => snapshot.list(kind));
  expect(snapshot.list('NetworkPolicy.networking.k8s.io')).toHaveLength(1);
  return workloads.map(({ object }) => object.metadata.name).join(' ');
}

describe('-l and --field-selector as kubectl takes them', () => {
  test.each([
    ['', '', 'web db old'],
    ['app=web', '', 'web'],
    ['app==web', '', 'web'],
    ['app', '', 'web db'],
    ['!app', '', 'old'],
    ['app!=web', '', 'db old'],
    ['app in (web, db),tier', '', 'web'],
    ['app notin (web)', '', 'db old'],
    ['app in (web,db), !tier', '', 'db'],
    ['', 'spec.nodeName=n1', 'web'],
    ['', 'spec.nodeName!=n1,metadata.name=db', 'db'],
    ['app', 'metadata.namespace=shop', 'web db'],
    ['app=nobody', '', ''],
  ])('%s %s: %s', (selector, fieldSelector, names) => {
    expect(left(selector, fieldSelector)).toBe(names);
  });

  test.each(['a in (', 'a b', 'a=b=c', 'a in x', '-bad-=x', 'a=b!'])('-l %s is refused', (selector) => {
    expect(() => parseSelection({ selector })).toThrow(expect.objectContaining({ code: 'SW_SELECTOR_INVALID' }));
  });
  test.each(['nodeName', '=x', 'spec.nodeName>n1'])('--field-selector %s is refused', (fieldSelector) => {
    expect(() => parseSelection({ fieldSelector })).toThrow(expect.objectContaining({ code: 'SW_SELECTOR_INVALID' }));
  });
});

test('what is left out is a gap of its kind; what is all there is not', () => {
  const selection = parseSelection({ selector: 'app' });
  const { gaps } = select(SNAPSHOT, selection!).coverage;
  expect(gaps.filter(({ reason }) => reason === 'unreadable')).toEqual([
    {
      kind: 'Deployment.apps',
      reason: 'unreadable',
      detail: "1 Deployment.apps object that -l 'app' does not mean was left out",
      remedy: 'Leave the selector out.',
    },
  ]);
});
