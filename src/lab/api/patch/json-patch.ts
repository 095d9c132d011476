import { isRecord, list, text } from '../../../model/json.ts';
import { sameJson } from '../objects.ts';
import { ApiError, badRequest } from '../http/status.ts';

/** RFC 6902. A failed `test` or a path that is not there answers 422, as upstream; an ill-formed patch 400. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('json patch: a patch is a list of operations');
  const holder: Record<string, unknown> = { root: structuredClone(target) };
  for (const raw of list(patch)) {
    if (!isRecord(raw)) throw badRequest('json patch: an operation is an object');
    apply(holder, raw);
  }
  return holder['root'];
}

function apply(holder: Record<string, unknown>, operation: Readonly<Record<string, unknown>>): void {
  const path = steps(operation['path']);
  switch (operation['op']) {
    case 'add':
      return insert(holder, path, operation['value']);
    case 'remove':
      take(holder, path);
      return;
    case 'replace':
      take(holder, path);
      return insert(holder, path, operation['value']);
    case 'move':
      return insert(holder, path, take(holder, steps(operation['from'])));
    case 'copy':
      return insert(holder, path, structuredClone(read(holder, steps(operation['from']))));
    case 'test':
      if (!sameJson(read(holder, path), operation['value'])) {
        throw refused(`testing value ${text(operation['path'])} failed: test failed`);
      }
      return;
    default:
      throw badRequest(`json patch: unexpected kind of operation ${JSON.stringify(operation['op'])}`);
  }
}

/** The steps of a JSON pointer, from the holder of the root. */
function steps(pointer: unknown): readonly string[] {
  const written = text(pointer);
  if (written === undefined || (written !== '' && !written.startsWith('/'))) {
    throw badRequest('json patch: a path is a JSON pointer');
  }
  return [
    'root',
    ...written
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
  ];
}

function read(holder: unknown, path: readonly string[]): unknown {
  let value = holder;
  for (const step of path) {
    if (Array.isArray(value)) value = value[indexIn(value, step, false)];
    else if (isRecord(value) && Object.hasOwn(value, step)) value = value[step];
    else throw missing(path);
  }
  return value;
}

function insert(holder: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const parent = read(holder, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(indexIn(parent, last, true), 0, value);
  else if (isRecord(parent)) (parent as Record<string, unknown>)[last] = value;
  else throw missing(path);
}

function take(holder: Record<string, unknown>, path: readonly string[]): unknown {
  const value = read(holder, path);
  const parent = read(holder, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(indexIn(parent, last, false), 1);
  else if (isRecord(parent)) delete (parent as Record<string, unknown>)[last];
  return value;
}

function indexIn(array: readonly unknown[], step: string, mayAppend: boolean): number {
  if (step === '-' && mayAppend) return array.length;
  const index = /^(0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
  if (index < 0 || index > array.length || (index === array.length && !mayAppend)) throw missing([step]);
  return index;
}

function missing(path: readonly string[]): ApiError {
  return refused(`remove operation does not apply: doc is missing path: /${path.slice(1).join('/')}: missing value`);
}

function refused(why: string): ApiError {
  return new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {});
}
