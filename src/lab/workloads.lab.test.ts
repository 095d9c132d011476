import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, number, records, text } from '../model/json.ts';
import { isReady } from '../model/pods.ts';
import { deployment, listenOn, namespace, pod, podSpec, service } from './testing/objects.ts';
import { startTestLab, type TestLab } from './testing/test-lab.ts';

const NS = 'work';
let lab: TestLab;
beforeAll(async () => {
  lab = await startTestLab();
  await lab.create(namespace(NS));
});
afterAll(() => lab?.stop());

const podPath = (name: string): string => `/api/v1/namespaces/${NS}/pods/${name}`;
const containerState = (body: unknown): unknown => at(body, 'status', 'containerStatuses', 0);
const waitingFor = (body: unknown): string | undefined => text(at(containerState(body), 'state', 'waiting', 'reason'));
const shell = async (name: string, script: string): Promise<unknown> =>
  lab.client.exec({ namespace: NS, pod: name }, ['sh', '-c', script], { timeoutMs: 60_000 });

test('exec gives both streams and the exit code, and reads its input', async () => {
  await lab.create(pod(NS, 'shell', podSpec()));
  await lab.until(podPath('shell'), isReady);
  expect(await shell('shell', 'echo out; echo err >&2; exit 3')).toEqual({
    kind: 'exited',
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  const sorted = await lab.client.exec({ namespace: NS, pod: 'shell' }, ['sort'], { stdin: 'b\na\n' });
  expect(sorted).toMatchObject({ code: 0, stdout: 'a\nb\n' });
  expect(await lab.client.exec({ namespace: NS, pod: 'shell' }, ['no-such-program'])).toMatchObject({ code: 127 });
});

test('logs: all, the tail, by time, and of the run before', async () => {
  const script =
    'if [ -e /data/ran ]; then echo second run; sleep 3600; fi; touch /data/ran; echo one; echo two; echo three';
  const spec = podSpec(
    { command: ['sh', '-c', script], volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    { volumes: [{ name: 'data', emptyDir: {} }] },
  );
  await lab.create(pod(NS, 'talker', spec));
  await lab.until(podPath('talker'), (body) => at(containerState(body), 'restartCount') === 1 && isReady(body));
  const log = async (query: string): Promise<unknown> => (await lab.api.get(`${podPath('talker')}/log?${query}`)).body;
  await lab.until(`${podPath('talker')}/log`, (body) => body === 'second run\n');
  expect(await log('previous=true')).toBe('one\ntwo\nthree\n');
  expect(await log('previous=true&tailLines=1')).toBe('three\n');
  expect(await log('previous=true&limitBytes=5')).toBe('one\nt');
  expect(await log('timestamps=true')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z second run\n$/);
  expect(await log('sinceTime=2999-01-01T00:00:00Z')).toBe('');
  expect(await log('sinceSeconds=3600')).toBe('second run\n');
});

test('a container that fails is restarted, later each time', async () => {
  await lab.create(pod(NS, 'failing', podSpec({ command: ['sh', '-c', 'exit 7'] })));
  const body = await lab.until(podPath('failing'), (found) => waitingFor(found) === 'CrashLoopBackOff');
  expect(at(containerState(body), 'restartCount')).toBe(1);
  expect(at(containerState(body), 'lastState', 'terminated', 'exitCode')).toBe(7);
  expect(isReady(body)).toBe(false);
});

test('an image the lab does not have is ErrImagePull, then ImagePullBackOff', async () => {
  await lab.create(pod(NS, 'foreign', podSpec({ image: 'docker.io/library/nginx:1.29' })));
  await lab.until(podPath('foreign'), (body) => waitingFor(body) === 'ErrImagePull');
  await lab.until(podPath('foreign'), (body) => waitingFor(body) === 'ImagePullBackOff');
});

test('only a ready pod is behind its Service', async () => {
  const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 };
  const slice = `/apis/discovery.k8s.io/v1/namespaces/${NS}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dmoody`;
  const behind = (body: unknown): number =>
    records(at(body, 'items', 0, 'endpoints')).filter(([, e]) => at(e, 'conditions', 'ready') === true).length;
  await lab.create(
    pod(NS, 'moody', podSpec({ command: listenOn(8080), readinessProbe })),
    service(NS, 'moody', { ports: [{ port: 8080 }] }),
  );
  await lab.until(podPath('moody'), (body) => at(body, 'status', 'phase') === 'Running');
  await lab.until(slice, (body) => records(at(body, 'items')).length === 1 && behind(body) === 0);
  await shell('moody', 'touch /tmp/ready');
  await lab.until(slice, (body) => behind(body) === 1);
  await shell('moody', 'rm /tmp/ready');
  await lab.until(slice, (body) => behind(body) === 0);
});

test('a rollout replaces pods without going below what must stay, and one that cannot start harms nobody', async () => {
  const path = `/apis/apps/v1/namespaces/${NS}/deployments/rolling`;
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NS, name: 'rolling' };
  const template = (change: object): object => ({
    spec: { template: { spec: { containers: [{ name: 'main', ...change }] } } },
  });
  const observed = (body: unknown): boolean =>
    at(body, 'status', 'observedGeneration') === at(body, 'metadata', 'generation');
  await lab.create(deployment(NS, 'rolling', 3, podSpec()));
  await lab.until(path, (body) => at(body, 'status', 'availableReplicas') === 3);
  await lab.client.patch(ref, 'strategic', template({ env: [{ name: 'VERSION', value: '2' }] }));
  let least = 3;
  await lab.until(path, (body) => {
    least = Math.min(least, number(at(body, 'status', 'availableReplicas')) ?? 0);
    return observed(body) && at(body, 'status', 'updatedReplicas') === 3 && at(body, 'status', 'replicas') === 3;
  });
  expect(least).toBe(3);
  await lab.client.patch(ref, 'strategic', template({ image: 'example.com/not/there:1' }));
  const pods = `/api/v1/namespaces/${NS}/pods?labelSelector=app%3Drolling`;
  await lab.until(pods, (body) => records(at(body, 'items')).some(([, one]) => waitingFor(one) === 'ErrImagePull'));
  expect(at((await lab.api.get(path)).body, 'status', 'availableReplicas')).toBe(3);
});

test('an eviction that a budget does not allow is refused with 429, and allowed again when it does', async () => {
  await lab.create(deployment(NS, 'guarded', 2, podSpec()), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'guarded', namespace: NS },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'guarded' } } },
  });
  const list = `/api/v1/namespaces/${NS}/pods?labelSelector=app%3Dguarded`;
  const budget = `/apis/policy/v1/namespaces/${NS}/poddisruptionbudgets/guarded`;
  const body = await lab.until(budget, (found) => at(found, 'status', 'currentHealthy') === 2);
  expect(at(body, 'status', 'disruptionsAllowed')).toBe(0);
  const name = text(at((await lab.api.get(list)).body, 'items', 0, 'metadata', 'name')) ?? '';
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NS } };
  const refused = await lab.api.send('POST', `${podPath(name)}/eviction`, eviction);
  expect(refused).toMatchObject({
    status: 429,
    body: { reason: 'TooManyRequests', details: { causes: [{ reason: 'DisruptionBudget' }] } },
  });
  await lab.api.mergePatch(budget, { spec: { minAvailable: 1 } });
  await lab.until(budget, (found) => at(found, 'status', 'disruptionsAllowed') === 1);
  expect(await lab.api.send('POST', `${podPath(name)}/eviction`, eviction)).toMatchObject({ status: 201 });
  await lab.until(podPath(name), (found) => at(found, 'code') === 404);
  await lab.until(budget, (found) => at(found, 'status', 'currentHealthy') === 2);
});

