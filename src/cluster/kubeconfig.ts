import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { SeaworthyError, systemReason } from '../model/errors.ts';
import { at, isRecord, record, records, strings, text, type JsonRecord } from '../model/json.ts';
import { readYaml } from '../text/yaml.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which cluster and user to take, as kubectl's flags say. */
export interface ConnectionChoice {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
}

/** A cluster and a way to authenticate to it. File contents are read; nothing has been tried yet. */
export interface Connection {
  readonly context: string;
  readonly server: string;
  readonly namespace: string;
  readonly tls: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
    readonly insecure: boolean;
  };
  readonly proxyUrl?: string;
  readonly credential: Credential;
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] };
}

/** How a kubeconfig says who asks. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  /** Read again every minute: projected tokens are rotated. */
  | { readonly kind: 'tokenFile'; readonly path: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'exec'; readonly plugin: ExecPlugin };

/** A credential plugin (client.authentication.k8s.io). */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string | undefined;
  /** Given to the plugin when it asks for it (`provideClusterInfo`). */
  readonly clusterInfo: JsonRecord | undefined;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the cluster to talk to as kubectl does: `--kubeconfig`, else the files of $KUBECONFIG merged, else
 * ~/.kube/config, else the cluster this process runs in.
 */
export function findConnection(
  choice: ConnectionChoice,
  env: Environment,
  cwd: string,
  serviceAccount: string = SERVICE_ACCOUNT,
): Connection {
  const paths = kubeconfigPaths(choice, env, cwd);
  const files = paths.filter((path) => existsSync(path));
  if (files.length === 0) {
    const inCluster =
      choice.kubeconfig === undefined && choice.context === undefined
        ? inClusterConnection(env, serviceAccount)
        : undefined;
    if (inCluster) return inCluster;
    throw new SeaworthyError('SW_KUBECONFIG_NOT_FOUND', `there is no kubeconfig: ${paths.join(', ')}`, {
      hint: 'Name one with --kubeconfig or KUBECONFIG, or read manifests with -f, or try the embedded cluster with --lab.',
      exit: 4,
    });
  }
  return chooseConnection(mergeKubeconfigs(files.map(readKubeconfig)), choice);
}

function kubeconfigPaths(choice: ConnectionChoice, env: Environment, cwd: string): readonly string[] {
  if (choice.kubeconfig !== undefined) return [resolve(cwd, choice.kubeconfig)];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return listed.map((path) => resolve(cwd, path));
  return [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

/** The parts of one or many kubeconfig files, by name; paths in them are absolute. */
interface Kubeconfig {
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, JsonRecord>;
  readonly clusters: ReadonlyMap<string, JsonRecord>;
  readonly users: ReadonlyMap<string, JsonRecord>;
}

function readKubeconfig(path: string): Kubeconfig {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(path, systemReason(cause), cause);
  }
  const reading = readYaml(content);
  if (reading.kind === 'broken') throw invalid(path, reading.problem.message);
  const config = reading.values[0] ?? {};
  if (!isRecord(config)) throw invalid(path, 'it is not a map');
  const base = dirname(path);
  return {
    currentContext: text(config['current-context']) || undefined,
    contexts: named(config, 'contexts', 'context', (entry) => entry),
    clusters: named(config, 'clusters', 'cluster', (entry) => absolute(entry, base, ['certificate-authority'])),
    users: named(config, 'users', 'user', (entry) => ({
      ...absolute(entry, base, ['client-certificate', 'client-key', 'tokenFile']),
      ...(isRecord(entry['exec']) ? { exec: absoluteProgram(entry['exec'], base) } : {}),
    })),
  };
}

function invalid(path: string, why: string, cause?: unknown): SeaworthyError {
  return new SeaworthyError('SW_KUBECONFIG_INVALID', `${path} can't be used as a kubeconfig: ${why}`, {
    hint: 'Check it with: kubectl config view --kubeconfig FILE',
    at: { file: path },
    exit: 4,
    ...(cause === undefined ? {} : { cause }),
  });
}

function named(
  config: JsonRecord,
  listKey: string,
  valueKey: string,
  convert: (entry: JsonRecord) => JsonRecord,
): ReadonlyMap<string, JsonRecord> {
  return new Map(
    records(config[listKey]).map(([, entry]) => [text(entry['name']) ?? '', convert(record(entry[valueKey]))] as const),
  );
}

function absolute(entry: JsonRecord, base: string, fields: readonly string[]): JsonRecord {
  const resolved = { ...entry };
  for (const field of fields) {
    const path = text(entry[field]);
    if (path !== undefined && path !== '') resolved[field] = resolve(base, path);
  }
  return resolved;
}

/** A plugin named with a path is beside the kubeconfig; a bare name is looked for on the PATH. */
function absoluteProgram(exec: JsonRecord, base: string): JsonRecord {
  const command = text(exec['command']) ?? '';
  return command.includes('/') ? { ...exec, command: resolve(base, command) } : exec;
}

/** The first file to name something wins, as with kubectl. */
function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merge = (pick: (config: Kubeconfig) => ReadonlyMap<string, JsonRecord>): ReadonlyMap<string, JsonRecord> =>
    new Map(configs.toReversed().flatMap((config) => [...pick(config)]));
  return {
    currentContext: configs.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    contexts: merge((config) => config.contexts),
    clusters: merge((config) => config.clusters),
    users: merge((config) => config.users),
  };
}

