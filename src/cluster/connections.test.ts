import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as dial, type AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificates } from '../lab/api/authn/certificates.ts';
import { connect } from './connect.ts';
import { authenticator } from './credentials.ts';
import { findConnection } from './kubeconfig.ts';
import { startLabServer, type LabServer } from './testing/lab-server.ts';
import type { ClusterClient } from './types.ts';

/** Ways from a kubeconfig to the lab's API server: trust, names, proxies and proofs of who we are, over real sockets. */
let lab: LabServer;
let home: string;

beforeAll(async () => {
  lab = await startLabServer();
  home = mkdtempSync(join(tmpdir(), 'connections-'));
});
afterAll(async () => {
  await lab.close();
  rmSync(home, { recursive: true, force: true });
});

const base64 = (content: string): string => Buffer.from(content).toString('base64');

/** What `whoAmI` says through a kubeconfig with these fields of its cluster and user. */
async function ask<T>(
  cluster: object,
  user: object = { token: lab.api.adminToken },
  use: (client: ClusterClient) => Promise<T> = async (client) => (await client.whoAmI()) as T,
): Promise<T> {
  const file = join(home, 'kubeconfig');
  const server = `https://127.0.0.1:${lab.proxy.port}`;
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(file, JSON.stringify(config));
  const client = connect({ kubeconfig: file }, {}, home);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const trusted = () => ({ 'certificate-authority-data': base64(lab.api.ca) });
const ADMIN = { kind: 'ok', value: { user: 'kubernetes-admin' } };

describe('trust', () => {
  test('in the authority of the kubeconfig', async () => {
    expect(await ask(trusted())).toMatchObject(ADMIN);
  });

  test('in no other', async () => {
    const other = createCertificates(['127.0.0.1'], new Date()).ca;
    await expect(ask({ 'certificate-authority-data': base64(other) })).rejects.toMatchObject({
      code: 'SW_TLS_UNTRUSTED',
      exit: 4,
      hint: expect.stringContaining('certificate authority') as string,
    });
    await expect(ask({})).rejects.toMatchObject({ code: 'SW_TLS_UNTRUSTED' });
  });

  test('is not asked for with insecure-skip-tls-verify', async () => {
    expect(await ask({ 'insecure-skip-tls-verify': true })).toMatchObject(ADMIN);
  });

  test('is in the name of tls-server-name, when there is one', async () => {
    expect(await ask({ ...trusted(), 'tls-server-name': 'kubernetes.default' })).toMatchObject(ADMIN);
    await expect(ask({ ...trusted(), 'tls-server-name': 'elsewhere.example' })).rejects.toMatchObject({
      code: 'SW_TLS_UNTRUSTED',
      message: expect.stringContaining('elsewhere.example') as string,
    });
  });
});

describe('a proxy', () => {
  let proxy: Server;
  let tunnels: string[];
  beforeAll(async () => {
    tunnels = [];
    proxy = createHttpServer((_, response) => void response.writeHead(405).end());
    proxy.on('connect', (request, near) => {
      tunnels.push(request.url ?? '');
      const far = dial(lab.proxy.port, '127.0.0.1', () => {
        near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        far.pipe(near).pipe(far);
      });
      far.on('error', () => near.destroy());
      near.on('error', () => far.destroy());
    });
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  });
  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  test('of the kubeconfig carries requests and commands in pods', async () => {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'shell', namespace: 'shop' },
      spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'i' }] },
    };
    const ran = await ask({ ...trusted(), 'proxy-url': url }, { token: lab.api.adminToken }, async (client) => {
      await client.create(pod);
      return client.exec({ namespace: 'shop', pod: 'shell' }, ['echo', 'hello']);
    });
    expect(ran).toMatchObject({ kind: 'exited', stdout: 'hello\n' });
    expect(tunnels.length).toBeGreaterThanOrEqual(2);
  });

  test('that is not there, or speaks no HTTP', async () => {
    await expect(ask({ ...trusted(), 'proxy-url': 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'SW_API_UNREACHABLE',
    });
    await expect(ask({ ...trusted(), 'proxy-url': 'socks5://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'SW_PROXY_UNSUPPORTED',
    });
  });
});

