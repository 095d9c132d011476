import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { at } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { isReady } from '../../model/pods.ts';
import type { LocalClient } from '../api/local-client.ts';
import { startTestServer, type TestServer } from '../api/testing/connect.ts';
import { KIND } from './controller.ts';
import { startControllers } from './index.ts';
import { ownedBy } from './pods.ts';

let server: TestServer;
let client: LocalClient;
let stop: () => void;

beforeEach(async () => {
  server = await startTestServer();
  client = server.api.client('kubernetes-admin', ['system:masters']);
  const stopControllers = startControllers(server.api);
  // Nodes whose pods are ready at once and gone when told to.
  const nodes = setInterval(() => {
    for (const pod of client.list(KIND.pod)) {
      const { namespace, name } = pod.metadata;
      if (pod.metadata.deletionTimestamp !== undefined)
        client.delete(KIND.pod, namespace, name, { gracePeriodSeconds: 0 });
      else if (at(pod, 'spec', 'nodeName') && at(pod, 'status', 'phase') === 'Pending') {
        const status = { phase: 'Running', podIP: '10.244.0.9', conditions: [{ type: 'Ready', status: 'True' }] };
        client.patch(KIND.pod, namespace, name, { status }, 'status');
      }
    }
  }, 10);
  stop = () => {
    clearInterval(nodes);
    stopControllers();
  };
  for (const name of ['n1', 'n2']) {
    client.create({ ...KIND.node, metadata: { name } });
    client.patch(KIND.node, undefined, name, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, 'status');
  }
  await eventually(() => client.get(KIND.serviceAccount, 'default', 'default') !== undefined);
});
afterEach(async () => {
  stop();
  await server.api.close();
});

const labels = { app: 'web' };

function deployment(image: string): KubernetesObject {
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: 80 }] }] },
  };
  return {
    ...KIND.deployment,
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 4, selector: { matchLabels: labels }, template },
  };
}

const pods = (): readonly KubernetesObject[] => client.list(KIND.pod, 'default');
const readyPods = (): number =>
  pods().filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;

async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_500; tries++) {
    if (holds()) return;
    await delay(10);
  }
  expect(holds()).toBe(true);
}

test('a Deployment makes ready pods, spread over the nodes', async () => {
  client.create(deployment('web:1'));
  await eventually(() => readyPods() === 4);
  const on = (node: string): number => pods().filter((pod) => at(pod, 'spec', 'nodeName') === node).length;
  expect([on('n1'), on('n2')]).toEqual([2, 2]);
  await eventually(() => at(client.get(KIND.deployment, 'default', 'web'), 'status', 'availableReplicas') === 4);
});

test('a rollout never has fewer ready pods than maxUnavailable leaves, and ends with the new image alone', async () => {
  client.create(deployment('web:1'));
  await eventually(() => readyPods() === 4);
  let fewest = 4;
  const unfollow = client.follow(KIND.pod, () => {
    fewest = Math.min(fewest, readyPods());
  });
  const { spec } = deployment('web:2');
  client.patch(KIND.deployment, 'default', 'web', { spec });
  await eventually(
    () =>
      pods().length === 4 &&
      pods().every((pod) => at(pod, 'spec', 'containers', 0, 'image') === 'web:2') &&
      readyPods() === 4,
  );
  unfollow();
  expect(fewest).toBeGreaterThanOrEqual(3);
  expect(client.list(KIND.replicaSet)).toHaveLength(2);
});

test('a Service has the ready pods as endpoints, by the name of their port', async () => {
  client.create(deployment('web:1'));
  client.create({
    ...KIND.service,
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: labels, ports: [{ port: 8000, targetPort: 'http' }] },
  });
  const slice = (): KubernetesObject | undefined => client.get(KIND.endpointSlice, 'default', 'web-lab');
  await eventually(() => (at(slice(), 'endpoints') as readonly unknown[] | undefined)?.length === 4);
  expect(at(slice(), 'ports', 0, 'port')).toBe(80);
});

test('what an owner leaves behind goes with it', async () => {
  client.create(deployment('web:1'));
  await eventually(() => readyPods() === 4);
  client.delete(KIND.deployment, 'default', 'web');
  await eventually(() => pods().length === 0 && client.list(KIND.replicaSet).length === 0);
});

test('a namespace goes with everything in it', async () => {
  client.create({ ...KIND.namespace, metadata: { name: 'team' } });
  await eventually(() => client.get(KIND.serviceAccount, 'team', 'default') !== undefined);
  client.delete(KIND.namespace, undefined, 'team');
  await eventually(() => client.get(KIND.namespace, undefined, 'team') === undefined);
  expect(client.list(KIND.serviceAccount, 'team')).toHaveLength(0);
});

test('aggregated roles are filled', async () => {
  await eventually(() => {
    const view = client.get(KIND.clusterRole, undefined, 'view');
    return JSON.stringify(view?.['rules'] ?? '').includes('configmaps');
  });
});

test('a pod nobody has room for says so; a StatefulSet names its pods', async () => {
  const spec = { nodeSelector: { disk: 'none' }, containers: [{ name: 'c', image: 'x' }] };
  client.create({ ...KIND.pod, metadata: { name: 'lost', namespace: 'default' }, spec });
  await eventually(
    () => at(client.get(KIND.pod, 'default', 'lost'), 'status', 'conditions', 0, 'reason') === 'Unschedulable',
  );
  const set = deployment('db:1');
  client.create({
    ...set,
    ...KIND.statefulSet,
    metadata: { name: 'db', namespace: 'default' },
    spec: { ...(set['spec'] as object), replicas: 2, serviceName: 'db' },
  });
  const owner = (): KubernetesObject => client.get(KIND.statefulSet, 'default', 'db') as KubernetesObject;
  await eventually(
    () =>
      ownedBy(owner(), pods())
        .filter(isReady)
        .map((pod) => pod.metadata.name)
        .join() === 'db-0,db-1',
  );
});