function chooseConnection(config: Kubeconfig, choice: ConnectionChoice): Connection {
  const name = choice.context ?? config.currentContext;
  const context = name === undefined ? undefined : config.contexts.get(name);
  if (!context && (choice.context !== undefined || choice.cluster === undefined)) {
    throw missing('context', name ?? '(no current-context is set)', config.contexts, '--context');
  }
  const clusterName = choice.cluster ?? text(context?.['cluster']) ?? '';
  const cluster = config.clusters.get(clusterName);
  if (!cluster) throw missing('cluster', clusterName, config.clusters, '--cluster');
  const userName = choice.user ?? text(context?.['user']) ?? '';
  const user = config.users.get(userName);
  if (!user && userName !== '') throw missing('user', userName, config.users, '--user');
  const server = (text(cluster['server']) ?? '').replace(/\/+$/, '');
  if (!URL.canParse(server))
    throw invalid(`cluster ${clusterName}`, `its server ${JSON.stringify(server)} is not a URL`);
  const impersonated = text(user?.['as']);
  const proxyUrl = text(cluster['proxy-url']);
  const servername = text(cluster['tls-server-name']);
  return {
    context: name ?? clusterName,
    server,
    namespace: text(context?.['namespace']) || 'default',
    tls: {
      ...material('ca', cluster, 'certificate-authority'),
      ...material('cert', record(user), 'client-certificate'),
      ...material('key', record(user), 'client-key'),
      ...(servername === undefined || servername === '' ? {} : { servername }),
      insecure: cluster['insecure-skip-tls-verify'] === true,
    },
    ...(proxyUrl === undefined || proxyUrl === '' ? {} : { proxyUrl }),
    credential: credentialOf(record(user), userName, cluster),
    ...(impersonated === undefined || impersonated === ''
      ? {}
      : { impersonate: { user: impersonated, groups: strings(user?.['as-groups']) } }),
  };
}

function missing(what: string, name: string, among: ReadonlyMap<string, unknown>, flag: string): SeaworthyError {
  const names = [...among.keys()].sort();
  return new SeaworthyError('SW_CONTEXT_NOT_FOUND', `the kubeconfig has no ${what} ${name}`, {
    hint: names.length === 0 ? `It holds no ${what} at all.` : `It has ${names.join(', ')}: choose one with ${flag}.`,
    exit: 4,
  });
}

/** Certificates and keys stand in the file (base64) or in a file beside it; the former wins. */
function material<K extends string>(key: K, entry: JsonRecord, field: string): { readonly [P in K]?: Buffer } {
  const data = text(entry[`${field}-data`]);
  const path = text(entry[field]);
  if (data !== undefined && data !== '') return { [key]: Buffer.from(data, 'base64') } as { [P in K]?: Buffer };
  if (path === undefined || path === '') return {};
  try {
    return { [key]: readFileSync(path) } as { [P in K]?: Buffer };
  } catch (cause) {
    throw invalid(path, systemReason(cause), cause);
  }
}

function credentialOf(user: JsonRecord, userName: string, cluster: JsonRecord): Credential {
  const token = text(user['token']);
  if (token !== undefined && token !== '') return { kind: 'token', token };
  const path = text(user['tokenFile']);
  if (path !== undefined && path !== '') return { kind: 'tokenFile', path };
  const exec = user['exec'];
  if (isRecord(exec)) return { kind: 'exec', plugin: execPlugin(exec, cluster) };
  const username = text(user['username']);
  if (username !== undefined && username !== '') {
    return { kind: 'basic', username, password: text(user['password']) ?? '' };
  }
  const provider = text(at(user, 'auth-provider', 'name'));
  if (provider === undefined) return { kind: 'none' };
  const idToken = text(at(user, 'auth-provider', 'config', 'id-token'));
  if (provider === 'oidc' && idToken !== undefined) return { kind: 'token', token: idToken };
  throw new SeaworthyError(
    'SW_AUTH_PROVIDER_UNSUPPORTED',
    `user ${userName} authenticates through the auth-provider ${provider}, which Kubernetes has removed`,
    { hint: 'Use the credential plugin (exec) of your provider, as kubectl 1.26 and newer needs too.', exit: 4 },
  );
}

function execPlugin(exec: JsonRecord, cluster: JsonRecord): ExecPlugin {
  return {
    apiVersion: text(exec['apiVersion']) ?? 'client.authentication.k8s.io/v1',
    command: text(exec['command']) ?? '',
    args: strings(exec['args']),
    env: Object.fromEntries(
      records(exec['env']).map(([, { name, value }]) => [text(name) ?? '', text(value) ?? ''] as const),
    ),
    installHint: text(exec['installHint']),
    clusterInfo:
      exec['provideClusterInfo'] === true
        ? {
            server: cluster['server'],
            'tls-server-name': cluster['tls-server-name'],
            'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
            'certificate-authority-data': material('ca', cluster, 'certificate-authority').ca?.toString('base64'),
            'proxy-url': cluster['proxy-url'],
          }
        : undefined,
  };
}

/** What the kubelet puts into every pod; undefined outside a cluster. */
function inClusterConnection(env: Environment, serviceAccount: string): Connection | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  const tokenFile = join(serviceAccount, 'token');
  if (host === undefined || port === undefined || !existsSync(tokenFile)) return undefined;
  return {
    context: 'in-cluster',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: readFileSync(join(serviceAccount, 'namespace'), 'utf8').trim(),
    tls: { ca: readFileSync(join(serviceAccount, 'ca.crt')), insecure: false },
    credential: { kind: 'tokenFile', path: tokenFile },
  };
}
