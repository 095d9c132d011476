import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen, type Listener } from './listen.ts';
import { capabilityNames } from '../model/capabilities.ts';

const PROGRAM = fileURLToPath(new URL('./probe.ts', import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly err: string;
}

/** Runs the program as a pod would and gives what it printed, parsed. */
async function probe(args: readonly string[], stdin = ''): Promise<Ran> {
  const child = spawn(process.execPath, [PROGRAM, ...args]);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(stdin);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    code,
    lines: out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    err,
  };
}

let echo: Listener;
let closedPort: number;
beforeAll(async () => {
  echo = await listen(0, '127.0.0.1');
  const taken = createTcpServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  closedPort = (taken.address() as AddressInfo).port;
  await new Promise((resolve) => taken.close(resolve));
});
afterAll(() => echo.close());

describe('connect', () => {
  test.each(['tcp', 'udp'])('%s to a listener is connected', async (protocol) => {
    const { lines } = await probe(['connect', '--to', `127.0.0.1:${echo.port}`, '--protocol', protocol]);
    expect(lines).toMatchObject([
      { outcome: 'connected', detail: protocol === 'udp' ? 'echo' : 'handshake', peer: `127.0.0.1:${echo.port}` },
    ]);
  });

  test.each(['tcp', 'udp'])('%s to a closed port is refused', async (protocol) => {
    const { lines } = await probe(['connect', '--to', `127.0.0.1:${closedPort}`, '--protocol', protocol]);
    expect(lines).toMatchObject([{ outcome: 'refused', detail: 'ECONNREFUSED' }]);
  });

  test('a name that does not exist is an error of the probe, not an answer about the target', async () => {
    const { lines } = await probe(['connect', '--to', 'nobody.invalid:80', '--timeout', '3000']);
    expect(lines[0]!['outcome']).toBe('probeError');
  });

  test('count repeats, and one success is a connection', async () => {
    const { lines } = await probe(['connect', '--to', `127.0.0.1:${echo.port}`, '--count', '3']);
    expect(lines[0]).toMatchObject({ outcome: 'connected' });
    expect(lines[0]!['attempts']).toHaveLength(3);
  });

  test('a target without a port is wrong usage', async () => {
    const { code, err, lines } = await probe(['connect', '--to', 'localhost']);
    expect({ code, lines }).toEqual({ code: 2, lines: [] });
    expect(err).toContain('usage:');
  });
});

test('http gives the status and the beginning of the body', async () => {
  const server = createServer((_, response) => response.writeHead(503).end('store is away'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { lines } = await probe(['http', `http://127.0.0.1:${port}/checkout`]);
  server.close();
  expect(lines).toMatchObject([{ outcome: 'connected', status: 503, body: 'store is away' }]);
});

test('whoami reads the kernel, not the environment', async () => {
  const { lines } = await probe(['whoami']);
  expect(lines[0]).toMatchObject({ kind: 'whoami', uid: userInfo().uid, gid: userInfo().gid });
});

test('capability masks are read bit by bit', () => {
  expect(capabilityNames('0000000000002001')).toEqual(['CAP_CHOWN', 'CAP_NET_RAW']);
  expect(capabilityNames('000001ffffffffff')).toHaveLength(41);
});

describe('batch', () => {
  test('answers every line under its own id, bad ones too', async () => {
    const requests = [
      { id: 'open', kind: 'connect', host: '127.0.0.1', port: echo.port },
      { id: 'shut', kind: 'connect', host: '127.0.0.1', port: closedPort },
      { id: 'odd', kind: 'connect', host: '127.0.0.1', port: 0 },
      { kind: 'whoami' },
    ];
    const stdin = `${requests.map((request) => JSON.stringify(request)).join('\n')}\nnot json\n`;
    const { lines } = await probe(['batch'], stdin);
    const outcome = new Map(lines.map((line) => [String(line['id']), line['outcome'] ?? line['kind']]));
    expect(Object.fromEntries(outcome)).toEqual({
      open: 'connected',
      shut: 'refused',
      odd: 'probeError',
      3: 'whoami',
      4: 'probeError',
    });
  });

  test('one run serves hundreds of cells', async () => {
    const cells = Array.from({ length: 200 }, (_, id) =>
      JSON.stringify({ id, kind: 'connect', host: '127.0.0.1', port: echo.port, protocol: id % 2 ? 'udp' : 'tcp' }),
    );
    const { lines } = await probe(['batch'], cells.join('\n'));
    expect(lines).toHaveLength(200);
    expect(new Set(lines.map((line) => line['outcome']))).toEqual(new Set(['connected']));
  });
});
