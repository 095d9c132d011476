import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { deployment, listenOn, namespace, networkPolicy, podSpec, service } from '../../lab/testing/objects.ts';
import { startTestLab, type TestLab } from '../../lab/testing/test-lab.ts';
import { at, records, text } from '../../model/json.ts';
import { listAll, must } from '../objects.ts';
import { podsOf } from '../faults/targets/pod-target.ts';
import { storedIntents } from '../journal/cluster-journal.ts';

/** What faults of the tests aim at. */
export const WEB = { namespace: 'app', pods: { matchLabels: { app: 'web' } } };
export const CLIENT = { namespace: 'app', pods: { matchLabels: { app: 'client' } } };
export const AGENT = { namespace: 'kube-system', daemonSet: 'policy-agent' };

/** Claims of the application below: its isolation, and that it works. */
const CLAIMS = [
  {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'Claim',
    metadata: { name: 'isolated', namespace: 'app' },
    spec: {
      reach: {
        from: { pods: { matchLabels: { app: 'stranger' } } },
        to: { pods: { matchLabels: { app: 'web' } }, ports: [{ port: 8080 }] },
        expect: 'denied',
      },
    },
  },
  {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'Claim',
    metadata: { name: 'works', namespace: 'app' },
    spec: {
      steadyState: {
        probe: {
          connect: { host: 'web.app.svc.cluster.local', port: 80, from: { pods: { matchLabels: { app: 'client' } } } },
        },
        tolerance: { within: '1s' },
        window: '2s',
      },
    },
  },
];

/** A server with two replicas, one client that may reach it, and a stranger that may not. */
async function deployApp(lab: TestLab): Promise<void> {
  const limits = { memory: '128Mi', cpu: '500m' };
  await lab.create(
    namespace('app'),
    networkPolicy('app', 'web', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }],
    }),
    service('app', 'web', { ports: [{ port: 80, targetPort: 8080 }] }),
    deployment('app', 'web', 2, {
      ...podSpec({ command: listenOn(8080), readinessProbe: { tcpSocket: { port: 8080 } }, resources: { limits } }),
    }),
    deployment('app', 'client', 1, podSpec()),
    deployment('app', 'stranger', 1, podSpec()),
  );
  await appIsWhole(lab);
}

/** Waits until every pod runs and packets go as the policy says: from the client to each server, and not from the stranger. */
export async function appIsWhole(lab: TestLab): Promise<void> {
  const deadline = Date.now() + WHOLE_WITHIN_MS;
  for (;;) {
    const pods = await lab.allPodsReady(['app', 'kube-system']);
    const of = (app: string) => pods.filter(({ metadata }) => metadata.labels?.['app'] === app);
    const ways = of('web').flatMap((web) =>
      [...of('client'), ...of('stranger')].map(async ({ metadata }) => {
        const to = `${text(at(web, 'status', 'podIP'))}:8080`;
        const command = ['seaworthy-probe', 'connect', '--to', to, '--timeout', '1000'];
        const asked = await lab.client.exec({ namespace: 'app', pod: metadata.name }, command);
        const wanted = metadata.labels?.['app'] === 'client' ? 'connected' : 'timeout';
        return asked.kind === 'exited' && asked.stdout.includes(`"outcome":"${wanted}"`);
      }),
    );
    const right = await Promise.all(ways);
    if (right.length === 4 && right.every(Boolean)) return;
    if (Date.now() > deadline) throw new Error('the application did not become whole');
    await delay(100);
  }
}

const WHOLE_WITHIN_MS = 60_000;

/** A directory of experiments and claims, and the state of their runs. */
export interface Desk {
  readonly directory: string;
  readonly state: string;
  /** Writes an experiment and gives the arguments that name it. */
  write(name: string, spec: object): readonly string[];
  clear(): void;
}

