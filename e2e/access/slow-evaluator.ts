import type { AccessRequest, Requester } from '../../src/analysis/access/types.ts';
import { at, list, record } from '../../src/model/json.ts';
import type { KubernetesObject } from '../../src/model/object.ts';

/**
 * RBAC written from its rules as plainly as possible, without any index and without sharing a line with the engine:
 * every question looks at every binding. Aggregated roles are filled by repeating one step of the controller until
 * nothing changes.
 */
export function slowlyAllowed(objects: readonly KubernetesObject[], who: Requester, what: AccessRequest): boolean {
  if (who.groups.includes('system:masters')) return true;
  const filled = fill(objects);
  return objects.some((object) => {
    if (!object.kind.endsWith('Binding')) return false;
    const inCluster = object.kind === 'ClusterRoleBinding';
    if (!inCluster && (what.kind === 'nonResource' || what.namespace !== object.metadata.namespace)) return false;
    if (!list(object['subjects']).some((subject) => isMeant(record(subject), who, object.metadata.namespace)))
      return false;
    const role = filled.find(
      (candidate) =>
        candidate.kind === at(object, 'roleRef', 'kind') &&
        candidate.metadata.name === at(object, 'roleRef', 'name') &&
        (candidate.kind === 'ClusterRole' || candidate.metadata.namespace === object.metadata.namespace),
    );
    return list(role?.['rules']).some((rule) => grants(record(rule), what));
  });
}

function isMeant(subject: Readonly<Record<string, unknown>>, who: Requester, local: string | undefined): boolean {
  if (subject['kind'] === 'User') return subject['name'] === who.user;
  if (subject['kind'] === 'Group') return who.groups.some((group) => group === subject['name']);
  if (subject['kind'] !== 'ServiceAccount') return false;
  const namespace = subject['namespace'] ?? local;
  return namespace !== undefined && who.user === ['system', 'serviceaccount', namespace, subject['name']].join(':');
}

function grants(rule: Readonly<Record<string, unknown>>, what: AccessRequest): boolean {
  const oneOf = (field: string, ...accepted: readonly string[]): boolean =>
    list(rule[field]).some((value) => accepted.some((one) => one === value));
  if (!oneOf('verbs', what.verb, '*')) return false;
  if (what.kind === 'nonResource') {
    return list(rule['nonResourceURLs']).some((url) => {
      const [, prefix, stars] = /^(.*?)(\**)$/.exec(String(url)) ?? [];
      return stars === '' ? what.path === prefix : what.path.startsWith(prefix ?? '');
    });
  }
  const { resource, subresource } = what;
  const resources = subresource === '' ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*'];
  const named = list(rule['resourceNames']);
  return (
    oneOf('apiGroups', what.group, '*') &&
    oneOf('resources', ...resources) &&
    (named.length === 0 || named.includes(what.name))
  );
}

function fill(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  let roles = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  const open = new Set(
    roles
      .filter((role) => role['aggregationRule'] && list(role['rules']).length === 0)
      .map(({ metadata }) => metadata.name),
  );
  for (;;) {
    let changed = false;
    roles = roles.map((role) => {
      if (role.kind !== 'ClusterRole' || !open.has(role.metadata.name)) return role;
      const parts = roles.filter(
        (other) =>
          other.kind === 'ClusterRole' &&
          list(at(role, 'aggregationRule', 'clusterRoleSelectors')).some((selector) =>
            Object.entries(record(at(selector, 'matchLabels'))).every(
              ([key, value]) => other.metadata.labels?.[key] === value,
            ),
          ),
      );
      const rules = [
        ...new Map(parts.flatMap((part) => list(part['rules'])).map((rule) => [JSON.stringify(rule), rule])).values(),
      ];
      if (rules.length === list(role['rules']).length) return role;
      changed = true;
      return { ...role, rules };
    });
    if (!changed) return roles;
  }
}
