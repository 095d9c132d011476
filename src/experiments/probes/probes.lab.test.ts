import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseClaims } from '../../claims/read-claims.ts';
import type { Claim } from '../../claims/claim.ts';
import { createFacts } from '../../claims/facts.ts';
import { deployment, listenOn, namespace, networkPolicy, podSpec, service } from '../../lab/testing/objects.ts';
import { startTestLab, type TestLab } from '../../lab/testing/test-lab.ts';
import { openStranger } from '../../lab/strangers.ts';
import { API_PORT, IPV4, IPV6, supervisorAddress } from '../../lab/network/addresses.ts';
import { labPaths } from '../../lab/state.ts';
import { text, at as dig } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { readCluster } from '../../sources/live.ts';
import { createSession, type Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { connect } from './connect.ts';
import { converse } from './conversations/conversation.ts';
import { shellLines } from './conversations/shell-lines.ts';
import { dns } from './dns.ts';
import { dryRunCreate } from './dry-run-create.ts';
import { probeFor } from './for-claims.ts';
import { http } from './http.ts';
import { mayI } from './may-i.ts';
import { createOutside, type Outside } from './outside.ts';
import { runsAs } from './runs-as.ts';

let lab: TestLab;
let session: Session;
let outside: Outside;
let pods: readonly KubernetesObject[];

const named = (name: string): KubernetesObject => {
  const found = pods.find(({ metadata }) => metadata.name.startsWith(`${name}-`));
  if (!found) throw new Error(`no pod of ${name}`);
  return found;
};
const from = (name: string): { namespace: string; pod: string } => ({ namespace: 'p', pod: named(name).metadata.name });
const address = (name: string): string => text(dig(named(name), 'status', 'podIP')) ?? '';

function onlyClaim(written: string): Claim {
  const [claim] = parseClaims(written, 'claim.yaml');
  if (!claim) throw new Error('no claim');
  return claim;
}

beforeAll(async () => {
  lab = await startTestLab({ dualStack: true });
  const resources = { limits: { memory: '128Mi', cpu: '500m' } };
  await lab.create(
    namespace('p'),
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    },
    networkPolicy('p', 'server', {
      podSelector: { matchLabels: { app: 'server' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }],
    }),
    networkPolicy('p', 'isolated', { podSelector: { matchLabels: { app: 'isolated' } }, policyTypes: ['Egress'] }),
    service('p', 'server', { ports: [{ port: 80, targetPort: 8080 }] }),
    service('p', 'web', {
      type: 'NodePort',
      ipFamilyPolicy: 'PreferDualStack',
      ports: [{ port: 80, targetPort: 8080 }],
    }),
    deployment('p', 'server', 1, podSpec({ command: listenOn(8080), ports: [{ containerPort: 8080 }], resources })),
    deployment('p', 'web', 1, {
      containers: [
        {
          name: 'web',
          image: 'seaworthy.dev/shop/web:1',
          env: [
            { name: 'SERVICE', value: 'web' },
            { name: 'PORT', value: '8080' },
          ],
        },
      ],
    }),
    ...['client', 'stranger', 'isolated'].map((name) => deployment('p', name, 1, podSpec({ resources }))),
    // Its first process collects no orphans.
    deployment('p', 'still', 1, podSpec({ command: ['sleep', '100000'], resources })),
    deployment(
      'p',
      'modest',
      1,
      podSpec({
        securityContext: {
          runAsUser: 10_001,
          runAsGroup: 10_002,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      }),
    ),
  );
  pods = await lab.allPodsReady(['p']);
  await lab.enforced();
  const read = () => readCluster(lab.client, { now: () => new Date() });
  outside = outsideOfLab(lab);
  session = createSession({
    cluster: lab.client,
    clock: systemClock,
    snapshot: await read(),
    reread: read,
    signal: new AbortController().signal,
    seed: 1,
    ttlMs: 60_000,
    outside,
  });
});
afterAll(async () => {
  await outside.hangUp();
  await lab.stop();
});

describe('connect', () => {
  const way = (source: string, port: number, protocol: 'tcp' | 'udp', expected: 'connected' | 'blocked') =>
    connect.run(
      {
        from: from(source),
        host: address('server'),
        port,
        protocol,
        expect: expected,
        timeoutMs: expected === 'connected' ? 20_000 : 1_500,
      },
      session.world,
    );

  test.each(['tcp', 'udp'] as const)('%s: who is let in connects, who is not gets no answer', async (protocol) => {
    expect(await way('client', 8080, protocol, 'connected')).toMatchObject({ ok: true, outcome: 'connected' });
    expect(await way('stranger', 8080, protocol, 'blocked')).toMatchObject({
      ok: true,
      outcome: 'timeout',
      data: { control: 'connected' },
    });
  });

  test('a port where nobody listens is refused: neither open nor blocked', async () => {
    expect(await way('client', 8081, 'tcp', 'blocked')).toMatchObject({ ok: 'unknown', outcome: 'refused' });
  });

  test('from a pod that may reach nothing at all, silence proves nothing', async () => {
    expect(await way('isolated', 8080, 'tcp', 'blocked')).toMatchObject({
      ok: 'unknown',
      outcome: 'timeout',
      data: { control: 'failed' },
    });
  });
});

test('http: a service that answers, and one that is not there', async () => {
  const ask = (path: string) =>
    http.run({ from: from('client'), url: `http://${address('web')}:${path}`, timeoutMs: 20_000 }, session.world);
  expect(await ask('8080/healthz')).toMatchObject({ ok: true, outcome: 'HTTP 200' });
  expect(await ask('8081/')).toMatchObject({ ok: false, outcome: 'refused' });
});

test('dns: a name of the cluster, and one that is none', async () => {
  const ask = (name: string) => dns.run({ from: from('client'), name, timeoutMs: 20_000 }, session.world);
  expect(await ask('server.p.svc.cluster.local')).toMatchObject({ ok: true, outcome: 'answered' });
  expect(await ask('nobody.p.svc.cluster.local')).toMatchObject({ ok: false, outcome: 'noSuchName' });
});

test('may-i: an administrator may, a service account without roles may not', async () => {
  const ask = (user: string, groups: string[]) =>
    mayI.run(
      {
        as: { user, groups },
        verb: 'get',
        group: '',
        resource: 'secrets',
        subresource: '',
        name: '',
        namespace: 'p',
        expect: 'denied',
      },
      session.world,
    );
  expect(await ask('somebody', ['system:masters'])).toMatchObject({ ok: false, outcome: 'allowed' });
  expect(await ask('system:serviceaccount:p:default', ['system:serviceaccounts'])).toMatchObject({
    ok: true,
    outcome: 'denied',
  });
});

test('dry-run-create: admission answers, an ill-formed object is no answer, and nothing is kept', async () => {
  const pod = (securityContext: object, name = 'tried'): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image: 'seaworthy.dev/toolbox:1', securityContext }] },
  });
  const send = (object: KubernetesObject) =>
    dryRunCreate.run({ object, namespace: 'strict', expect: 'denied' }, session.world);
  expect(await send(pod({ privileged: true }))).toMatchObject({ ok: true, outcome: 'denied' });
  expect(await send(pod({}))).toMatchObject({ ok: false, outcome: 'allowed' });
  const kept = await lab.client.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'strict', name: 'tried' });
  expect(kept.kind).toBe('missing');
});

