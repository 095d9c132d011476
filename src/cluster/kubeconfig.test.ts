import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findConnection, type Connection, type ConnectionChoice } from './kubeconfig.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const find = (choice: ConnectionChoice = {}, env = {}): Connection =>
  findConnection(choice, { HOME: home, ...env }, home);

const cluster = (name: string, more = ''): string =>
  `- name: ${name}\n  cluster: {server: "https://${name}.example:6443/"${more}}\n`;

function config(name: string, user = 'token: secret', more = ''): string {
  return [
    'apiVersion: v1\nkind: Config\n',
    `current-context: ${name}\n`,
    `contexts:\n- name: ${name}\n  context: {cluster: ${name}, user: ${name}, namespace: shop}\n`,
    `clusters:\n${cluster(name, more)}`,
    `users:\n- name: ${name}\n  user: {${user}}\n`,
  ].join('');
}

describe('which cluster', () => {
  test('the current context of the file named', () => {
    writeFileSync(join(home, 'k'), config('prod'));
    expect(find({ kubeconfig: 'k' })).toMatchObject({
      context: 'prod',
      server: 'https://prod.example:6443',
      namespace: 'shop',
      credential: { kind: 'token', token: 'secret' },
    });
  });

  test('the home directory, when nothing is named', () => {
    mkdirSync(join(home, '.kube'));
    writeFileSync(join(home, '.kube/config'), config('home'));
    expect(find().context).toBe('home');
  });

  test('files of KUBECONFIG are merged: the first to name something wins, missing ones are skipped', () => {
    writeFileSync(join(home, 'a'), config('one', 'token: first'));
    writeFileSync(join(home, 'b'), config('two') + cluster('ignored').replace(/^/, '# '));
    writeFileSync(join(home, 'c'), config('one', 'token: later'));
    const env = { KUBECONFIG: 'gone:a:b:c' };
    expect(find({}, env)).toMatchObject({ context: 'one', credential: { token: 'first' } });
    expect(find({ context: 'two' }, env).server).toBe('https://two.example:6443');
    expect(find({ cluster: 'two', user: 'one' }, env)).toMatchObject({
      server: 'https://two.example:6443',
      credential: { token: 'first' },
    });
  });

  test('one that is not there is said, with those that are', () => {
    writeFileSync(join(home, 'k'), config('prod'));
    for (const choice of [{ context: 'x' }, { cluster: 'x' }, { user: 'x' }]) {
      expect(() => find({ kubeconfig: 'k', ...choice })).toThrow(
        expect.objectContaining({ code: 'SW_CONTEXT_NOT_FOUND', exit: 4, hint: expect.stringContaining('prod') }),
      );
    }
  });
});

describe('how to be recognised', () => {
  const credentialOf = (user: string): unknown => {
    writeFileSync(join(home, 'k'), config('c', user));
    return find({ kubeconfig: 'k' }).credential;
  };

  test('token files are relative to the kubeconfig', () => {
    expect(credentialOf('tokenFile: secrets/token')).toEqual({ kind: 'tokenFile', path: join(home, 'secrets/token') });
  });

  test('a plugin, a password, nothing', () => {
    expect(credentialOf('exec: {command: login, args: [a], env: [{name: X, value: "1"}]}')).toMatchObject({
      kind: 'exec',
      plugin: { command: 'login', args: ['a'], env: { X: '1' } },
    });
    expect(credentialOf('username: u, password: p')).toEqual({ kind: 'basic', username: 'u', password: 'p' });
    expect(credentialOf('')).toEqual({ kind: 'none' });
  });

  test('certificates come from the file itself before the one it names', () => {
    writeFileSync(join(home, 'cert.pem'), 'from file');
    const inline = Buffer.from('inline').toString('base64');
    writeFileSync(
      join(home, 'k'),
      config('c', `client-certificate: cert.pem, client-key-data: ${inline}, client-key: none.pem`),
    );
    const { cert, key } = find({ kubeconfig: 'k' }).tls;
    expect([String(cert), String(key)]).toEqual(['from file', 'inline']);
  });

  test('a provider that Kubernetes removed is refused', () => {
    expect(() => credentialOf('auth-provider: {name: gcp}')).toThrow(
      expect.objectContaining({ code: 'SW_AUTH_PROVIDER_UNSUPPORTED', exit: 4 }),
    );
  });

  test('impersonation written in the kubeconfig', () => {
    writeFileSync(join(home, 'k'), config('c', 'as: jane, as-groups: [dev]'));
    expect(find({ kubeconfig: 'k' }).impersonate).toEqual({ user: 'jane', groups: ['dev'] });
  });
});

describe('files that are no kubeconfig', () => {
  test.each([
    ['broken YAML', 'a: b: c'],
    ['a list', '- a'],
    ['a server that is no URL', config('c').replace(/https:[^"]*/, 'not a url')],
    ['a certificate that is not there', config('c', 'client-certificate: none.pem')],
  ])('%s', (_, content) => {
    writeFileSync(join(home, 'k'), content);
    expect(() => find({ kubeconfig: 'k' })).toThrow(
      expect.objectContaining({ code: 'SW_KUBECONFIG_INVALID', exit: 4 }),
    );
  });

  test('nothing at all', () => {
    expect(() => find()).toThrow(expect.objectContaining({ code: 'SW_KUBECONFIG_NOT_FOUND', exit: 4 }));
  });
});
