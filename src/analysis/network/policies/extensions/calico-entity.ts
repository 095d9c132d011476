import { at, isRecord, record, stringMap, strings, text, type JsonRecord } from '../../../../model/json.ts';
import { matches, type LabelSelector } from '../../../../model/selectors.ts';
import type { Snapshot } from '../../../../model/snapshot.ts';
import { ALL_IPV4, ALL_IPV6 } from '../../addresses/ip.ts';
import { NAMESPACE_KEY, SERVICE_ACCOUNT_KEY, SERVICE_ACCOUNT_LABEL } from '../../inhabitants/mesh.ts';
import {
  EVERY_NAMESPACE,
  EVERYONE,
  type NamespaceScope,
  type Path,
  type PeerTerm,
  type PodScope,
  type PolicyPeer,
  type PolicyReader,
} from '../policy.ts';
import { listAt, objectAt, readCidr } from '../read-network-policy.ts';
import { alternativesOf, parseTree, product, type Alternatives, type TranslatedKey } from './calico-selector.ts';
import type { KnownValues } from './known-values.ts';

/** What is around an entity of a rule. `namespace` is undefined in a global policy. */
export interface EntityContext {
  readonly snapshot: Snapshot;
  readonly known: KnownValues;
  readonly namespace: string | undefined;
  readonly reader: PolicyReader;
}

const ENTITY_FIELDS = [
  'nets',
  'notNets',
  'selector',
  'notSelector',
  'namespaceSelector',
  'ports',
  'notPorts',
  'serviceAccounts',
  'services',
];

/** The peers an entity means: everything written in it must hold. */
export function calicoPeers(
  context: EntityContext,
  entity: JsonRecord,
  path: Path,
  ipVersion: unknown,
): readonly PolicyPeer[] {
  const { reader } = context;
  reader.onlyFields(entity, path, ENTITY_FIELDS);
  const parts: PeerTerm[] = [];
  const accounts = objectAt(reader, entity['serviceAccounts'], [...path, 'serviceAccounts']);
  const hasAccounts = isRecord(entity['serviceAccounts']);
  if (entity['selector'] != null || entity['namespaceSelector'] != null || hasAccounts) {
    const scopes = scopesOf(context, entity, path);
    const selectors = accountSelectors(context, accounts, [...path, 'serviceAccounts']);
    parts.push({
      kind: 'anyOf',
      terms: [
        ...scopes.flatMap(({ namespaces, pods }) =>
          selectors.map((extra) => podsTerm({ namespaces, pods: [...pods, ...extra] })),
        ),
        ...(hasAccounts ? [] : setsOf(context, entity, path)),
      ],
    });
  }
  if (entity['notSelector'] != null) {
    const everywhere = { ...context, namespace: undefined };
    const negated = { selector: entity['notSelector'] };
    const terms = [...scopesOf(everywhere, negated, path).map(podsTerm), ...setsOf(everywhere, negated, path)];
    parts.push({ kind: 'not', term: { kind: 'anyOf', terms } });
  }
  if (entity['nets'] != null) parts.push({ kind: 'anyOf', terms: blocksOf(reader, entity['nets'], [...path, 'nets']) });
  if (entity['notNets'] != null)
    parts.push({
      kind: 'not',
      term: { kind: 'anyOf', terms: blocksOf(reader, entity['notNets'], [...path, 'notNets']) },
    });
  if (ipVersion === 4 || ipVersion === 6)
    parts.push({ kind: 'block', range: ipVersion === 4 ? ALL_IPV4 : ALL_IPV6, except: [], pods: 'always' });
  const [only] = parts;
  if (!only) return [{ term: EVERYONE, path }];
  if (parts.length > 1) return [{ term: { kind: 'allOf', terms: parts }, path }];
  return only.kind === 'anyOf' ? only.terms.map((term) => ({ term, path })) : [{ term: only, path }];
}

/** The pods a selector with a namespaceSelector means; without the latter, those of a namespaced policy's own namespace. */
export function scopesOf(
  context: EntityContext,
  written: Readonly<Record<string, unknown>>,
  path: Path,
): readonly PodScope[] {
  const { known, namespace } = context;
  const pods = select(context, written['selector'], [...path, 'selector'], known.ofPods, podKey);
  const chosen = written['namespaceSelector'];
  const namespaces: readonly NamespaceScope[] =
    chosen == null
      ? [namespace === undefined ? EVERY_NAMESPACE : { kind: 'name', name: namespace }]
      : select(context, chosen, [...path, 'namespaceSelector'], known.ofNamespaces, namespaceKey).map((selector) => ({
          kind: 'labels',
          selector,
        }));
  return namespaces.flatMap((scope) => pods.map((selector) => ({ namespaces: scope, pods: selector })));
}

