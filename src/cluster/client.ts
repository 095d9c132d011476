import { SeaworthyError } from '../model/errors.ts';
import { at, record, strings, text, type JsonRecord } from '../model/json.ts';
import { groupOf, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import type { Outcome } from '../model/outcome.ts';
import { parseKubernetesVersion } from '../model/version.ts';
import { createApi, outcomeOf, type Answer } from './api-call.ts';
import { DEFAULT_RATE, type RateLimit } from './budget.ts';
import { authenticator, type Authenticator } from './credentials.ts';
import { discoverResources, preferred, type Discovered } from './discovery.ts';
import { execInPod, openExec } from './exec.ts';
import { createHttp } from './http.ts';
import type { Connection } from './kubeconfig.ts';
import { listPages } from './list.ts';
import { objectPath, collectionPath, query } from './paths.ts';
import { accessReview } from './reviews.ts';
import type { ApiResource, ClusterClient, ExecSession, PatchType, WriteOptions } from './types.ts';
import { WATCH_TIMES, watchCollection, type WatchTimes } from './watch.ts';

export interface ClientOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly rate?: RateLimit;
  /** Longest silence of a request before it counts as lost; 0 waits for ever. */
  readonly requestTimeoutMs?: number;
  /** Objects a page of a list when the caller names no number. */
  readonly pageSize?: number;
  readonly watchTimes?: WatchTimes;
}

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A client of the cluster a connection leads to. Nothing is asked of the server until the first call. */
export function createClusterClient(connection: Connection, options: ClientOptions = {}): ClusterClient {
  return clientOf(connection, options, authenticator(connection.credential));
}

