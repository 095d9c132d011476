import * as fc from 'fast-check';
import type { AccessRequest, Requester } from '../../src/analysis/access/types.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import { binding, clusterBinding, clusterRole, role, type RuleText, type SubjectText } from '../../src/testing/rbac.ts';

/**
 * Random RBAC objects and requests over few words, so that they often meet. Everything is valid at a real API server
 * unless `alsoInvalid`. `prefix` keeps names apart from those of others on a shared cluster.
 */
export interface Vocabulary {
  readonly prefix: string;
  readonly alsoInvalid: boolean;
}

const VERBS = ['get', 'list', 'create', 'delete', 'GET', 'impersonate', '*'];
const GROUPS = ['', 'apps', 'example.com', '*'];
const RESOURCES = ['pods', 'deployments', 'namespaces', 'nodes', 'things', '*'];
const SUBRESOURCES = ['exec', 'log', 'scale', '*'];
const NAMES = ['a', 'b', '*', 'a*'];
const URLS = ['*', '/', '/a', '/a*', '/a**', '/a/*', '/a/b', '/*', '/a*b', '/metrics'];
const PATHS = ['/', '/a', '/ab', '/a/b', '/a/b/c', '/a*', '/axb', '/metrics', '/metrics/', '*', '/z'];

const some = <T>(values: readonly T[], max = 2): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: max });

const written = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...RESOURCES) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...RESOURCES), fc.constantFrom(...SUBRESOURCES)).map((pair) => pair.join('/')),
  },
);

const resourceRule: fc.Arbitrary<RuleText> = fc.record({
  verbs: some(VERBS),
  apiGroups: some(GROUPS),
  resources: fc.uniqueArray(written, { minLength: 1, maxLength: 3 }),
  resourceNames: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: some(NAMES) }),
});

const urlRule: fc.Arbitrary<RuleText> = fc.record({ verbs: some(VERBS), nonResourceURLs: some(URLS) });

const namespacesOf = (prefix: string): readonly string[] => [`${prefix}x`, `${prefix}y`];

function subjects({ prefix, alsoInvalid }: Vocabulary, cluster: boolean): fc.Arbitrary<SubjectText[]> {
  const [x = '', y = ''] = namespacesOf(prefix);
  const accounts = [
    { kind: 'ServiceAccount', name: 'sa', namespace: x },
    { kind: 'ServiceAccount', name: 'sa', namespace: y },
    ...(cluster && !alsoInvalid ? [] : [{ kind: 'ServiceAccount', name: 'sa' }]),
  ];
  const users = [`${prefix}u`, `${prefix}v`, `system:serviceaccount:${x}:sa`, '*'].map((name) => ({
    kind: 'User',
    name,
  }));
  const groups = [`${prefix}g`, `${prefix}h`, `system:serviceaccounts:${y}`, '*'].map((name) => ({
    kind: 'Group',
    name,
  }));
  const odd = alsoInvalid ? [{ kind: 'Robot', name: `${prefix}u` }] : [];
  return fc.array(fc.constantFrom<SubjectText>(...users, ...groups, ...accounts, ...odd), { maxLength: 3 });
}

/** Labels of ClusterRoles and the selectors that aggregate them. */
const LABELS = ['one', 'two', 'three'];

function clusterRoleOf(vocabulary: Vocabulary, index: number): fc.Arbitrary<KubernetesObject> {
  const { prefix } = vocabulary;
  const labels = fc
    .subarray(LABELS)
    .map((names) => Object.fromEntries(names.map((name) => [`${prefix}agg-${name}`, 'y'])));
  const selectors = fc.array(
    fc.constantFrom(...LABELS).map((name) => ({ matchLabels: { [`${prefix}agg-${name}`]: 'y' } })),
    { minLength: 1, maxLength: 2 },
  );
  const rules = fc.array(fc.oneof({ weight: 3, arbitrary: resourceRule }, { weight: 1, arbitrary: urlRule }), {
    maxLength: 3,
  });
  return fc
    .tuple(labels, rules, fc.option(selectors, { freq: 3 }))
    .map(([labelled, ofRole, aggregated]): KubernetesObject => {
      const plain = clusterRole(`${prefix}c${index}`, ...ofRole);
      const metadata = { ...plain.metadata, labels: labelled };
      if (!aggregated) return { ...plain, metadata };
      return { ...plain, metadata, rules: [], aggregationRule: { clusterRoleSelectors: aggregated } };
    });
}

