import {
  serviceAccountOf,
  type AccessRequest,
  type Requester,
  type ResourceRequest,
} from '../../analysis/access/index.ts';
import { at, records, strings, text } from '../../model/json.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { nearest } from '../../model/suggest.ts';
import { kindKeyOf, knownKind, KNOWN_KINDS } from '../../sources/known-kinds.ts';

/** Verbs the API server asks its authorizer about; the last ones only on some resources. */
const VERBS = words(`
  get list watch create update patch delete deletecollection bind escalate impersonate use approve sign attest proxy
`);

/** Methods of HTTP, which are the verbs of a path. */
const METHODS = words('get head post put patch delete options');

const SUBRESOURCES = words(`
  status scale log exec attach portforward proxy eviction binding resize ephemeralcontainers token approval
  finalize finalizers stats metrics configz healthz
`);

/** Resources that only rules and the authorizer know: nothing of them is stored. */
const VIRTUAL = ['users', 'groups', 'uids', 'userextras', 'signers'];

/**
 * What the person may have meant instead, however the answer is: words are taken literally, as a rule takes them, so a
 * slip of the pen is answered, too. Words that the roles read use are no slips.
 */
export function misspellings(request: AccessRequest, snapshot: Snapshot, requester?: Requester): readonly string[] {
  const used = wordsOfRules(snapshot);
  const verbs = request.kind === 'resource' ? VERBS : METHODS;
  const verb = unknownWord('verb', request.verb, [...verbs, ...used.verbs]);
  const found = request.kind === 'resource' ? [verb, ...targetHints(request, snapshot, used.resources)] : [verb];
  return [...found, requester && accountHint(requester, snapshot)].filter((hint) => hint !== undefined);
}

/** Why a resource was not found to be allowed where the person may have expected it; undefined when the question looks right. */
export function hintFor(request: AccessRequest): string | undefined {
  if (request.kind === 'nonResource') return undefined;
  const { resource, group, namespace, verb } = request;
  const exact = KNOWN_KINDS.find((kind) => kind.resource === resource && kind.group === group);
  if (!exact) return undefined;
  if (!exact.namespaced && namespace !== '' && resource !== 'namespaces') {
    return `${resource} belong to no namespace: ask without -n`;
  }
  if (exact.namespaced && namespace === '' && verb !== '*') {
    return `without -n this asks for every namespace at once; name one with -n to ask about it alone`;
  }
  return undefined;
}

function targetHints(
  { resource, group, subresource, namespace }: ResourceRequest,
  snapshot: Snapshot,
  used: readonly string[],
): readonly (string | undefined)[] {
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  if (resource === '*' || used.includes(whole) || VIRTUAL.includes(resource))
    return [namespaceHint(namespace, snapshot)];
  return [
    resourceHint(resource, group, used),
    subresource === '' ? undefined : unknownWord('subresource', subresource, SUBRESOURCES),
    namespaceHint(namespace, snapshot),
  ];
}

function resourceHint(resource: string, group: string, used: readonly string[]): string | undefined {
  const known = KNOWN_KINDS.filter((kind) => kind.resource === resource);
  if (known.some((kind) => kind.group === group)) return undefined;
  if (known.length > 0) {
    const names = known.map((kind) => nameOf(resource, kind.group));
    return `no ${resource} in ${group === '' ? 'the core group' : group}; did you mean ${names.join(' or ')}?`;
  }
  if (group !== '') return undefined;
  const kind = knownKind(kindKeyOf(resource));
  if (kind) return `rules name resources in the plural: ${nameOf(kind.resource, kind.group)}`;
  const near = nearest(resource, [...KNOWN_KINDS.map((one) => one.resource), ...used]);
  const meant = KNOWN_KINDS.find((one) => one.resource === near);
  const says = meant ? nameOf(meant.resource, meant.group) : near;
  return `no resource ${resource} is known${says === undefined ? '' : `; did you mean ${says}?`}`;
}

function nameOf(resource: string, group: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function unknownWord(what: string, word: string, known: readonly string[]): string | undefined {
  if (word === '*' || known.includes(word)) return undefined;
  const near = nearest(word, known);
  return `no ${what} ${word} is known${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function namespaceHint(namespace: string, snapshot: Snapshot): string | undefined {
  if (namespace === '' || snapshot.gaps(['Namespace']).length > 0) return undefined;
  const all = snapshot.kinds().flatMap((kind) => snapshot.list(kind).map(({ object }) => object));
  const names = new Set(
    all.flatMap(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : (metadata.namespace ?? []))),
  );
  if (names.size === 0 || names.has(namespace)) return undefined;
  const near = nearest(namespace, [...names]);
  return near === undefined ? undefined : `nothing was read of a namespace ${namespace}; did you mean ${near}?`;
}

/** A service account that is not there, where one of nearly its name is. */
function accountHint({ user }: Requester, snapshot: Snapshot): string | undefined {
  const account = serviceAccountOf(user);
  if (!account || snapshot.get('ServiceAccount', account.namespace, account.name)) return undefined;
  const written = `${account.namespace}:${account.name}`;
  const there = snapshot
    .list('ServiceAccount')
    .map(({ object: { metadata } }) => `${metadata.namespace ?? ''}:${metadata.name}`);
  const near = nearest(written, there);
  return near === undefined ? undefined : `no service account ${written} was read; did you mean ${near}?`;
}

/** The verbs and resources that some rule names. */
function wordsOfRules(snapshot: Snapshot): {
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
} {
  const kinds = ['ClusterRole.rbac.authorization.k8s.io', 'Role.rbac.authorization.k8s.io'];
  const rules = kinds
    .flatMap((kind) => snapshot.list(kind))
    .flatMap(({ object }) => records(at(object, 'rules')).map(([, rule]) => rule));
  return {
    verbs: rules.flatMap((rule) => strings(rule['verbs'])),
    resources: [...rules.flatMap((rule) => strings(rule['resources'])), ...customResources(snapshot)],
  };
}

function customResources(snapshot: Snapshot): readonly string[] {
  return snapshot
    .list('CustomResourceDefinition.apiextensions.k8s.io')
    .flatMap(({ object }) => text(at(object, 'spec', 'names', 'plural')) ?? []);
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
