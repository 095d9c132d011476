import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen, type Listener } from '../../agent/listen.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { PROBE_CLIENTS } from './clients/index.ts';
import { connect, isClosed, type ConnectCell } from './connect.ts';
import { dns } from './dns.ts';
import { http } from './http.ts';
import { runsAs, brokenPromises } from './runs-as.ts';
import { thisMachine } from './testing/this-machine.ts';

/** A directory with these programs of the machine and no others. */
function directoryOf(...programs: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'seaworthy-programs-'));
  directories.push(directory);
  for (const program of programs) {
    const found = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((path) => join(path, program))
      .find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(directory, program));
  }
  return directory;
}

const directories: string[] = [];
const from = { namespace: 'shop', pod: 'web-1' };
let echo: Listener;
let web: { port: number; close(): void };
let closedPort = 0;
let silent: { port: number; close(): void };

beforeAll(async () => {
  echo = await listen(0, '127.0.0.1');
  const taken = await listen(0, '127.0.0.1');
  closedPort = taken.port;
  await taken.close();
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/broken' ? 503 : 200;
    response.end('orders: connect ECONNREFUSED');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  web = { port: (server.address() as AddressInfo).port, close: () => void server.close() };
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  silent = { port: socket.address().port, close: () => void socket.close() };
});
afterAll(async () => {
  await echo.close();
  web.close();
  silent.close();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

const slice = (port: number): KubernetesObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kube-dns-1', namespace: 'kube-system' },
  ports: [{ port, protocol: 'TCP' }],
  endpoints: [{ addresses: ['127.0.0.1'] }],
});

describe('connect', () => {
  const to = (port: number, protocol: 'tcp' | 'udp' = 'tcp', expected: 'connected' | 'blocked' = 'connected') => ({
    from,
    host: '127.0.0.1',
    port,
    protocol,
    expect: expected,
    timeoutMs: 300,
  });

  test.each(['tcp', 'udp'] as const)('%s: an echo is connected', async (protocol) => {
    const { at } = thisMachine({ path: '', probe: true });
    expect(await connect.run(to(echo.port, protocol), at)).toMatchObject({ ok: true, outcome: 'connected' });
    expect(await connect.run(to(echo.port, protocol, 'blocked'), at)).toMatchObject({ ok: false });
  });

  test.each(['tcp', 'udp'] as const)(
    '%s: nobody at home is refused, which shows neither open nor blocked',
    async (protocol) => {
      const { at } = thisMachine({ path: '', probe: true });
      for (const expected of ['connected', 'blocked'] as const)
        expect(await connect.run(to(closedPort, protocol, expected), at)).toMatchObject({
          ok: 'unknown',
          outcome: 'refused',
        });
    },
  );

  test('silence is blocked only beside a control that connected from the same container', async () => {
    const alone = thisMachine({ path: '', probe: true });
    expect(await connect.run(to(silent.port, 'udp', 'blocked'), alone.at)).toMatchObject({
      ok: 'unknown',
      outcome: 'timeout',
      data: { control: 'none' },
    });
    const failing = thisMachine({ path: '', probe: true, objects: [slice(closedPort)] });
    expect(await connect.run(to(silent.port, 'udp', 'blocked'), failing.at)).toMatchObject({
      ok: 'unknown',
      data: { control: 'failed' },
    });
    const paired = thisMachine({ path: '', probe: true, objects: [slice(echo.port)] });
    expect(await connect.run(to(silent.port, 'udp', 'blocked'), paired.at)).toMatchObject({
      ok: true,
      data: { control: 'connected', controlTarget: `127.0.0.1:${echo.port}` },
    });
  });

  test('a container with nothing to ask with is a probe error, never blocked', async () => {
    const { at } = thisMachine({ path: directoryOf(), probe: false, objects: [slice(echo.port)] });
    const seen = await connect.run(to(echo.port, 'tcp', 'blocked'), at);
    expect(seen).toMatchObject({ ok: 'unknown', outcome: 'probeError' });
    expect(seen.says).toMatch(/nothing in the container can be run as a probe/);
  });

  test('of the four outcomes only two settle whether a way is closed', () => {
    const cell = (outcome: ConnectCell['outcome'], control: ConnectCell['control']): ConnectCell => ({
      outcome,
      control,
      detail: '',
      at: '',
    });
    const all = (['connected', 'timeout', 'refused', 'probeError'] as const).flatMap((outcome) =>
      (['connected', 'failed', 'none'] as const).map((control) => [outcome, control, isClosed(cell(outcome, control))]),
    );
    expect(all.filter(([, , closed]) => closed !== 'unknown')).toEqual([
      ['connected', 'connected', false],
      ['connected', 'failed', false],
      ['connected', 'none', false],
      ['timeout', 'connected', true],
    ]);
  });
});