/** Requirements on a pod's service account: its name, and labels of the ServiceAccount. */
export function accountSelectors(context: EntityContext, written: JsonRecord, path: Path): Alternatives {
  const names = strings(written['names']);
  const byName: Alternatives =
    names.length === 0 ? [[]] : [[{ operator: 'In', key: SERVICE_ACCOUNT_KEY, values: names }]];
  const byLabel =
    written['selector'] == null
      ? [[]]
      : select(
          context,
          written['selector'],
          [...path, 'selector'],
          (key) => accountValues(context.snapshot, key),
          (key) => SERVICE_ACCOUNT_LABEL + key,
        );
  return product([byName, byLabel]) ?? [];
}

/** A selector as alternatives; none, with the problem reported, when it can't be read. */
function select(
  { reader }: EntityContext,
  raw: unknown,
  path: Path,
  values: (key: string) => Iterable<string>,
  translate: (key: string) => TranslatedKey,
): readonly LabelSelector[] {
  const parsed = parseTree(raw == null ? '' : (text(raw) ?? '!'));
  const found = parsed.kind === 'ok' ? alternativesOf(parsed.tree, values, translate) : undefined;
  if (found) return found;
  reader.error(
    'SW_POLICY_SELECTOR_INVALID',
    path,
    parsed.kind === 'invalid' ? parsed.says : 'the selector has too many alternatives to be evaluated',
    "Write it in Calico's selector language: app == 'web' && has(tier).",
  );
  return [];
}

/** Addresses of the network sets an entity selects by their labels. */
function setsOf(context: EntityContext, entity: Readonly<Record<string, unknown>>, path: Path): readonly PeerTerm[] {
  if (entity['selector'] == null) return [];
  const inNamespaces = entity['namespaceSelector'] != null || context.namespace !== undefined;
  const parsed = parseTree(text(entity['selector']) ?? '!');
  // `global()` in the namespaceSelector means what is in no namespace: network sets, too.
  const outsideOnly = /^\s*global\s*\(\s*\)\s*$/.test(text(entity['namespaceSelector']) ?? '');
  const everywhere = !inNamespaces;
  const kinds = everywhere ? ['GlobalNetworkSet', 'NetworkSet'] : outsideOnly ? ['GlobalNetworkSet'] : ['NetworkSet'];
  return kinds.flatMap((kind) =>
    ['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) =>
      context.snapshot.list(`${kind}.${group}`).flatMap(({ object }) => {
        const labels = stringMap(object.metadata.labels);
        const here = scopesOfSet(context, entity, object.metadata.namespace, path);
        const found =
          parsed.kind === 'ok'
            ? (alternativesOf(
                parsed.tree,
                () => Object.values(labels),
                (key) => key,
              ) ?? [])
            : [];
        const picked = (everywhere || outsideOnly || here) && found.some((selector) => matches(selector, labels));
        return picked ? blocksOf(context.reader, at(object, 'spec', 'nets'), path) : [];
      }),
    ),
  );
}

function scopesOfSet(
  context: EntityContext,
  entity: Readonly<Record<string, unknown>>,
  namespace: string | undefined,
  path: Path,
): boolean {
  if (namespace === undefined) return false;
  if (entity['namespaceSelector'] == null) return namespace === context.namespace;
  const labels = {
    ...stringMap(context.snapshot.get('Namespace', undefined, namespace)?.object.metadata.labels),
    'kubernetes.io/metadata.name': namespace,
  };
  return select(context, entity['namespaceSelector'], path, context.known.ofNamespaces, namespaceKey).some((selector) =>
    matches(selector, labels),
  );
}

function blocksOf(reader: PolicyReader, raw: unknown, path: Path): readonly PeerTerm[] {
  return listAt(reader, raw, path).flatMap((entry, index): PeerTerm[] => {
    const written = text(entry) ?? '';
    // Calico takes a bare address, too, and bits behind the prefix.
    const cidr = written.includes('/') ? written : `${written}/${written.includes(':') ? 128 : 32}`;
    const range = readCidr(reader, cidr, [...path, index], { strictCidr: false });
    return range ? [{ kind: 'block', range, except: [], pods: 'always' }] : [];
  });
}

function podsTerm(scope: PodScope): PeerTerm {
  return { kind: 'pods', ...scope, podsGiven: true, withoutHosts: true };
}

/** Calico gives every pod these labels. */
function podKey(key: string): TranslatedKey {
  if (key === 'projectcalico.org/orchestrator') return { always: 'k8s' };
  if (key === 'projectcalico.org/namespace') return NAMESPACE_KEY;
  return key === 'projectcalico.org/serviceaccount' ? SERVICE_ACCOUNT_KEY : key;
}

function namespaceKey(key: string): string {
  return key === 'projectcalico.org/name' ? 'kubernetes.io/metadata.name' : key;
}

function accountValues(snapshot: Snapshot, key: string): readonly string[] {
  return snapshot
    .list('ServiceAccount')
    .flatMap(({ object }) => stringMap(record(object.metadata)['labels'])[key] ?? []);
}
