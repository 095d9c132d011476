import { SeaworthyError } from '../model/errors.ts';
import { at, text } from '../model/json.ts';
import { parseKubernetesVersion } from '../model/version.ts';
import { createApi, type Answer } from './api-call.ts';
import { DEFAULT_RATE, type RateLimit } from './budget.ts';
import { authenticator, type Authenticator } from './credentials.ts';
import { preferred } from './discovery.ts';
import { execInPod, openExec } from './exec.ts';
import { createHttp } from './http.ts';
import type { Connection } from './kubeconfig.ts';
import { listPages } from './list.ts';
import { readLogs } from './logs.ts';
import { asObject, createSend } from './object-requests.ts';
import { askReview, askWhoIAm } from './reviews.ts';
import { createServedKinds } from './served-kinds.ts';
import type { ClusterClient, ExecSession } from './types.ts';
import { WATCH_TIMES, watchCollection, type WatchTimes } from './watch.ts';
import { writes } from './writes.ts';

/** How a client behaves; the connection says where it leads. */
export interface ClientOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly rate?: RateLimit;
  /** Longest silence of a request before it counts as lost; 0 waits for ever. */
  readonly requestTimeoutMs?: number;
  /** Objects a page of a list when the caller names no number. */
  readonly pageSize?: number;
  readonly watchTimes?: WatchTimes;
}

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
  const kinds = createServedKinds(api);
  const send = createSend(api, kinds, connection.namespace);
  return {
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
      const { all, failed } = await kinds.discovery(signal);
      return { resources: preferred(all), failed };
    },
    resourceOf: kinds.resourceOf,
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
    logs: (pod, logOptions) => readLogs(api, pod, logOptions),
    review: (request, as) => askReview(api, request, as),
    whoAmI: () => askWhoIAm(api),
    ...writes(send),
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
}

function notKubernetes({ server, context }: Connection, { status, body }: Answer): SeaworthyError {
  const said = text(at(body, 'message')) ?? `status ${status}`;
  return new SeaworthyError('SW_API_UNREACHABLE', `${server} (context ${context}) does not tell its version: ${said}`, {
    hint: 'Is this the address of a Kubernetes API server? Compare with: kubectl version',
    exit: 4,
  });
}