describe('proofs of who we are', () => {
  test('a token in a file beside the kubeconfig', async () => {
    writeFileSync(join(home, 'token'), `${lab.api.adminToken}\n`);
    expect(await ask(trusted(), { tokenFile: 'token' })).toMatchObject(ADMIN);
  });

  test('a token that nobody knows', async () => {
    await expect(ask(trusted(), { token: 'stale' })).rejects.toMatchObject({ code: 'SW_UNAUTHORIZED', exit: 4 });
  });

  test('a token file is read again every minute, and at once after a refusal', async () => {
    const path = join(home, 'rotated');
    let now = 0;
    const proofs = authenticator({ kind: 'tokenFile', path }, () => now);
    writeFileSync(path, 'one');
    expect(await proofs.prove()).toEqual({ authorization: 'Bearer one' });
    writeFileSync(path, 'two');
    now = 59_000;
    expect(await proofs.prove()).toEqual({ authorization: 'Bearer one' });
    now = 61_000;
    expect(await proofs.prove()).toEqual({ authorization: 'Bearer two' });
    writeFileSync(path, 'three');
    expect(proofs.forget()).toBe(true);
    expect(await proofs.prove()).toEqual({ authorization: 'Bearer three' });
  });

  test('a plugin beside the kubeconfig, told what cluster it is for', async () => {
    const status = `{"status":{"token":"${lab.api.adminToken}"}}`;
    const script = `#!/bin/sh\ncase "$KUBERNETES_EXEC_INFO" in *'"server":"https://127.0.0.1'*) echo '${status}';; esac\n`;
    mkdirSync(join(home, 'plugins'), { recursive: true });
    writeFileSync(join(home, 'plugins', 'login'), script, { mode: 0o700 });
    const exec = {
      command: './plugins/login',
      apiVersion: 'client.authentication.k8s.io/v1',
      provideClusterInfo: true,
    };
    expect(await ask(trusted(), { exec })).toMatchObject(ADMIN);
  });

  test('a client certificate is shown to the server', async () => {
    const { ca, serving } = createCertificates(['127.0.0.1'], new Date());
    let shown: unknown;
    const options = { cert: serving.certificate, key: serving.key, ca, requestCert: true, rejectUnauthorized: false };
    const server = createHttpsServer(options, (request, response) => {
      shown = (request.socket as TLSSocket).getPeerCertificate().subject;
      response.end('{"gitVersion":"v1.36.0"}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const user = { 'client-certificate-data': base64(serving.certificate), 'client-key-data': base64(serving.key) };
    const cluster = { server: address, 'certificate-authority-data': base64(ca) };
    expect(await ask(cluster, user, (client) => client.version())).toEqual({ major: 1, minor: 36 });
    expect(shown).toMatchObject({ CN: 'kube-apiserver' });
    server.closeAllConnections();
    server.close();
  });

  test('the service account of the pod we run in', () => {
    const account = join(home, 'serviceaccount');
    mkdirSync(account, { recursive: true });
    for (const [name, content] of Object.entries({ token: 't', 'ca.crt': 'PEM', namespace: 'shop\n' })) {
      writeFileSync(join(account, name), content);
    }
    const env = { HOME: home, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(findConnection({}, env, home, account)).toMatchObject({
      context: 'in-cluster',
      server: 'https://[fd00::1]:443',
      namespace: 'shop',
      credential: { kind: 'tokenFile', path: join(account, 'token') },
    });
    // Whoever names a kubeconfig or a context means that one.
    expect(() => findConnection({ context: 'prod' }, env, home, account)).toThrow('there is no kubeconfig');
  });
});
