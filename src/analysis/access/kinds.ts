/** Kind keys of the four RBAC kinds. */
export const ROLE = 'Role.rbac.authorization.k8s.io';
export const CLUSTER_ROLE = 'ClusterRole.rbac.authorization.k8s.io';
export const ROLE_BINDING = 'RoleBinding.rbac.authorization.k8s.io';
export const CLUSTER_ROLE_BINDING = 'ClusterRoleBinding.rbac.authorization.k8s.io';
