import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readManifests } from '../../../sources/manifests.ts';
import { analyseAttack } from '../index.ts';
import { parseNode } from '../nodes.ts';
import { openScenes } from '../graph/scenes.ts';
import { cutsIn, scenesWith, withChanges } from './cuts.ts';
import { fixPaths } from './fix-set.ts';
import { endsOf, findPath, type Found } from './left.ts';

const MANIFESTS = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { automountServiceAccountToken: false, containers: [{ name: c, image: i }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: db, namespace: shop }
spec:
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      automountServiceAccountToken: false
      containers: [{ name: c, image: 'r.io/db:1', securityContext: { privileged: true }, ports: [{ containerPort: 5432 }] }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: node-tool, namespace: shop }
spec:
  selector: { matchLabels: { app: tool } }
  template:
    metadata: { labels: { app: tool } }
    spec: { hostPID: true, automountServiceAccountToken: false, containers: [{ name: c, image: i, securityContext: { privileged: true } }] }
---
apiVersion: aquasecurity.github.io/v1alpha1
kind: VulnerabilityReport
metadata: { name: db, namespace: shop, labels: { trivy-operator.resource.name: db } }
report:
  registry: { server: r.io }
  artifact: { repository: db, tag: '1' }
  vulnerabilities:
    - { vulnerabilityID: CVE-1, severity: CRITICAL, resource: lib, fixedVersion: 1.2.3, cvss: { nvd: { V3Vector: 'AV:N/PR:N/UI:N' } } }
`;

async function cutsOfPath(from: string, to: string) {
  const snapshot = await readManifests(['-'], { stdin: Readable.from([MANIFESTS]) });
  const scenes = openScenes(snapshot);
  const pair = { from: parseNode(from), to: parseNode(to) };
  const { proof, scene } = findPath(scenes, [pair], () => false) as Found;
  const cutsOf = cutsIn(scenes, scene);
  const cuts = [...new Map(proof.flatMap(cutsOf).map((change) => [change.id, change])).values()];
  const leads = (changed: typeof snapshot): boolean | 'unknown' =>
    analyseAttack(changed).path(pair.from, pair.to).goal.reachable;
  return { snapshot, scenes, pair, cuts, leads };
}

test('a hole is closed by another release, a connection by a policy, an escape by a user namespace', async () => {
  const { cuts } = await cutsOfPath('Shell:shop/web', 'Root');
  expect(cuts.map(({ says }) => says)).toEqual(
    expect.arrayContaining([
      'make NetworkPolicy shop/db-not-from-web: all pods but those with app=web reach Deployment shop/db',
      'update r.io/db:1 of container c in Deployment shop/db to a release with CVE-1 closed (lib 1.2.3)',
      'set hostUsers to false in Deployment shop/db: root in its containers is nobody on the node',
    ]),
  );
});

test('every change that is offered takes the path away by itself, in the facts anew as from those before', async () => {
  const { snapshot, scenes, pair, cuts, leads } = await cutsOfPath('Shell:shop/web', 'Root');
  for (const change of cuts) {
    expect([change.says, leads(withChanges(snapshot, [change]))]).toEqual([change.says, false]);
    const after = scenesWith(scenes, [change]);
    expect(findPath(after, [pair], () => false)).toBeUndefined();
    expect(endsOf(pair, after.sceneFor()).footholds.length).toBeGreaterThan(0);
  }
});

test('a pod that shares a namespace with its node can have no user namespace', async () => {
  const { cuts } = await cutsOfPath('Shell:shop/node-tool', 'Root');
  expect(cuts.filter(({ field }) => field.endsWith('hostUsers'))).toEqual([]);
});

test('what is printed of a change is all of it', async () => {
  const manifests = `
apiVersion: v1
kind: Service
metadata: { name: inside, namespace: shop }
spec: { selector: { app: web }, externalIPs: [203.0.113.7], ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: outside, namespace: shop }
spec: { type: LoadBalancer, selector: { app: api }, externalIPs: [203.0.113.8], ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: c, image: i, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: api, namespace: shop, labels: { app: api } }
spec:
  serviceAccountName: strong
  containers: [{ name: c, image: i, ports: [{ containerPort: 80 }], volumeMounts: [{ name: t, mountPath: /t }] }]
  volumes: [{ name: t, projected: { sources: [{ configMap: { name: m } }, { serviceAccountToken: { path: token } }] } }]
`;
  const snapshot = await readManifests(['-'], { stdin: Readable.from([manifests]) });
  const fix = (from: string, to: string) =>
    fixPaths(snapshot, { pairs: [{ from: parseNode(from), to: parseNode(to) }] }).fix.changes.map(
      ({ field, action, value, also }) => ({
        field,
        action,
        value,
        also,
      }),
    );
  const outside = { field: 'spec.externalIPs', action: 'remove' };
  expect(fix('Internet', 'Reach:shop/web:80')).toEqual([outside]);
  expect(fix('Internet', 'Reach:shop/api:80')).toEqual([
    { field: 'spec.type', action: 'set', value: 'ClusterIP', also: [outside] },
  ]);
  expect(fix('Shell:shop/api', 'Token:shop/strong')).toEqual([
    {
      field: 'spec.automountServiceAccountToken',
      action: 'set',
      value: false,
      also: [{ field: 'spec.volumes[0].projected.sources', action: 'set', value: [{ configMap: { name: 'm' } }] }],
    },
  ]);
});
