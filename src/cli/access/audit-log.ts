import type { UsedRequest } from '../../analysis/access/index.ts';
import { at, isRecord, strings, text } from '../../model/json.ts';
import { readInputText } from '../input-file.ts';
import type { Io } from '../io.ts';

export interface AuditLog {
  readonly used: readonly UsedRequest[];
  /** Lines that are no audit event. */
  readonly skipped: number;
}

/** Reads an audit log as the API server writes it: one `audit.k8s.io` Event a line. Requests that were refused used no right. */
export async function readAuditLog(file: string, io: Pick<Io, 'cwd' | 'stdin'>): Promise<AuditLog> {
  const text = await readInputText(file, io, {
    code: 'SW_AUDIT_UNREADABLE',
    hint: 'Name an audit log with one JSON event a line.',
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const events = lines.map(parse);
  const used = events.flatMap((event) => (isAllowed(event) ? [requestOf(event)] : []));
  return { used, skipped: events.filter((event) => at(event, 'kind') !== 'Event').length };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isAllowed(event: unknown): boolean {
  return at(event, 'kind') === 'Event' && at(event, 'annotations', 'authorization.k8s.io/decision') !== 'forbid';
}

/** Impersonated requests use the rights of whom they act as. */
function requestOf(event: unknown): UsedRequest {
  const impersonated = at(event, 'impersonatedUser');
  const who = isRecord(impersonated) ? impersonated : at(event, 'user');
  const requester = { user: text(at(who, 'username')) ?? '', groups: strings(at(who, 'groups')) };
  const verb = text(at(event, 'verb')) ?? '';
  const object = at(event, 'objectRef');
  const field = (name: string): string => text(at(object, name)) ?? '';
  if (!isRecord(object)) {
    const path = (text(at(event, 'requestURI')) ?? '').replace(/\?.*$/, '');
    return { requester, request: { kind: 'nonResource', verb, path } };
  }
  const subresource = field('subresource');
  // A create carries no name when it is authorized, though the log has the one the object got.
  const name = verb === 'create' && subresource === '' ? '' : field('name');
  return {
    requester,
    request: {
      kind: 'resource',
      verb,
      group: field('apiGroup'),
      resource: field('resource'),
      subresource,
      name,
      namespace: field('namespace'),
    },
  };
}