test('runs-as: the live process is who its manifest says', async () => {
  const seen = await runsAs.run({ from: from('modest') }, session.world);
  expect(seen).toMatchObject({ ok: true, outcome: 'as promised', data: { uid: 10_001, gid: 10_002 } });
});

describe('reach claims, as connections', () => {
  const claimOf = (source: string, expected: string): Claim =>
    onlyClaim(
      `apiVersion: seaworthy.dev/v1alpha1
kind: Claim
metadata: { name: c, namespace: p }
spec:
  reach:
    from: { pods: { matchLabels: { app: ${source} } } }
    to: { pods: { matchLabels: { app: server } }, ports: [{ port: 8080 }] }
    expect: ${expected}`,
    );
  const look = (source: string, expected: string) => probeFor(claimOf(source, expected), session.world).sample();
  /** A look gives a connection one second; on a machine that does much else the next one may be luckier. */
  const comesTo = async (source: string, expected: string, verdict: string): Promise<void> => {
    const patience = { timeout: 60_000, interval: 100 };
    await expect.poll(async () => (await look(source, expected)).verdict, patience).toBe(verdict);
  };

  test('allowed and denied', async () => {
    await comesTo('client', 'allowed', 'holds');
    await comesTo('client', 'denied', 'violated');
    await comesTo('stranger', 'denied', 'holds');
    await comesTo('stranger', 'allowed', 'violated');
  });

  test('a way that is closed over IPv4 and open over IPv6 is not closed', async () => {
    const six = networkPolicy('p', 'six', {
      podSelector: { matchLabels: { app: 'server' } },
      ingress: [{ from: [{ ipBlock: { cidr: 'fd00::/8' } }] }],
    });
    await lab.create(six);
    try {
      await lab.enforced();
      const says = async (): Promise<string> => {
        const { verdict, because } = await look('stranger', 'denied');
        return `${verdict}: ${because.map((reason) => reason.says).join('; ')}`;
      };
      // Over IPv4 nothing is wrong, so nothing is said of it.
      const wanted = /^violated: [^;]*:8080\/TCP over IPv6: connected$/;
      await expect.poll(says, { timeout: 60_000, interval: 100 }).toMatch(wanted);
    } finally {
      await lab.client.delete({ ...six, namespace: 'p', name: 'six' });
      await lab.enforced();
    }
  });

  test('the one stranger that has no control leaves "nobody else" open, and is named', async () => {
    await comesTo('client', 'only', 'unknown');
    const { because } = await look('client', 'only');
    const says = because.map((reason) => reason.says);
    expect(says[0]).toMatch(/^tried: \d+ of \d+ connections are as the claim says; what could not be/);
    expect(says.find((line) => line.includes(from('isolated').pod))).toMatch(/no control connected either/);
  });

  test('a stranger that gets in violates both "only" and "at most", and comes first', async () => {
    for (const expected of ['only', 'atMost']) {
      await comesTo('stranger', expected, 'violated');
      const { because } = await look('stranger', expected);
      expect(because[0]?.says).toContain(`${from('client').pod} to`);
      expect(because[0]?.says).toMatch(/: connected$/);
    }
  });
});

