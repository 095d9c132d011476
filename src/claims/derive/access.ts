import { serviceAccountNameOf } from '../../analysis/posture/pod-subject.ts';
import { becauseOfGap } from '../../model/because.ts';
import { WORKLOAD_KINDS } from '../../model/pods.ts';
import type { Claim } from '../claim.ts';
import { namespaceOf, type Facts } from '../facts.ts';
import type { AccessSpec } from '../schema/access.ts';
import { derived, type Derivation, type DerivedHead } from './derivation.ts';

/** Namespaces whose workloads run the cluster itself. */
const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/** What no ordinary workload's service account should be able to do, because whoever takes over the pod can too. */
export const leastPrivilege: Derivation = {
  id: 'least-privilege',
  from: 'ServiceAccount',
  title: 'Service accounts of workloads are not administrators, and the API answers nobody who is not logged in',
  derive: (facts) => {
    const bindings = [
      ...facts.snapshot.list('ClusterRoleBinding.rbac.authorization.k8s.io'),
      ...facts.snapshot.list('RoleBinding.rbac.authorization.k8s.io'),
    ];
    if (bindings.length === 0) return [];
    const perNamespace = [...accountsOf(facts)].flatMap(([namespace, accounts]) =>
      SYSTEM_NAMESPACES.has(namespace) ? [] : claimsOf(facts, namespace, accounts),
    );
    return [...perNamespace, anonymous()];
  },
};

type Account = AccessSpec['subjects'][number];

/** The service accounts the workloads of each namespace run as. */
function accountsOf(facts: Facts): ReadonlyMap<string, readonly Account[]> {
  const found = new Map<string, Map<string, Account>>();
  for (const workload of facts.workloads) {
    const namespace = namespaceOf(workload);
    const name = serviceAccountNameOf(workload.template.spec);
    if (!found.has(namespace)) found.set(namespace, new Map());
    found.get(namespace)?.set(name, { kind: 'ServiceAccount', name, namespace });
  }
  return new Map(
    [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([namespace, accounts]) => [
        namespace,
        [...accounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, account]) => account),
      ]),
  );
}

function claimsOf({ snapshot }: Facts, namespace: string, subjects: readonly Account[]): readonly Claim[] {
  // A workload that could not be read may run as an account that is not among the subjects.
  const leavesOut = snapshot.gaps(WORKLOAD_KINDS, namespace).map(becauseOfGap);
  const from = subjects.map(({ name }) => ({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name }));
  const claim = (
    head: Pick<DerivedHead, 'name' | 'statement' | 'severity' | 'rationale'>,
    spec: Pick<AccessSpec, 'verbs' | 'resources' | 'namespaces'>,
  ): Claim =>
    derived(
      { ...head, namespace, from, leavesOut },
      { kind: 'access', spec: { ...spec, subjects: [...subjects], expect: 'denied' } },
    );
  return [
    claim(
      {
        name: 'workloads-are-no-cluster-admins',
        statement: `No workload in ${namespace} is cluster-admin.`,
        severity: 'critical',
        rationale: 'Whoever takes over a pod has its service account: if that may do anything, so may they.',
      },
      { verbs: ['*'], resources: ['*'] },
    ),
    claim(
      {
        name: 'workloads-cannot-read-all-secrets',
        statement: `No workload in ${namespace} can read the Secrets of the whole cluster.`,
        severity: 'critical',
        rationale:
          'The Secrets of all namespaces hold tokens of stronger accounts: reading them leads to cluster-admin.',
      },
      { verbs: ['get', 'list'], resources: ['secrets'] },
    ),
    claim(
      {
        name: 'workloads-cannot-list-secrets',
        statement: `No workload in ${namespace} can list the Secrets there.`,
        severity: 'high',
        rationale:
          'A workload gets the Secrets it needs mounted; one that can list them all hands all of them to whoever takes it over.',
      },
      { verbs: ['list'], resources: ['secrets'], namespaces: [namespace] },
    ),
    claim(
      {
        name: 'workloads-cannot-exec',
        statement: `No workload in ${namespace} can run commands in other pods there.`,
        severity: 'high',
        rationale:
          'A workload that may run commands in other pods of its namespace owns all of them once it is taken over.',
      },
      { verbs: ['create'], resources: ['pods/exec'], namespaces: [namespace] },
    ),
  ];
}

function anonymous(): Claim {
  return derived(
    {
      name: 'anonymous-cannot-read',
      statement: 'Nobody who is not logged in can read Secrets, or read or create pods.',
      severity: 'critical',
      from: [
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', name: 'system:public-info-viewer' },
      ],
      rationale:
        'Kubernetes lets requests without credentials see versions and health alone; anything more is a grant by mistake.',
    },
    {
      kind: 'access',
      spec: {
        subjects: [{ kind: 'User', name: 'system:anonymous' }],
        verbs: ['get', 'list', 'create'],
        resources: ['pods', 'secrets'],
        expect: 'denied',
      },
    },
  );
}
