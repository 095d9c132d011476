import { expect, test } from 'vitest';
import { parseNode } from '../../../analysis/attack/nodes.ts';
import { provePaths } from '../../../analysis/attack/index.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { createSnapshot } from '../../../model/snapshot.ts';
import { thisMachine } from '../testing/this-machine.ts';
import { lookAtHops } from './look-at-hop.ts';

const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'shop' } };
const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'host' } };

/** The node's root file system, mounted through a claim. */
const through: readonly KubernetesObject[] = [
  { ...claim, spec: { volumeName: 'host', accessModes: ['ReadWriteOnce'] }, status: { phase: 'Bound' } },
  { ...volume, spec: { hostPath: { path: '/' }, claimRef: { namespace: 'shop', name: 'data' } } },
];

function pod(spec: object): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u' },
    spec: { nodeName: 'n1', ...spec },
    status: { phase: 'Running', podIP: '10.0.0.7' },
  };
}

const mounts = pod({
  containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/host' }] }],
  volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
});
const privileged = pod({ containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }] });
const harmless = pod({ containers: [{ name: 'c', image: 'i' }] });

const SHELL_TO_ROOT = { from: parseNode('Shell:shop/web'), to: parseNode('Root') };

async function proven(read: readonly KubernetesObject[], running: KubernetesObject, pair = SHELL_TO_ROOT) {
  const source = { kind: 'cluster', description: 'test' } as const;
  const snapshot = createSnapshot({ source, resources: read.map((object) => ({ object })) });
  const { at } = thisMachine({ path: '/nonexistent', probe: false, objects: [running] });
  return provePaths(snapshot, [pair], lookAtHops(at, snapshot));
}

test('a hop that rests on the pod and on other objects is asked again with all of them', async () => {
  const { paths, hops } = await proven([mounts, ...through], mounts);
  expect(hops).toMatchObject([{ verdict: 'proven', seen: [{ check: 'pod' }] }]);
  expect(paths).toMatchObject([{ verdict: 'proven' }]);
});

test('a pod that runs otherwise than was read refutes the hop', async () => {
  const { paths, hops } = await proven([privileged], harmless);
  expect(hops).toMatchObject([
    { kind: 'B1', verdict: 'refuted' },
    { kind: 'B1', verdict: 'refuted' },
  ]);
  expect(paths).toMatchObject([{ verdict: 'refuted', hops: [] }]);
});

test('a pod that mounts another Secret than the path says refutes the hop', async () => {
  const withSecret = (secretName: string): KubernetesObject =>
    pod({
      containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/s' }] }],
      volumes: [{ name: 'v', secret: { secretName } }],
    });
  const pair = { from: parseNode('Shell:shop/web'), to: parseNode('Secret:shop/key') };
  expect((await proven([withSecret('key')], withSecret('key'), pair)).paths).toMatchObject([{ verdict: 'proven' }]);
  expect((await proven([withSecret('key')], withSecret('other'), pair)).paths).toMatchObject([{ verdict: 'refuted' }]);
});

test('a program that is open as it was read is seen open where it runs so, and refuted where it runs otherwise', async () => {
  const daemon = (value: string): KubernetesObject =>
    pod({ containers: [{ name: 'c', image: 'docker:24-dind', env: [{ name: 'DOCKER_TLS_CERTDIR', value }] }] });
  const pair = { from: parseNode('Reach:shop/web:2375'), to: parseNode('Code:shop/web/c') };
  const asRead = await proven([daemon('')], daemon(''), pair);
  expect(asRead.hops).toMatchObject([{ kind: 'A3', verdict: 'proven', seen: [{ check: 'pod' }] }]);
  const otherwise = await proven([daemon('')], daemon('/certs'), pair);
  expect(otherwise.paths).toMatchObject([{ verdict: 'refuted' }]);
});

test('a pod that is gone proves nothing', async () => {
  const { paths } = await proven([privileged], { ...privileged, status: { phase: 'Succeeded' } });
  expect(paths).toMatchObject([{ verdict: 'unknown' }]);
});

test.each([
  ['sha256:aa', 'registry/web@sha256:aa', 'proven'],
  ['sha256:aa', 'registry/web@sha256:bb', 'unknown'],
  [undefined, 'registry/web@sha256:bb', 'proven'],
])('a report about %s where %s runs: %s', async (digest, imageID, verdict) => {
  const running = {
    ...pod({ containers: [{ name: 'c', image: 'registry/web:1', ports: [{ containerPort: 80 }] }] }),
    status: {
      phase: 'Running',
      podIP: '10.0.0.7',
      containerStatuses: [{ name: 'c', image: 'registry/web:1', imageID }],
    },
  };
  const report = {
    apiVersion: 'aquasecurity.github.io/v1alpha1',
    kind: 'VulnerabilityReport',
    metadata: {
      name: 'pod-web',
      namespace: 'shop',
      labels: {
        'trivy-operator.resource.kind': 'Pod',
        'trivy-operator.resource.name': 'web',
        'trivy-operator.container.name': 'c',
      },
    },
    report: {
      artifact: { repository: 'web', tag: '1', ...(digest === undefined ? {} : { digest }) },
      registry: { server: 'registry' },
      vulnerabilities: [
        {
          vulnerabilityID: 'CVE-2021-44228',
          severity: 'CRITICAL',
          cvss: { nvd: { V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H' } },
        },
      ],
    },
  };
  const pair = { from: parseNode('Reach:shop/web:80'), to: parseNode('Code:shop/web/c') };
  const { hops } = await proven([running, report], running, pair);
  expect(hops).toMatchObject([{ kind: 'A2', verdict }]);
});
