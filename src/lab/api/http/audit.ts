import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { JsonRecord } from '../../../model/json.ts';
import type { UserInfo } from '../core.ts';
import type { RequestInfo } from './request-info.ts';
import type { Status } from './status.ts';

/** Where audit events go. A webhook gets `EventList`s as a real API server's does. */
export interface AuditSinks {
  /** One event a line, appended. */
  readonly file?: string;
  readonly webhook?: string;
  /** For those in the same process. */
  readonly listener?: (event: JsonRecord) => void;
}

export interface AuditedRequest {
  readonly id: string;
  readonly info: RequestInfo;
  readonly requestUri: string;
  readonly received: Date;
  readonly user: UserInfo;
  readonly impersonated?: UserInfo;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly code: number;
  readonly responseStatus?: Status;
  readonly decision: 'allow' | 'forbid';
  readonly reason: string;
  /** Bodies, for levels above Metadata; never of Secrets, ConfigMaps and tokens. */
  readonly requestObject?: unknown;
}

export interface Audit {
  record(stage: 'ResponseStarted' | 'ResponseComplete', request: AuditedRequest): void;
  close(): void;
}

const BATCH = 50;
const FLUSH_MS = 500;
/** Events kept for a webhook that does not answer; older ones are lost, and the loss is counted. */
const BUFFERED = 10_000;

/** Writes an audit.k8s.io/v1 Event for every request when it is complete (and when a watch has begun). */
export function createAudit(sinks: AuditSinks, now: () => Date, lost: (events: number) => void): Audit {
  const file = sinks.file === undefined ? undefined : createWriteStream(sinks.file, { flags: 'a', mode: 0o600 });
  file?.on('error', () => lost(1));
  let waiting: JsonRecord[] = [];
  let sending = false;
  const timer = sinks.webhook === undefined ? undefined : setInterval(() => void flush(), FLUSH_MS);
  timer?.unref();

  async function flush(): Promise<void> {
    if (sending || waiting.length === 0 || sinks.webhook === undefined) return;
    sending = true;
    const items = waiting.slice(0, BATCH);
    try {
      const response = await fetch(sinks.webhook, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items }),
        signal: AbortSignal.timeout(5000),
      });
      await response.arrayBuffer();
      if (response.ok) waiting = waiting.slice(items.length);
    } catch {
      // Tried again at the next turn.
    } finally {
      sending = false;
    }
  }

  return {
    record(stage, request) {
      const event = auditEvent(stage, request, now());
      sinks.listener?.(event);
      file?.write(`${JSON.stringify(event)}\n`);
      if (sinks.webhook === undefined) return;
      waiting.push(event);
      if (waiting.length > BUFFERED) {
        lost(waiting.length - BUFFERED);
        waiting = waiting.slice(-BUFFERED);
      }
    },
    close() {
      clearInterval(timer);
      file?.end();
    },
  };
}

function auditEvent(stage: string, request: AuditedRequest, now: Date): JsonRecord {
  const { info } = request;
  const objectRef =
    info.kind === 'resource'
      ? dropEmpty({
          resource: info.resource,
          namespace: info.namespace,
          name: info.name,
          apiGroup: info.group,
          apiVersion: info.version,
          subresource: info.subresource,
        })
      : undefined;
  const body = info.kind === 'resource' && !SENSITIVE.has(info.resource) && info.subresource !== 'token';
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: body && request.requestObject !== undefined ? 'Request' : 'Metadata',
    auditID: request.id,
    stage,
    requestURI: request.requestUri,
    verb: info.verb,
    user: auditUser(request.user),
    ...(request.impersonated ? { impersonatedUser: auditUser(request.impersonated) } : {}),
    sourceIPs: [request.sourceIp],
    userAgent: request.userAgent,
    ...(objectRef ? { objectRef } : {}),
    responseStatus: request.responseStatus ?? { metadata: {}, code: request.code },
    ...(body && request.requestObject !== undefined ? { requestObject: request.requestObject } : {}),
    requestReceivedTimestamp: micro(request.received),
    stageTimestamp: micro(now),
    annotations: {
      'authorization.k8s.io/decision': request.decision,
      'authorization.k8s.io/reason': request.reason,
    },
  };
}

const SENSITIVE: ReadonlySet<string> = new Set(['secrets', 'configmaps', 'tokenreviews']);

function auditUser(user: UserInfo): JsonRecord {
  return dropEmpty({ username: user.user, uid: user.uid ?? '', groups: user.groups, extra: user.extra });
}

function dropEmpty(of: JsonRecord): JsonRecord {
  return Object.fromEntries(
    Object.entries(of).filter(([, value]) => value !== '' && Object.keys(Object(value) as object).length > 0),
  );
}

function micro(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

export function newAuditId(): string {
  return randomUUID();
}