test('steadyState: a named client that can not resolve the name can not use the service; nor can one that gets no answer', async () => {
  const look = async (url: string): Promise<string> => {
    const claim = onlyClaim(
      `apiVersion: seaworthy.dev/v1alpha1
kind: Claim
metadata: { name: works, namespace: p }
spec:
  severity: high
  steadyState:
    probe: { http: { from: { pods: { matchLabels: { app: client } } }, url: '${url}' } }
    tolerance: { within: 10s }`,
    );
    return (await probeFor(claim, session.world).sample()).verdict;
  };
  expect(await look(`http://${address('web')}:8080/`)).toBe('holds');
  expect(await look('http://nowhere.p/')).toBe('violated');
  expect(await look(`http://${address('web')}:8081/`)).toBe('violated');
});

test('a shell that was asked many things leaves nothing in the container, not even the dead', async () => {
  const place = from('still');
  const processes = async (): Promise<number> => {
    const count = 'n=0; for p in /proc/[0-9]*; do n=$((n+1)); done; echo $n';
    const listed = await lab.client.exec(place, ['sh', '-c', count], { timeoutMs: 60_000 });
    return listed.kind === 'exited' ? Number(listed.stdout) : Number.NaN;
  };
  await session.world.prober.hangUp();
  const before = await processes();
  const opened = await converse(await lab.client.openExec(place, shellLines.command), shellLines, {
    helloWithinMs: 60_000,
    now: () => new Date(),
  });
  if (!('ask' in opened)) throw new Error(opened.because);
  const commands = [['sh', '-c', 'echo out; echo err >&2; exit 3'], ['cat', '/proc/self/status'], ['no-such-program']];
  const answers = await opened.ask(
    commands.flatMap((question) => Array.from({ length: 10 }, () => ({ question, withinMs: 60_000 }))),
  );
  expect(answers.map((one) => one.kind === 'answer' && one.answer.code)).toEqual(
    [3, 0, 127].flatMap((code) => Array.from({ length: 10 }, () => code)),
  );
  // One that still runs when the input ends is waited for.
  void opened.ask([{ question: ['sleep', '1'], withinMs: 60_000 }]);
  await opened.end();
  await expect.poll(processes, { timeout: 60_000, interval: 200 }).toBe(before);
});

