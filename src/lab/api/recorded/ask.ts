import { setTimeout as delay } from 'node:timers/promises';
import { at, isRecord } from '../../../model/json.ts';
import { NAMESPACE, type Case } from './case.ts';

/** One answer, as it came: `lines` when it was several JSON documents, as a watch has it. */
export interface Received {
  readonly code: number;
  readonly text: string;
}

/** An answer without what differs by nature from server to server. */
export interface Settled {
  readonly code: number;
  readonly body: unknown;
}

export type Send = (
  method: string,
  path: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
) => Promise<Received>;

/** The namespace the cases play in. */
export const RECORDED_NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
};

const PATIENCE_MS = 15_000;
const POLL_MS = 50;

/** A server's answers to all cases, by name. */
export async function askAll(send: Send, cases: readonly Case[]): Promise<ReadonlyMap<string, Settled>> {
  const kept = new Map<string, string>();
  const answers = new Map<string, Settled>();
  for (const one of cases) {
    const received = await ask(send, one, kept);
    const bodies = documents(received.text);
    for (const [name, path] of Object.entries(one.keep ?? {}))
      kept.set(name, String(at(bodies[0], ...path.split('.'))));
    const settled = bodies.map((body) => settle(body, one.status === true));
    answers.set(one.name, {
      code: received.code,
      body: one.reasonOnly === true ? reasonOf(bodies[0]) : settled.length > 1 ? settled : settled[0],
    });
  }
  return answers;
}

async function ask(send: Send, one: Case, kept: ReadonlyMap<string, string>): Promise<Received> {
  const fill = (text: string): string => text.replace(/\$(\w+)/g, (whole, name: string) => kept.get(name) ?? whole);
  const written =
    typeof one.body === 'string' ? one.body : one.body === undefined ? undefined : JSON.stringify(one.body);
  const body = written === undefined ? undefined : fill(written);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const received = await send(one.method, fill(one.path), body, { ...type, ...one.headers });
    if (!one.until) return received;
    const [path, value] = one.until;
    if (at(documents(received.text)[0], ...path.split('.')) === value || Date.now() > deadline) return received;
    await delay(POLL_MS);
  }
}

/** The JSON documents of an answer, one a line when there are several; its text when it is no JSON. */
function documents(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text) as unknown];
  } catch {
    const lines = text.split('\n').filter(Boolean);
    return lines.every((line) => line.startsWith('{')) ? lines.map((line) => JSON.parse(line) as unknown) : [text];
  }
}

function reasonOf(body: unknown): unknown {
  return isRecord(body)
    ? { kind: body['kind'], ...(body['reason'] === undefined ? {} : { reason: body['reason'] }) }
    : 'text';
}

/** Identities, times, and who else is at work. */
const VOLATILE: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'lastTransitionTime',
  'clusterIP',
  'clusterIPs',
  'continue',
  // Written by the Deployment's controller as soon as it comes to it.
  'deployment.kubernetes.io/revision',
]);

function settle(value: unknown, keepStatus: boolean): unknown {
  if (Array.isArray(value)) return value.map((entry) => settle(entry, keepStatus));
  if (!isRecord(value)) return typeof value === 'string' ? value.replace(/\b\d{5,}\b/g, '#') : value;
  const isStatus = value['kind'] === 'Status';
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !VOLATILE.has(key) && (key !== 'status' || keepStatus || isStatus))
      .map(([key, entry]) => [key, settle(entry, keepStatus)] as const)
      .filter(([key, entry]) => key !== 'annotations' || (isRecord(entry) && Object.keys(entry).length > 0)),
  );
}
