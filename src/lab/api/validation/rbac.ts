import { list, record, records, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Cause } from '../http/status.ts';
import { forbiddenField, invalidValue, notSupported, required } from './causes.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Source: pkg/apis/rbac/validation. */
export function validateRole(role: KubernetesObject): readonly Cause[] {
  const namespaced = role.kind === 'Role';
  return records(role['rules']).flatMap(([index, rule]) => {
    const field = `rules[${index}]`;
    const causes: Cause[] = [];
    if (list(rule['verbs']).length === 0)
      causes.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
    if (list(rule['nonResourceURLs']).length > 0) {
      if (namespaced) {
        causes.push(
          invalidValue(
            `${field}.nonResourceURLs`,
            rule['nonResourceURLs'],
            'namespaced rules cannot apply to non-resource URLs',
          ),
        );
      }
      const both = ['apiGroups', 'resources', 'resourceNames'].some((name) => list(rule[name]).length > 0);
      if (both) {
        causes.push(
          invalidValue(
            `${field}.nonResourceURLs`,
            rule['nonResourceURLs'],
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        );
      }
      return causes;
    }
    if (list(rule['apiGroups']).length === 0) {
      causes.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (list(rule['resources']).length === 0) {
      causes.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
    }
    return causes;
  });
}

export function validateRoleBinding(binding: KubernetesObject): readonly Cause[] {
  const cluster = binding.kind === 'ClusterRoleBinding';
  const role = record(binding['roleRef']);
  const causes: Cause[] = [];
  if (role['apiGroup'] !== GROUP) causes.push(notSupported('roleRef.apiGroup', role['apiGroup'] ?? '', [GROUP]));
  const kinds = cluster ? ['ClusterRole'] : ['ClusterRole', 'Role'];
  if (!kinds.includes(text(role['kind']) ?? '')) causes.push(notSupported('roleRef.kind', role['kind'] ?? '', kinds));
  if (!text(role['name'])) causes.push(required('roleRef.name'));
  for (const [index, subject] of records(binding['subjects'])) {
    const field = `subjects[${index}]`;
    if (!text(subject['name'])) causes.push(required(`${field}.name`));
    const group = subject['apiGroup'] ?? '';
    switch (subject['kind']) {
      case 'ServiceAccount':
        if (group !== '') causes.push(notSupported(`${field}.apiGroup`, group, ['']));
        if (cluster && !text(subject['namespace'])) causes.push(required(`${field}.namespace`));
        break;
      case 'User':
      case 'Group':
        if (group !== GROUP) causes.push(notSupported(`${field}.apiGroup`, group, [GROUP]));
        if (text(subject['namespace']))
          causes.push(forbiddenField(`${field}.namespace`, `namespace must not be set for ${subject['kind']}`));
        break;
      default:
        causes.push(notSupported(`${field}.kind`, subject['kind'] ?? '', ['ServiceAccount', 'User', 'Group']));
    }
  }
  return causes;
}
