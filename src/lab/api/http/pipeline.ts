import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../../model/errors.ts';
import { authenticate, impersonate, type StaticToken } from '../authn/authenticate.ts';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts';
import { accessRequest, refusal } from '../authz/request.ts';
import type { Call, Core, UserInfo } from '../core.ts';
import { readAccept } from './accept.ts';
import { writeJson, writeStatus, setWarnings, type Answer } from './answer.ts';
import { newAuditId, type Audit, type AuditedRequest } from './audit.ts';
import { readBody, type Body } from './body.ts';
import type { Metrics } from './metrics.ts';
import { serveNonResource } from './non-resources.ts';
import { readRequestInfo, type RequestInfo } from './request-info.ts';
import { serveResource } from './resources.ts';
import { notSupported } from '../validation/causes.ts';
import { ApiError, type Status, badRequest, invalidOptions } from './status.ts';
import { upgradePod } from './upgrade.ts';

/** What every request passes through. */
export interface Pipeline {
  readonly core: Core;
  readonly accounts: ServiceAccountTokens;
  readonly tokens: readonly StaticToken[];
  readonly audit: Audit;
  readonly metrics: Metrics;
  /** Aborts when the server closes: ends watches and logs. */
  readonly closing: AbortSignal;
}

interface Progress {
  readonly id: string;
  readonly received: Date;
  readonly begun: number;
  readonly url: URL;
  readonly info: RequestInfo;
  user: UserInfo;
  impersonated?: UserInfo;
  decision: 'allow' | 'forbid';
  reason: string;
  body?: Body;
}

function begin(pipeline: Pipeline, request: IncomingMessage): Progress {
  const url = new URL(request.url ?? '/', 'http://lab');
  return {
    id: newAuditId(),
    received: pipeline.core.now(),
    begun: performance.now(),
    url,
    info: readRequestInfo(request.method ?? 'GET', url.pathname, url.searchParams),
    user: { user: 'system:anonymous', groups: ['system:unauthenticated'], extra: {} },
    decision: 'forbid',
    reason: '',
  };
}

/** Who asks, and whether they may: 401 and 403 are thrown. Gives the user to act as. */
function admitRequester(pipeline: Pipeline, request: IncomingMessage, progress: Progress): UserInfo {
  const { core, accounts, tokens } = pipeline;
  progress.user = authenticate(request.headers, tokens, accounts);
  const acting = impersonate(request.headers, progress.user, core.authorizer);
  if (acting !== progress.user) progress.impersonated = acting;
  const access = accessRequest(progress.info);
  const { allowed, reason } = core.authorizer.decide(acting, access);
  progress.decision = allowed ? 'allow' : 'forbid';
  progress.reason = reason;
  if (!allowed) throw refusal(acting, access);
  return acting;
}

/** Answers one HTTP request. */
export async function serve(pipeline: Pipeline, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const progress = begin(pipeline, request);
  const warnings: string[] = [];
  response.setHeader('audit-id', progress.id);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, pipeline.closing]);
  try {
    const requester = admitRequester(pipeline, request, progress);
    const answer = await answerOf(pipeline, request, progress, requester, warnings, signal);
    await write(pipeline, request, response, progress, answer, warnings, signal);
  } catch (thrown) {
    const error = asApiError(thrown);
    writeStatus(response, error.status, warnings);
    finish(pipeline, request, progress, error.code, error.status);
  }
}

async function answerOf(
  pipeline: Pipeline,
  request: IncomingMessage,
  progress: Progress,
  requester: UserInfo,
  warnings: string[],
  signal: AbortSignal,
): Promise<Answer> {
  const { core, metrics, accounts, tokens } = pipeline;
  const { info, url } = progress;
  const shape = readAccept(request.headers.accept);
  if (info.kind === 'nonResource') {
    return serveNonResource(request.method ?? 'GET', url.pathname, shape, { core, metrics, jwks: accounts.jwks });
  }
  const body = await readBody(request);
  progress.body = body;
  const call = callOf(request, url.searchParams, requester, warnings, body);
  return serveResource({ core, call, info, query: url.searchParams, body, shape, accounts, tokens, signal });
}

