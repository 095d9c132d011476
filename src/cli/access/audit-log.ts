import type { UsedRequest } from '../../analysis/access/index.ts';
import { at, list, text } from '../../model/json.ts';
import { readInputText } from '../input/input-file.ts';
import type { Io } from '../io.ts';
import { usedBy } from './audit-event.ts';

/** What an audit log shows of the rights that were used. */
export interface AuditLog {
  /** Requests that were let through. */
  readonly requests: number;
  /** What they needed: each itself, and the checks made on the way (impersonation, `bind`, `escalate`, signers). */
  readonly used: readonly UsedRequest[];
  /** Lines that are no audit event. */
  readonly skipped: number;
}

/**
 * Reads an audit log as the API server writes it: one `audit.k8s.io` Event, or an EventList, a line. A request may be there at
 * several stages and counts once; one that was refused used no right.
 */
export async function readAuditLog(file: string, io: Pick<Io, 'cwd' | 'stdin'>): Promise<AuditLog> {
  const written = await readInputText(file, io, {
    code: 'SW_AUDIT_UNREADABLE',
    hint: 'Name an audit log with one JSON event a line.',
  });
  const lines = written.split('\n').filter((line) => line.trim() !== '');
  const found = lines.map(eventsOf);
  const requests = new Map<unknown, unknown>();
  const refused = new Set<unknown>();
  for (const event of found.flat()) {
    // Only later stages know the decision, and what came of the request.
    const id = text(at(event, 'auditID')) ?? event;
    requests.set(id, event);
    if (at(event, 'annotations', 'authorization.k8s.io/decision') === 'forbid') refused.add(id);
  }
  const allowed = [...requests].flatMap(([id, event]) => (refused.has(id) ? [] : [event]));
  return {
    requests: allowed.length,
    used: allowed.flatMap(usedBy),
    skipped: found.filter((events) => events.length === 0).length,
  };
}

function eventsOf(line: string): readonly unknown[] {
  const read = parse(line);
  const events = at(read, 'kind') === 'EventList' ? list(at(read, 'items')) : [read];
  // In a list the items need not repeat their kind.
  return events.filter((event) => at(event, 'kind') === 'Event' || (event !== read && at(event, 'verb') !== undefined));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
