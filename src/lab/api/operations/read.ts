import type { KubernetesObject } from '../../../model/object.ts';
import type { Core } from '../core.ts';
import { readContinue, writeContinue } from '../http/continue-token.ts';
import { readFilter } from '../http/selectors.ts';
import { badRequest, expired, invalidOptions, notFound, tooLargeRevision } from '../http/status.ts';
import type { ApiKind } from '../kinds.ts';
import { storageKey } from '../registry.ts';
import { forbiddenField } from '../validation/causes.ts';

export function getObject(core: Core, kind: ApiKind, namespace: string | undefined, name: string): KubernetesObject {
  const found = core.store.get(storageKey(kind), namespace, name);
  if (!found) throw notFound(kind, name);
  return found;
}

export interface ListPage {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubernetesObject[];
}

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** A list, or one page of it. All pages of a list show one revision; when that is gone the answer is 410. */
export function listObjects(
  core: Core,
  kind: ApiKind,
  namespace: string | undefined,
  query: URLSearchParams,
): ListPage {
  const filter = readFilter(kind, query);
  const limit = Number(query.get('limit') ?? 0);
  const written = query.get('continue');
  const token = written ? readContinue(written) : undefined;
  const { revision, objects } = at(core, kind, namespace, query, token?.revision);
  const after = token?.after;
  const rest = after === undefined ? objects : objects.filter((object) => positionOf(object) > after);
  const matching = filter ? rest.filter(filter) : rest;
  const items = limit > 0 ? matching.slice(0, limit) : matching;
  const last = items.at(-1);
  const remaining = matching.length - items.length;
  return {
    metadata: {
      resourceVersion: String(revision),
      ...(remaining > 0 && last ? { continue: writeContinue({ revision, after: positionOf(last) }) } : {}),
      ...(remaining > 0 && !filter ? { remainingItemCount: remaining } : {}),
    },
    items,
  };
}

function at(
  core: Core,
  kind: ApiKind,
  namespace: string | undefined,
  query: URLSearchParams,
  continued: number | undefined,
): { readonly revision: number; readonly objects: readonly KubernetesObject[] } {
  const asked = readRevision(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch');
  if (match && asked === undefined)
    throw invalidOptions(
      'ListOptions',
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    );
  const exact = continued ?? (match === 'Exact' ? asked : undefined);
  if (exact === undefined) {
    const current = core.store.revision();
    if (asked !== undefined && asked > current) throw tooLargeRevision(asked, current);
    return { revision: current, objects: core.store.list(storageKey(kind), namespace) };
  }
  const found = core.store.listAt(storageKey(kind), namespace, exact);
  if (found.kind === 'ok') return found;
  if (found.kind === 'future') throw tooLargeRevision(exact, found.current);
  throw expired(continued === undefined ? `The resourceVersion for the provided list is too old.` : CONTINUE_EXPIRED);
}

/** A resourceVersion parameter as a number; undefined for none; 400 for anything else. */
export function readRevision(written: string | null): number | undefined {
  if (written === null || written === '') return undefined;
  if (!/^\d+$/.test(written)) throw badRequest(`invalid resource version: Invalid value: "${written}"`);
  return Number(written);
}

/** Objects are paged in the order of this key. */
function positionOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