const OPTIONS_OF: Readonly<Record<string, Parameters<typeof invalidOptions>[0]>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
  DELETE: 'DeleteOptions',
};

function callOf(
  request: IncomingMessage,
  query: URLSearchParams,
  requester: UserInfo,
  warnings: string[],
  body: Body,
): Call {
  const dryRun = query.getAll('dryRun').filter((one) => one !== '');
  const inBody =
    request.method === 'DELETE' ? (body.value as { dryRun?: readonly string[] } | undefined)?.dryRun : undefined;
  const asked = [...dryRun, ...(Array.isArray(inBody) ? inBody : [])];
  if (asked.some((one) => one !== 'All')) {
    throw invalidOptions(OPTIONS_OF[request.method ?? ''] ?? 'PatchOptions', notSupported('dryRun', asked, ['All']));
  }
  const validation = query.get('fieldValidation') ?? 'Warn';
  if (validation !== 'Strict' && validation !== 'Warn' && validation !== 'Ignore') {
    throw badRequest(
      `fieldValidation parameter: Unsupported value: "${validation}": supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  return {
    requester,
    dryRun: asked.length > 0,
    manager: query.get('fieldManager') ?? (body.contentType.startsWith('application/apply-patch') ? '' : agent),
    fieldValidation: validation,
    warnings,
  };
}

async function write(
  pipeline: Pipeline,
  request: IncomingMessage,
  response: ServerResponse,
  progress: Progress,
  answer: Answer,
  warnings: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  switch (answer.kind) {
    case 'json':
      writeJson(response, answer.code, answer.body, warnings, answer.contentType);
      return finish(pipeline, request, progress, answer.code);
    case 'text':
      setWarnings(response, warnings);
      response.writeHead(answer.code, { 'content-type': answer.contentType });
      response.end(answer.body);
      return finish(pipeline, request, progress, answer.code);
    case 'stream': {
      pipeline.audit.record('ResponseStarted', audited(request, progress, 200));
      pipeline.metrics.watch(progress.info, 1);
      try {
        await answer.run(response, signal);
      } finally {
        pipeline.metrics.watch(progress.info, -1);
      }
      return finish(pipeline, request, progress, 200);
    }
  }
}

/** A websocket upgrade: exec and port-forward. */
export async function serveUpgrade(
  pipeline: Pipeline,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const progress = begin(pipeline, request);
  try {
    admitRequester(pipeline, request, progress);
    await upgradePod(pipeline.core, request, socket, head, progress.info, progress.url.searchParams, () =>
      pipeline.audit.record('ResponseStarted', audited(request, progress, 101)),
    );
    finish(pipeline, request, progress, 101);
  } catch (thrown) {
    const error = asApiError(thrown);
    const body = JSON.stringify(error.status);
    socket.end(
      `HTTP/1.1 ${error.code} ${error.status.reason ?? 'Error'}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
    finish(pipeline, request, progress, error.code, error.status);
  }
}

function finish(pipeline: Pipeline, request: IncomingMessage, progress: Progress, code: number, status?: Status): void {
  pipeline.metrics.observe(progress.info, code, (performance.now() - progress.begun) / 1000);
  pipeline.metrics.auditRecorded();
  pipeline.audit.record('ResponseComplete', audited(request, progress, code, status));
}

function audited(request: IncomingMessage, progress: Progress, code: number, responseStatus?: Status): AuditedRequest {
  return {
    id: progress.id,
    info: progress.info,
    requestUri: request.url ?? '',
    received: progress.received,
    user: progress.user,
    ...(progress.impersonated ? { impersonated: progress.impersonated } : {}),
    sourceIp: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '127.0.0.1',
    userAgent: request.headers['user-agent'] ?? '',
    code,
    ...(responseStatus ? { responseStatus } : {}),
    decision: progress.decision,
    reason: progress.reason,
    ...(progress.body?.value === undefined ? {} : { requestObject: progress.body.value }),
  };
}

function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(500, 'InternalError', `Internal error occurred: ${messageOf(thrown)}`);
}
