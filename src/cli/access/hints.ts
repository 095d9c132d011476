import type { AccessRequest } from '../../analysis/access/index.ts';
import { KNOWN_KINDS } from '../../sources/known-kinds.ts';

/** What the person may have meant instead: a resource of another group, or a cluster-scoped one. Undefined when it looks right. */
export function hintFor(request: AccessRequest): string | undefined {
  if (request.kind === 'nonResource') return undefined;
  const { resource, group, namespace, verb } = request;
  const known = KNOWN_KINDS.filter((kind) => kind.resource === resource);
  if (known.length === 0 || resource === '*') return undefined;
  const exact = known.find((kind) => kind.group === group);
  if (!exact) {
    const names = known.map((kind) => (kind.group === '' ? resource : `${resource}.${kind.group}`));
    return `no ${resource} in ${group === '' ? 'the core group' : group}; did you mean ${names.join(' or ')}?`;
  }
  if (!exact.namespaced && namespace !== '' && resource !== 'namespaces') {
    return `${resource} belong to no namespace: ask without -n`;
  }
  if (exact.namespaced && namespace === '' && verb !== '*') {
    return `without -n this asks for every namespace at once; name one with -n to ask about it alone`;
  }
  return undefined;
}