function openDesk(): Desk {
  const directory = mkdtempSync(join(tmpdir(), 'experiments-'));
  const state = join(directory, 'state');
  mkdirSync(state);
  writeFileSync(join(directory, 'claims.yaml'), CLAIMS.map((claim) => stringify(claim)).join('---\n'));
  return {
    directory,
    state,
    write(name, spec) {
      const file = join(directory, `${name}.yaml`);
      const document = { apiVersion: 'seaworthy.dev/v1alpha1', kind: 'Experiment', metadata: { name }, spec };
      writeFileSync(file, stringify(document));
      return ['-f', file, '--claims', join(directory, 'claims.yaml')];
    },
    clear: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A lab with the application in it, and a desk; `env` is what commands that are run on them are given. */
export interface AppLab {
  readonly lab: TestLab;
  readonly desk: Desk;
  readonly env: Readonly<Record<string, string | undefined>>;
  stop(): Promise<void>;
}

export async function startAppLab(): Promise<AppLab> {
  const lab = await startTestLab({ nodes: 2, dualStack: true });
  const desk = openDesk();
  const stop = async (): Promise<void> => {
    desk.clear();
    await lab.stop();
  };
  try {
    await deployApp(lab);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { lab, desk, env: { ...lab.env, SEAWORTHY_STATE: desk.state, NO_COLOR: '1' }, stop };
}

const OURS = 'app.kubernetes.io/managed-by=seaworthy';

/** What a fault leaves on an object that it changes. */
const MARKS = /seaworthy\.dev\/(injection|run|nowhere|power)/;

/** Everything in the cluster that is ours or bears our mark, one line each; empty is clean. */
export async function traces({ client }: TestLab): Promise<readonly string[]> {
  const found: string[] = [];
  const intents = must(await storedIntents(client), 'list intents');
  found.push(...intents.map(({ ref }) => `intent ${ref.name}`));
  for (const [apiVersion, kind] of [
    ['v1', 'ConfigMap'],
    ['v1', 'Pod'],
    ['batch/v1', 'Job'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
  ] as const) {
    const ours = must(await listAll(client, apiVersion, kind, { labelSelector: OURS }), `list ${kind}`);
    found.push(...ours.map(({ metadata }) => `${kind} ${metadata.name}`));
  }
  for (const [apiVersion, kind] of [
    ['v1', 'Node'],
    ['apps/v1', 'DaemonSet'],
    ['networking.k8s.io/v1', 'NetworkPolicy'],
  ] as const) {
    const all = must(await listAll(client, apiVersion, kind), `list ${kind}`);
    found.push(
      ...all
        .filter(({ metadata, spec }) => MARKS.test(JSON.stringify([metadata.annotations, spec])))
        .map(({ metadata }) => `mark on ${kind} ${metadata.name}`),
      ...all
        .filter((object) => at(object, 'spec', 'unschedulable') === true)
        .map(({ metadata }) => `${metadata.name} is cordoned`),
    );
  }
  return [...found, ...(await tables(client)), ...(await processes(client))];
}

/** Waits until nothing of ours is left; what asks in pods ends when it gets to run. Throws what stays. */
export async function nothingLeft(lab: TestLab): Promise<void> {
  const deadline = Date.now() + GONE_WITHIN_MS;
  for (;;) {
    const left = await traces(lab);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`left behind: ${left.join(', ')}`);
    await delay(100);
  }
}

const GONE_WITHIN_MS = 30_000;

/** Packet-filter tables of nodes that are not the lab's own. */
async function tables(client: TestLab['client']): Promise<readonly string[]> {
  const agents = must(
    await podsOf(client, { namespace: 'kube-system', pods: { matchLabels: { app: 'policy-agent' } } }),
    'list agents',
  );
  // An agent that is just starting can't be asked yet; the next look, when everything is ready, asks it.
  const ready = agents.filter((agent) =>
    records(at(agent, 'status', 'conditions')).some(([, one]) => one['type'] === 'Ready' && one['status'] === 'True'),
  );
  const seen = await Promise.all(
    ready.map(async ({ metadata }) => {
      const listed = await client.exec({ namespace: 'kube-system', pod: metadata.name }, ['nft', 'list', 'tables']);
      return listed.kind === 'exited' ? listed.stdout.split('\n') : [`${metadata.name}: ${JSON.stringify(listed)}`];
    }),
  );
  return seen.flat().filter((line) => line.trim() !== '' && !/ seaworthy_(services|policy)$/.test(line));
}

/** What a process of ours in a container has in its command line: what starves it, and what is asked from it. */
const OURS_RUNS = /seaworthy-hog|agent\/probe\.ts batch/;

/** Processes of ours in the pods of the application. */
async function processes(client: TestLab['client']): Promise<readonly string[]> {
  const pods = must(await listAll(client, 'v1', 'Pod', { namespace: 'app' }), 'list pods');
  const list = 'for p in /proc/[0-9]*/cmdline; do tr "\\0" " " <$p; echo; done 2>/dev/null; true';
  const seen = await Promise.all(
    pods
      .filter(
        ({ metadata, ...rest }) =>
          metadata.deletionTimestamp === undefined && at(rest, 'status', 'phase') === 'Running',
      )
      .map(async ({ metadata }) => {
        const listed = await client.exec({ namespace: 'app', pod: metadata.name }, ['sh', '-c', list]);
        return listed.kind === 'exited' ? listed.stdout.split('\n').filter((line) => OURS_RUNS.test(line)) : [];
      }),
  );
  return seen.flat().map((line) => `process ${line}`);
}