describe('strangers: addresses outside the cluster, and nodes', () => {
  const look = async (from: string, to: string, expected: string): Promise<string> => {
    const [claim] = parseClaims(
      `apiVersion: seaworthy.dev/v1alpha1
kind: Claim
metadata: { name: c, namespace: p }
spec: { reach: { from: ${from}, to: { pods: { matchLabels: { app: ${to} } }, ports: [{ port: 8080 }] }, expect: ${expected} } }`,
      'claim.yaml',
    );
    if (!claim) throw new Error('no claim');
    const { verdict, because } = await probeFor(claim, session.world).sample();
    return `${verdict}: ${because.map(({ says }) => says).join('; ')}`;
  };
  const comesTo = async (from: string, to: string, expected: string, verdict: RegExp): Promise<void> => {
    await expect.poll(() => look(from, to, expected), { timeout: 60_000, interval: 100 }).toMatch(verdict);
  };

  test('somebody outside comes in through a node port, and finds no pod by its own address', async () => {
    await comesTo('{ internet: true }', 'web', 'denied', /^violated: .*Service p\/web \(node port\): connected/);
    await comesTo('{ internet: true }', 'web', 'allowed', /^holds/);
    await comesTo('{ cidr: 198.51.100.0/24 }', 'web', 'denied', /^violated: 198\.51\.100\.1 \(outside\)/);
    await comesTo('{ cidr: "2001:db8:77::/64" }', 'web', 'denied', /^violated: 2001:db8:77::1 \(outside\)/);
    await comesTo('{ internet: true }', 'server', 'denied', /^holds: tried: .*its own address: no answer/);
    await comesTo('{ internet: true }', 'server', 'allowed', /^unknown: .*no Service or host port leads/);
  });

  test('a policy that lets one network in keeps the rest of the world out of a node port', async () => {
    const open = { from: [{ ipBlock: { cidr: '198.51.100.0/24' } }] };
    const policy = networkPolicy('p', 'web-only', { podSelector: { matchLabels: { app: 'web' } }, ingress: [open] });
    await lab.create(policy);
    await lab.enforced();
    const before = session;
    try {
      const read = await readCluster(lab.client, { now: () => new Date() });
      session = { ...before, world: { ...before.world, snapshot: read, facts: createFacts(read) } };
      await comesTo('{ cidr: 198.51.100.0/24 }', 'web', 'denied', /^violated: 198\.51\.100\.1 \(outside\)/);
      await comesTo('{ cidr: 203.0.113.0/24 }', 'web', 'denied', /^holds/);
      await comesTo('{ cidr: "2001:db8:77::/64" }', 'web', 'denied', /^holds/);
    } finally {
      session = before;
      await lab.client.delete({ ...policy, namespace: 'p', name: 'web-only' });
      await lab.enforced();
    }
  });

  test('nodes are asked through the pods on their network; the own node of a pod does not count', async () => {
    await comesTo('{ nodes: true }', 'web', 'allowed', /^holds/);
    await comesTo('{ nodes: true }', 'web', 'denied', /^violated: node worker-\d to Deployment p\/web/);
    await comesTo('{ nodes: true }', 'server', 'denied', /^holds: .*the node a pod runs on always gets in/);
  });
});

function outsideOfLab({ env }: TestLab): Outside {
  return createOutside({
    open: () => openStranger(labPaths(env).outsideSocket),
    controls: [IPV4, IPV6].map((network) => ({
      kind: 'connect',
      host: supervisorAddress(network),
      port: API_PORT,
      timeoutMs: 1_000,
    })),
    cluster: [IPV4, IPV6].flatMap(({ nodes, pods }) => [nodes, pods]),
    now: () => new Date(),
  });
}