function clientOf(connection: Connection, options: ClientOptions, auth: Authenticator): ClusterClient {
  const http = createHttp(connection, auth, options.env ?? process.env);
  const silenceMs = options.requestTimeoutMs;
  const api = createApi(http, auth, {
    rate: options.rate ?? DEFAULT_RATE,
    ...(silenceMs === undefined ? {} : { silenceMs }),
  });
  const others: ClusterClient[] = [];
  const execSessions = new Set<ExecSession>();
  let discovered: Promise<Discovered> | undefined;
  const discovery = (signal?: AbortSignal): Promise<Discovered> => {
    const running = (discovered ??= discoverResources(api, signal));
    running.catch(() => {
      discovered = undefined; // a failure is not remembered
    });
    return running;
  };

  const resourceOf = async (apiVersion: string, kind: string): Promise<ApiResource | undefined> => {
    const group = groupOf(apiVersion);
    const version = apiVersion.slice(group === '' ? 0 : group.length + 1);
    const find = ({ all }: Discovered): ApiResource | undefined => {
      const ofKind = all.filter((resource) => resource.group === group && resource.kind === kind);
      return ofKind.find((resource) => resource.version === version) ?? ofKind[0];
    };
    const found = find(await discovery());
    if (found) return found;
    discovered = undefined; // perhaps its definition has been installed since
    return find(await discovery());
  };

  const send = async <T>(
    method: string,
    ref: ObjectRef,
    read: (body: JsonRecord) => T,
    how: {
      readonly body?: unknown;
      readonly contentType?: string;
      readonly subresource?: string;
      readonly collection?: boolean;
      readonly parameters?: Readonly<Record<string, string | boolean | undefined>>;
      readonly signal?: AbortSignal | undefined;
      readonly patience?: 'none';
    } = {},
  ): Promise<Outcome<T>> => {
    const resource = await resourceOf(ref.apiVersion, ref.kind);
    if (!resource) return { kind: 'missing', because: `the API server serves no ${ref.kind} of ${ref.apiVersion}` };
    const namespace = resource.namespaced ? (ref.namespace ?? connection.namespace) : undefined;
    const path =
      how.collection === true
        ? collectionPath(resource, namespace)
        : objectPath(resource, namespace, ref.name, how.subresource);
    const answer = await api.call({
      method,
      path: path + query(how.parameters ?? {}),
      ...(how.body === undefined ? {} : { body: JSON.stringify(how.body) }),
      ...(how.contentType === undefined ? {} : { headers: { 'content-type': how.contentType } }),
      ...(how.signal ? { signal: how.signal } : {}),
      ...(how.patience ? { patience: how.patience } : {}),
    });
    return outcomeOf(answer, read);
  };

  const client: ClusterClient = {
    context: connection.context,
    server: connection.server,
    namespace: connection.namespace,

    async version(signal) {
      const answer = await api.call({ method: 'GET', path: '/version', ...(signal ? { signal } : {}) });
      const version = parseKubernetesVersion(text(at(answer.body, 'gitVersion')) ?? '');
      if (answer.status !== 200 || !version) throw notKubernetes(connection, answer);
      return version;
    },
    async discover(signal) {
      const { all, failed } = await discovery(signal);
      return { resources: preferred(all), failed };
    },
    resourceOf,
    async *list(resource, listOptions = {}) {
      const pageSize = listOptions.pageSize ?? options.pageSize;
      const sized = pageSize === undefined ? listOptions : { ...listOptions, pageSize };
      for await (const page of listPages(api, resource, sized)) {
        yield page.kind === 'ok' ? { kind: 'ok', value: page.value.objects } : page;
      }
    },
    get: (ref, signal) => send('GET', ref, asObject, { signal }),
    watch: (resource, listOptions = {}) =>
      watchCollection(api, resource, listOptions, options.watchTimes ?? WATCH_TIMES),
    async logs({ namespace, pod, container }, { tailLines, signal } = {}) {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log${query({ container, tailLines })}`;
      const response = await api.open({
        method: 'GET',
        path,
        headers: { accept: '*/*' },
        ...(signal ? { signal } : {}),
      });
      const chunks: Buffer[] = [];
      for await (const chunk of response.body) chunks.push(chunk as Buffer);
      const content = Buffer.concat(chunks).toString('utf8');
      if (response.status === 200) return { kind: 'ok', value: content };
      return outcomeOf({ status: response.status, body: jsonOr(content) }, () => content);
    },
    async review(request, as) {
      const { path, body } = accessReview(request, as);
      const answer = await api.call({ method: 'POST', path, body: JSON.stringify(body) });
      return outcomeOf(answer, ({ status }) => ({
        allowed: at(status, 'allowed') === true,
        reason: text(at(status, 'reason')) ?? '',
      }));
    },
    async whoAmI() {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
      const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      const answer = await api.call({ method: 'POST', path, body: JSON.stringify(body) });
      return outcomeOf(answer, ({ status }) => ({
        user: text(at(status, 'userInfo', 'username')) ?? '',
        groups: strings(at(status, 'userInfo', 'groups')),
      }));
    },

    create: (object, write = {}) =>
      send('POST', refOfWritten(object), asObject, { body: object, collection: true, ...writing(write) }),
    apply: (object, write = {}) =>
      send('PATCH', refOfWritten(object), asObject, {
        body: withoutManagedFields(object),
        contentType: PATCH_TYPES.apply,
        ...writing(write, { force: true }),
      }),
    replace: (object, write = {}) => send('PUT', refOfWritten(object), asObject, { body: object, ...writing(write) }),
    patch: (ref, type, patch, write = {}) =>
      send('PATCH', ref, asObject, {
        body: patch,
        contentType: PATCH_TYPES[type],
        ...(write.subresource === undefined ? {} : { subresource: write.subresource }),
        ...writing(write, type === 'apply' ? { force: true } : {}),
      }),
    delete: (ref, { uid, gracePeriodSeconds, propagationPolicy, ...write } = {}) =>
      send('DELETE', ref, (body) => (body['kind'] === 'Status' ? undefined : asObject(body)), {
        body: {
          kind: 'DeleteOptions',
          apiVersion: 'v1',
          ...deletion(uid, gracePeriodSeconds, write),
          ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
        },
        signal: write.signal,
      }),
    evict: ({ namespace, pod }, { gracePeriodSeconds, ...write } = {}) =>
      send('POST', { apiVersion: 'v1', kind: 'Pod', namespace, name: pod }, () => undefined, {
        subresource: 'eviction',
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name: pod, namespace },
          deleteOptions: deletion(undefined, gracePeriodSeconds, write),
        },
        signal: write.signal,
        // A budget that forbids it now will not allow it in a moment: the caller decides how long to wait.
        patience: 'none',
      }),
    exec: (pod, command, execOptions) => execInPod(http, pod, command, execOptions),
    async openExec(pod, command) {
      const opened = await openExec(http, pod, command);
      execSessions.add(opened);
      void opened.ended.then(() => execSessions.delete(opened));
      return opened;
    },
    as(requester) {
      const other = clientOf({ ...connection, impersonate: requester }, options, auth);
      others.push(other);
      return other;
    },
    close() {
      for (const other of others) other.close();
      for (const opened of execSessions) opened.close();
      http.close();
    },
  };
  return client;
}

function asObject(body: JsonRecord): KubernetesObject {
  return body as unknown as KubernetesObject;
}

function refOfWritten({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef {
  const { namespace, name } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function writing(
  { dryRun, fieldManager = 'seaworthy', signal }: WriteOptions,
  more: Readonly<Record<string, boolean>> = {},
): {
  readonly parameters: Readonly<Record<string, string | boolean | undefined>>;
  readonly signal: AbortSignal | undefined;
} {
  return { parameters: { fieldManager, ...(dryRun === true ? { dryRun: 'All' } : {}), ...more }, signal };
}

function deletion(
  uid: string | undefined,
  gracePeriodSeconds: number | undefined,
  { dryRun }: WriteOptions,
): JsonRecord {
  return {
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  };
}

function jsonOr(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return record(undefined);
  }
}

function notKubernetes({ server, context }: Connection, { status, body }: Answer): SeaworthyError {
  const said = text(at(body, 'message')) ?? `status ${status}`;
  return new SeaworthyError('SW_API_UNREACHABLE', `${server} (context ${context}) does not tell its version: ${said}`, {
    hint: 'Is this the address of a Kubernetes API server? Compare with: kubectl version',
    exit: 4,
  });
}
