import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SeaworthyError } from '../model/errors.ts';
import type { Authenticator, Proof } from './credentials.ts';
import type { Connection } from './kubeconfig.ts';

/** One request to the API server. */
export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Longest silence before the answer, and within it; 0 waits for ever. */
  readonly silenceMs: number;
}

/** An answer whose body has yet to be read. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readable;
}

/** Sends requests to one API server over kept connections. Throws SW_API_UNREACHABLE and SW_TLS_UNTRUSTED. */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Where and how a WebSocket to the same server is opened. */
  webSocketTarget(path: string): Promise<{ readonly url: string; readonly options: RequestOptions }>;
  close(): void;
}

const MAX_SOCKETS = 32;
/** Time to a connection; a server that is there accepts much sooner. */
const CONNECT_MS = 10_000;

/** HTTP to one API server, through a proxy where the environment or the kubeconfig names one. */
export function createHttp(
  connection: Connection,
  authenticator: Authenticator,
  env: Readonly<Record<string, string | undefined>>,
): Http {
  const server = new URL(connection.server);
  const secure = server.protocol === 'https:';
  const agentOptions = { keepAlive: true, maxSockets: MAX_SOCKETS, proxyEnv: proxyEnvironment(connection, env) };
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const loopback = /^(127\.|localhost$|\[::1\])/.test(server.hostname);

  const options = (proof: Proof, headers: OutgoingHttpHeaders): RequestOptions => {
    const { ca, cert, key, servername, insecure } = connection.tls;
    return {
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (secure ? 443 : 80),
      agent,
      headers: {
        'user-agent': 'seaworthy',
        ...(proof.authorization === undefined ? {} : { authorization: proof.authorization }),
        ...impersonationHeaders(connection.impersonate),
        ...headers,
      },
      ...(secure
        ? {
            ...(ca === undefined ? {} : { ca }),
            ...(cert === undefined ? {} : { cert }),
            ...(key === undefined ? {} : { key }),
            ...proof.certificate,
            ...(servername === undefined ? {} : { servername }),
            rejectUnauthorized: !insecure,
          }
        : {}),
    };
  };
  const prefix = server.pathname.replace(/\/$/, '');

  return {
    async send({ method, path, headers, body, signal, silenceMs }) {
      const proof = await authenticator.prove();
      signal?.throwIfAborted();
      const sent = (secure ? httpsRequest : httpRequest)({
        ...options(proof, {
          accept: 'application/json',
          // Compressing costs a server on this machine more than sending.
          ...(loopback ? {} : { 'accept-encoding': 'gzip' }),
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        }),
        method,
        path: `${prefix}${path}`,
        ...(signal ? { signal } : {}),
      });
      const answer = answerTo(sent, secure ? 'secureConnect' : 'connect', silenceMs);
      sent.end(body);
      return answer.catch((cause: NodeJS.ErrnoException) => {
        throw signal?.aborted === true ? signal.reason : unreachable(connection, cause);
      });
    },
    async webSocketTarget(path) {
      const url = new URL(connection.server);
      url.protocol = secure ? 'wss:' : 'ws:';
      return { url: `${url.origin}${prefix}${path}`, options: options(await authenticator.prove(), {}) };
    },
    close: () => agent.destroy(),
  };
}

/** The head of the answer. Gives up when no connection comes about in time, or nothing is heard for so long (0: never). */
function answerTo(
  sent: ClientRequest,
  connectedBy: 'connect' | 'secureConnect',
  silenceMs: number,
): Promise<HttpResponse> {
  return new Promise((done, fail) => {
    const connecting = setTimeout(() => sent.destroy(silence(CONNECT_MS)), CONNECT_MS);
    const connected = (): void => clearTimeout(connecting);
    sent.on('socket', (socket) => {
      if (socket.connecting) socket.once(connectedBy, connected);
      else connected();
    });
    if (silenceMs > 0) sent.setTimeout(silenceMs, () => sent.destroy(silence(silenceMs)));
    sent.on('error', (cause) => {
      connected();
      fail(cause);
    });
    sent.on('response', (response) => {
      connected();
      const gzipped = response.headers['content-encoding'] === 'gzip';
      done({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: gzipped ? gunzipped(response) : response,
      });
    });
  });
}

function gunzipped(response: IncomingMessage): Readable {
  const plain = createGunzip();
  response.on('error', (error) => plain.destroy(error));
  plain.on('close', () => response.destroy());
  return response.pipe(plain);
}

/** The proxy of the kubeconfig; else those of the environment, as every tool takes them. */
function proxyEnvironment(
  { proxyUrl }: Connection,
  env: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv | undefined {
  if (proxyUrl === undefined) {
    const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
    return Object.fromEntries(names.map((name) => [name, env[name]] as const).filter(([, value]) => value));
  }
  if (!/^https?:/.test(proxyUrl)) {
    throw new SeaworthyError('SW_PROXY_UNSUPPORTED', `the kubeconfig's proxy-url ${proxyUrl} is not http or https`, {
      hint: 'Use an HTTP proxy, or open a tunnel and name its local end as the server.',
      exit: 4,
    });
  }
  return { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
}

function impersonationHeaders(who: Connection['impersonate']): OutgoingHttpHeaders {
  if (!who) return {};
  return { 'impersonate-user': who.user, ...(who.groups.length > 0 ? { 'impersonate-group': [...who.groups] } : {}) };
}

function silence(ms: number): Error {
  return Object.assign(new Error(`no answer within ${ms / 1000} s`), { code: 'SILENCE' });
}

const TLS_TROUBLE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO/;

function unreachable({ server, context }: Connection, cause: NodeJS.ErrnoException): SeaworthyError {
  if (TLS_TROUBLE.test(cause.code ?? '')) {
    return new SeaworthyError('SW_TLS_UNTRUSTED', `${server} (context ${context}) can't be trusted: ${cause.message}`, {
      hint: 'The kubeconfig needs the certificate authority of this server, or a current client certificate.',
      exit: 4,
      cause,
    });
  }
  return new SeaworthyError('SW_API_UNREACHABLE', `${server} (context ${context}) does not answer: ${cause.message}`, {
    hint: 'Check that the cluster is up and the network, VPN or proxy leads there: kubectl version',
    exit: 4,
    cause,
  });
}