/** A set of roles and bindings in two namespaces; some bindings refer to roles that are not there. */
export function rbacObjects(vocabulary: Vocabulary, size = 5): fc.Arbitrary<readonly KubernetesObject[]> {
  const { prefix } = vocabulary;
  const namespaces = namespacesOf(prefix);
  const indexes = Array.from({ length: size }, (_, index) => index);
  const pick = fc.integer({ min: 0, max: size });
  const clusterRoles = fc.tuple(...indexes.map((index) => clusterRoleOf(vocabulary, index)));
  const roles = fc.tuple(
    ...namespaces.flatMap((namespace) =>
      indexes.map((index) =>
        fc.array(resourceRule, { maxLength: 3 }).map((rules) => role(namespace, `${prefix}r${index}`, ...rules)),
      ),
    ),
  );
  const clusterBindings = fc.tuple(
    ...indexes.map((index) =>
      fc
        .tuple(pick, subjects(vocabulary, true))
        .map(([to, bound]) => clusterBinding(`${prefix}cb${index}`, `${prefix}c${to}`, ...bound)),
    ),
  );
  const bindings = fc.tuple(
    ...namespaces.flatMap((namespace) =>
      indexes.map((index) =>
        fc
          .tuple(pick, fc.boolean(), subjects(vocabulary, false))
          .map(([to, local, bound]) =>
            binding(
              namespace,
              `${prefix}b${index}`,
              local ? `Role/${prefix}r${to}` : `ClusterRole/${prefix}c${to}`,
              ...bound,
            ),
          ),
      ),
    ),
  );
  return fc.tuple(clusterRoles, roles, clusterBindings, bindings).map(([a, b, c, d]) => [...a, ...b, ...c, ...d]);
}

export function requesters({ prefix }: Vocabulary): fc.Arbitrary<Requester> {
  const [x = '', y = ''] = namespacesOf(prefix);
  const user = fc.constantFrom(
    `${prefix}u`,
    `${prefix}v`,
    `${prefix}stranger`,
    `system:serviceaccount:${x}:sa`,
    `system:serviceaccount:${y}:sa`,
    '*',
    'system:anonymous',
  );
  const groups = fc.uniqueArray(
    fc.constantFrom(
      `${prefix}g`,
      `${prefix}h`,
      `system:serviceaccounts:${y}`,
      '*',
      'system:authenticated',
      'system:unauthenticated',
    ),
    { maxLength: 3 },
  );
  return fc.record({ user, groups });
}

export function requests({ prefix }: Vocabulary): fc.Arbitrary<AccessRequest> {
  const orNothing = (values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom('', '', ...values);
  const resource = fc.record({
    kind: fc.constant('resource' as const),
    verb: fc.constantFrom(...VERBS),
    group: fc.constantFrom(...GROUPS),
    resource: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...RESOURCES) }, { weight: 1, arbitrary: written }),
    subresource: orNothing(SUBRESOURCES),
    name: orNothing(NAMES),
    namespace: orNothing(namespacesOf(prefix)),
  });
  const path = fc.record({
    kind: fc.constant('nonResource' as const),
    verb: fc.constantFrom(...VERBS),
    path: fc.constantFrom(...PATHS),
  });
  return fc.oneof({ weight: 4, arbitrary: resource }, { weight: 1, arbitrary: path });
}