describe('every client a container may have', () => {
  const programs: Readonly<Record<string, readonly string[]>> = {
    python3: ['python3'],
    curl: ['curl'],
    nc: ['nc'],
    bash: ['bash', 'timeout'],
  };
  const installed = PROBE_CLIENTS.filter(({ program }) => {
    const directory = directoryOf(program);
    return existsSync(join(directory, program)) && programs[program] !== undefined;
  });

  test.each(installed.map(({ id, program }) => [id, program] as const))(
    '%s tells an open port from a closed one',
    async (id, program) => {
      const { at } = thisMachine({ path: directoryOf('sh', 'head', ...(programs[program] ?? [])), probe: false });
      // A shim of a version manager needs more than its own directory: such a machine has no such client.
      const open = await connect.run(
        { from, host: '127.0.0.1', port: web.port, protocol: 'tcp', expect: 'connected', timeoutMs: 2_000 },
        at,
      );
      if (open.outcome === 'probeError' && program === 'python3') return;
      expect(open).toMatchObject({ ok: true, outcome: 'connected', data: { via: id } });
      const closed = await connect.run(
        { from, host: '127.0.0.1', port: closedPort, protocol: 'tcp', expect: 'connected', timeoutMs: 2_000 },
        at,
      );
      expect(closed).toMatchObject({ ok: 'unknown', outcome: 'refused' });
    },
  );
});

describe('http', () => {
  const ask = (path: string, port = web.port) => ({ from, url: `http://127.0.0.1:${port}${path}`, timeoutMs: 2_000 });
  test('an answer below 400 is good, another one is not, and what was wanted can be said', async () => {
    const { at } = thisMachine({ path: '', probe: true });
    expect(await http.run(ask('/'), at)).toMatchObject({ ok: true, outcome: 'HTTP 200' });
    expect(await http.run(ask('/broken'), at)).toMatchObject({ ok: false, outcome: 'HTTP 503' });
    expect(await http.run({ ...ask('/broken'), status: [503] }, at)).toMatchObject({ ok: true });
  });
  test('nobody at home is a bad answer, and a container that can not ask is no answer', async () => {
    expect(await http.run(ask('/', closedPort), thisMachine({ path: '', probe: true }).at)).toMatchObject({
      ok: false,
      outcome: 'refused',
    });
    const { at } = thisMachine({ path: directoryOf(), probe: false });
    expect(await http.run(ask('/'), at)).toMatchObject({ ok: 'unknown', outcome: 'probeError' });
  });
});

test('dns: a container that can not ask is no answer', async () => {
  const { at } = thisMachine({ path: directoryOf(), probe: false });
  expect(await dns.run({ from, name: 'web.shop.svc.cluster.local', timeoutMs: 500 }, at)).toMatchObject({
    ok: 'unknown',
    outcome: 'probeError',
  });
});

describe('runs-as', () => {
  const pod = (securityContext: object): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'shop' },
    spec: { containers: [{ name: 'web', securityContext }] },
  });
  test.each([
    ['our own probe', { path: '', probe: true }],
    ['cat alone', { path: directoryOf('sh', 'cat', 'head'), probe: false }],
  ])('the live process beside its manifest, through %s', async (_name, machine) => {
    const uid = process.getuid?.() ?? 0;
    const kept = thisMachine({ ...machine, objects: [pod({ runAsUser: uid })] });
    expect(await runsAs.run({ from }, kept.at)).toMatchObject({ ok: true, outcome: 'as promised' });
    const broken = thisMachine({ ...machine, objects: [pod({ runAsUser: uid + 1 })] });
    const seen = await runsAs.run({ from }, broken.at);
    expect(seen).toMatchObject({ ok: false, outcome: 'differs' });
    expect(seen.says).toContain(`runAsUser ${uid + 1}, runs as ${uid}`);
  });
  test('what a manifest does not promise is not broken', () => {
    const is = {
      kind: 'whoami' as const,
      uid: 0,
      gid: 0,
      groups: [],
      noNewPrivileges: false,
      seccomp: 'disabled' as const,
      rootWritable: true,
      capabilities: { effective: ['CAP_NET_RAW'], permitted: [], bounding: ['CAP_NET_RAW'] },
    };
    expect(brokenPromises({}, {}, is)).toEqual([]);
    expect(brokenPromises({ runAsNonRoot: true }, { capabilities: { drop: ['ALL'] } }, is)).toEqual([
      'runAsNonRoot, runs as root',
      'dropped CAP_NET_RAW, still there',
    ]);
    expect(brokenPromises({ runAsUser: 1 }, { runAsUser: 0 }, is)).toEqual([]);
  });
});

test('questions are asked of one program that stays, look after look', async () => {
  const { at, started } = thisMachine({ path: '', probe: true });
  const question = { kind: 'connect', host: '127.0.0.1', port: echo.port, timeoutMs: 1_000 } as const;
  const other = { ...question, port: closedPort };
  await at.prober.ask(from, [question]);
  const before = started.length;
  const answers = await Promise.all([
    at.prober.ask(from, [question]),
    at.prober.ask(from, [other]),
    at.prober.ask(from, [question, other]),
  ]);
  expect(started).toHaveLength(before);
  expect(answers.map((asked) => asked.map(({ answer }) => 'outcome' in answer && answer.outcome))).toEqual([
    ['connected'],
    ['refused'],
    ['connected', 'refused'],
  ]);
  expect(await at.prober.ask(from, [])).toEqual([]);
  await at.prober.hangUp();
  await at.prober.ask(from, [question]);
  expect(started).toHaveLength(before + 1);
});