test('a lost node: found out, its pods made anew elsewhere, and back again', async () => {
  await lab.create(
    deployment(
      NS,
      'moving',
      3,
      podSpec(
        {},
        {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { app: 'moving' } },
            },
          ],
        },
      ),
    ),
  );
  const path = `/apis/apps/v1/namespaces/${NS}/deployments/moving`;
  const node = '/api/v1/nodes/worker-2';
  const power = (how: string | null): Promise<unknown> =>
    lab.api.mergePatch(node, { metadata: { annotations: { 'lab.seaworthy.dev/power': how } } });
  /** What its neighbours remember of the node: were it another one later, they would send to the old one for half a minute. */
  const ethernetAddress = async (): Promise<unknown> => {
    const agents = '/api/v1/namespaces/kube-system/pods?labelSelector=app%3Dpolicy-agent';
    const onNode = (body: unknown) =>
      records(at(body, 'items')).find(([, one]) => at(one, 'spec', 'nodeName') === 'worker-2' && isReady(one))?.[1];
    const agent = onNode(await lab.until(agents, (body) => onNode(body) !== undefined));
    const pod = { namespace: 'kube-system', pod: text(at(agent, 'metadata', 'name')) ?? '' };
    return lab.client.exec(pod, ['sh', '-c', "ip -o link show eth0 | grep -o 'link/ether [0-9a-f:]*'"]);
  };
  await lab.until(path, (body) => at(body, 'status', 'availableReplicas') === 3);
  const before = await ethernetAddress();
  await power('off');
  await lab.until(node, (body) => !isReady(body));
  await lab.until(`/api/v1/namespaces/${NS}/pods?labelSelector=app%3Dmoving`, (body) => {
    const running = records(at(body, 'items')).filter(([, one]) => isReady(one));
    return running.length === 3 && running.every(([, one]) => at(one, 'spec', 'nodeName') !== 'worker-2');
  });
  await power(null);
  await lab.until(node, isReady);
  await lab.until(node, (body) => at(body, 'spec', 'taints') === undefined);
  expect(before).toMatchObject({ stdout: expect.stringContaining('link/ether') });
  expect(await ethernetAddress()).toEqual(before);
});
