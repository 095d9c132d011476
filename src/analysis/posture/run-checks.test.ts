import { describe, expect, test } from 'vitest';
import { contentsOf, createSnapshot, withUnreadable, type Snapshot } from '../../model/snapshot.ts';
import { snapshotOfYaml } from '../../testing/snapshot-of-yaml.ts';
import { runChecks } from './run-checks.ts';

/** `verdict Kind name [container]` of each result of one check. */
function results(check: string, source: string | Snapshot): readonly string[] {
  const snapshot = typeof source === 'string' ? snapshotOfYaml(source) : source;
  return runChecks(snapshot, { only: [check], showPassed: true }).results.map(
    ({ verdict, object, container }) =>
      `${verdict} ${object.kind} ${object.name}${container === undefined ? '' : ` [${container}]`}`,
  );
}

const pod = (spec: string) => `{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: ${spec}}`;
const mount = (path: string, more = '') =>
  pod(
    `{${more} containers: [{name: c, volumeMounts: [{name: v, mountPath: /x}]}], volumes: [{name: v, hostPath: {path: ${path}}}]}`,
  );

describe('host paths', () => {
  test.each([
    ['/', true],
    ['/var/run', true],
    ['/run/containerd/', true],
    ['/var/run/../run/docker.sock', true],
    ['/var/runtime', false],
    ['/var', false],
    ['/srv', false],
  ])('%s shows the socket of a runtime: %s', (path, shows) => {
    expect(results('runtime-socket-mount', mount(path))).toEqual([shows ? 'fail Pod web [c]' : 'pass Pod web']);
  });

  test('a user that is not root can not open a socket it only sees from above; its group might', () => {
    expect(results('runtime-socket-mount', mount('/', 'securityContext: {runAsUser: 1},'))).toEqual(['pass Pod web']);
    expect(
      results('runtime-socket-mount', mount('/', 'securityContext: {runAsUser: 1, supplementalGroups: [0]},')),
    ).toEqual(['fail Pod web [c]']);
    expect(results('runtime-socket-mount', mount('/run/docker.sock', 'securityContext: {runAsUser: 1},'))).toEqual([
      'fail Pod web [c]',
    ]);
  });

  test.each([
    ['/etc/cron.d', 'fail Pod web [c]'],
    ['/var', 'fail Pod web [c]'],
    ['/var/log', 'fail Pod web [c]'],
    ['/var/log/my-app', 'pass Pod web'],
    ['/etcetera', 'pass Pod web'],
  ])('writable %s: %s', (path, expected) => {
    expect(results('host-path-sensitive-rw', mount(path))).toEqual([expected]);
  });

  test('a subPath counts as the path it leads to', () => {
    const under = mount('/srv').replace('mountPath: /x', 'mountPath: /x, subPath: ../etc');
    expect(results('host-path-sensitive-rw', under)).toEqual(['fail Pod web [c]']);
  });
});

describe('users', () => {
  test.each([
    ['{containers: [{name: c}]}', 'fail Pod web [c]'],
    ['{securityContext: {runAsUser: 1000}, containers: [{name: c}]}', 'pass Pod web'],
    [
      '{securityContext: {runAsNonRoot: true}, containers: [{name: c, securityContext: {runAsNonRoot: false}}]}',
      'fail Pod web [c]',
    ],
    [
      '{securityContext: {runAsUser: 1000}, containers: [{name: c, securityContext: {runAsUser: 0}}]}',
      'fail Pod web [c]',
    ],
    ['{hostUsers: false, containers: [{name: c}]}', 'notApplicable Pod web'],
    [
      '{securityContext: {runAsNonRoot: true}, initContainers: [{name: i, securityContext: {runAsNonRoot: false}}], containers: [{name: c}]}',
      'fail Pod web [i]',
    ],
  ])('run-as-non-root: %s', (spec, expected) => {
    expect(results('run-as-non-root', pod(spec))).toEqual([expected]);
  });
});

describe('tokens', () => {
  const BINDING =
    '\n---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: default, namespace: default}]}';
  const WEB = pod('{containers: [{name: c}]}');

  test('the word of the pod counts before that of its service account', () => {
    const account =
      '\n---\n{apiVersion: v1, kind: ServiceAccount, metadata: {name: default}, automountServiceAccountToken: false}';
    expect(results('sa-token-automount', WEB)).toEqual(['fail Pod web']);
    expect(results('sa-token-automount', WEB + account)).toEqual(['pass Pod web']);
    expect(
      results('sa-token-automount', pod('{automountServiceAccountToken: true, containers: [{name: c}]}') + account),
    ).toEqual(['fail Pod web']);
  });

  test('a service account that a binding names needs its token', () => {
    expect(results('sa-token-automount', WEB + BINDING)).toEqual(['notApplicable Pod web']);
  });

  test('without service accounts, or without bindings, the answer is unknown, never a pass', () => {
    for (const kind of ['ServiceAccount', 'RoleBinding.rbac.authorization.k8s.io']) {
      expect(results('sa-token-automount', withUnreadable(snapshotOfYaml(WEB + BINDING), [kind]))).toContain(
        'unknown Pod web',
      );
    }
  });
});

describe('live pods', () => {
  const owned = (name: string, spec: string) =>
    `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: agent, controller: true}]}, spec: ${spec}}`;
  const AGENT =
    '{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {template: {spec: {hostPID: true, containers: [{name: c}]}}}}';

  test('are folded into the controller that made them', () => {
    const live = [
      AGENT,
      owned('agent-1', '{hostPID: true, containers: [{name: c}]}'),
      owned('agent-2', '{hostPID: true, containers: [{name: c}]}'),
    ];
    expect(results('host-pid', live.join('\n---\n'))).toEqual(['fail DaemonSet agent']);
  });

  test('are compared with their template: what is weaker in them is told once for all of them', () => {
    const injected =
      '{hostPID: true, containers: [{name: c}, {name: proxy, securityContext: {capabilities: {add: [NET_ADMIN]}}}]}';
    const yaml = [AGENT, owned('agent-1', injected), owned('agent-2', injected)].join('\n---\n');
    const messages = runChecks(snapshotOfYaml(yaml), { only: ['pod-differs-from-owner'] }).results.map(
      (r) => r.message,
    );
    // What the template breaks itself is told by the checks of the template.
    expect(messages).toEqual([
      'pod agent-1 and 1 more: container proxy breaks capabilities_baseline of baseline, its template does not',
    ]);
  });

  test('of a template that keeps to restricted are asked for that, too', () => {
    const safe = (more: string) =>
      `{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: c, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}${more}]}`;
    const template = AGENT.replace('{hostPID: true, containers: [{name: c}]}', safe(''));
    const yaml = `${template}\n---\n${owned('agent-1', safe(', {name: proxy}'))}`;
    const found = runChecks(snapshotOfYaml(yaml), { only: ['pod-differs-from-owner'] }).results;
    expect(found.map(({ severity, container }) => `${severity} ${container}`)).toEqual([
      'medium proxy',
      'medium proxy',
    ]);
    expect(found[0]?.message).toMatch(/of restricted, a level its template keeps to$/);
  });

  test('are no news where they are as their template says, have ended, or their owner was not read', () => {
    const same = owned('agent-1', '{hostPID: true, containers: [{name: c}]}');
    const weaker = owned(
      'agent-2',
      '{hostNetwork: true, containers: [{name: c, securityContext: {privileged: true}}]}',
    );
    const ended = weaker.replace(/\}$/, ', status: {phase: Failed}}');
    const verdicts = (...objects: readonly string[]) =>
      runChecks(snapshotOfYaml(objects.join('\n---\n')), {
        only: ['pod-differs-from-owner'],
        showPassed: true,
      }).results.map(({ verdict }) => verdict);
    expect(verdicts(AGENT, same)).toEqual(['pass']);
    expect(verdicts(AGENT, ended)).toEqual(['notApplicable']);
    expect(verdicts(weaker)).toEqual(['notApplicable']);
    expect(verdicts(AGENT, same, weaker)).toEqual(['fail', 'fail']);
  });

  test('show their debug containers', () => {
    const debugged = owned(
      'agent-1',
      '{containers: [{name: c}], ephemeralContainers: [{name: d, securityContext: {privileged: true}}]}',
    );
    expect(results('privileged-container', `${AGENT}\n---\n${debugged}`)).toEqual(['fail DaemonSet agent [d]']);
  });

  test('that have ended are not judged when nothing else made them', () => {
    const ended = pod('{hostPID: true, containers: [{name: c}]}').replace(/\}$/, ', status: {phase: Succeeded}}');
    expect(results('host-pid', ended)).toEqual([]);
  });
});

describe('roles', () => {
  const role = (rules: string, binding: string) =>
    `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, rules: [${rules}]}\n---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ${binding}, metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}, subjects: [{kind: User, name: ann}]}`;

  test('what belongs to no namespace counts only where the whole cluster is granted', () => {
    const proxy = '{apiGroups: [""], resources: [nodes/proxy], verbs: [get]}';
    expect(results('rbac-node-proxy', role(proxy, 'ClusterRoleBinding'))).toEqual(['fail ClusterRole r']);
    expect(results('rbac-node-proxy', role(proxy, 'RoleBinding'))).toEqual(['pass ClusterRole r']);
  });

  test('plain pods is not pods/exec, and get alone is not enough since 1.35', () => {
    const rule = (resource: string, verb: string) => `{apiGroups: [""], resources: ["${resource}"], verbs: [${verb}]}`;
    const at = (yaml: string, minor: number) =>
      results(
        'rbac-exec-attach-forward',
        createSnapshot({ ...contentsOf(snapshotOfYaml(yaml)), kubernetesVersion: { major: 1, minor } }),
      );
    expect(at(role(rule('pods', 'create'), 'RoleBinding'), 36)).toEqual(['pass ClusterRole r']);
    expect(at(role(rule('pods/exec', 'get'), 'RoleBinding'), 34)).toEqual(['fail ClusterRole r']);
    expect(at(role(rule('pods/exec', 'get'), 'RoleBinding'), 35)).toEqual(['pass ClusterRole r']);
  });

  test.each([
    ['{apiGroups: [""], resources: [configmaps], verbs: [update]}', 'ClusterRoleBinding', 'fail'],
    ['{apiGroups: [""], resources: [configmaps], verbs: [update]}', 'RoleBinding', 'pass'],
    ['{apiGroups: [""], resources: [configmaps], verbs: [get]}', 'ClusterRoleBinding', 'pass'],
    [
      '{apiGroups: [""], resources: [configmaps], resourceNames: [coredns], verbs: [patch]}',
      'ClusterRoleBinding',
      'fail',
    ],
    ['{apiGroups: [""], resources: [configmaps], resourceNames: [mine], verbs: [patch]}', 'ClusterRoleBinding', 'pass'],
  ])('the ConfigMap of the DNS of the cluster: %s by a %s: %s', (rule, binding, verdict) => {
    expect(results('rbac-tamper', role(rule, binding))).toEqual([`${verdict} ClusterRole r`]);
  });

  test('a role nobody holds gives nothing', () => {
    const [alone = ''] = role('{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}', 'RoleBinding').split('\n---\n');
    expect(results('rbac-wildcard', alone)).toEqual([]);
  });
});

describe('laws', () => {
  const EVERYTHING = `${pod('{hostNetwork: true, containers: [{name: c}]}')}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: default}}\n---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny}, spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}`;

  test('a kind that could not be read never turns a finding or a doubt into a pass', () => {
    const snapshot = snapshotOfYaml(EVERYTHING);
    const passing = (of: Snapshot) =>
      new Set(
        runChecks(of, { showPassed: true })
          .results.filter(({ verdict }) => verdict === 'pass')
          .map(({ check, object }) => `${check} ${object.kind}/${object.name}`),
      );
    const before = passing(snapshot);
    for (const kind of snapshot.kinds()) {
      const after = passing(withUnreadable(snapshot, [kind]));
      expect([...after].filter((row) => !before.has(row))).toEqual([]);
    }
  });

  test('a namespace whose policies were not read is not one without policies', () => {
    const policy =
      '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: default}, spec: {podSelector: {matchLabels: {app: web}}}}';
    const snapshot = snapshotOfYaml(`${pod('{containers: [{name: c}]}')}\n---\n${policy}`);
    expect(results('ns-no-default-deny', snapshot)).toEqual(['fail Namespace default']);
    expect(results('ns-no-default-deny', withUnreadable(snapshot, ['NetworkPolicy.networking.k8s.io']))).toContain(
      'unknown Namespace default',
    );
  });

  test('the order of the input does not matter', () => {
    const snapshot = snapshotOfYaml(EVERYTHING);
    const contents = contentsOf(snapshot);
    const reversed = createSnapshot({ ...contents, resources: [...contents.resources].reverse() });
    expect(runChecks(reversed, { showPassed: true }).results).toEqual(
      runChecks(snapshot, { showPassed: true }).results,
    );
  });
});

test('a LimitRange counts only when asked for', () => {
  const yaml = `${pod('{containers: [{name: c}]}')}\n---\n{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, default: {memory: 1Gi}}]}}`;
  const verdict = (namespaceDefaults: boolean) =>
    runChecks(snapshotOfYaml(yaml), { only: ['limits-missing'], showPassed: true, namespaceDefaults }).results[0]
      ?.verdict;
  expect([verdict(false), verdict(true)]).toEqual(['fail', 'pass']);
});

test.each([
  ['{securityContext: {runAsNonroot: true}, containers: [{name: c}]}', 'spelt runAsNonRoot'],
  ['{runAsUser: 1, containers: [{name: c}]}', 'belongs in'],
  ['{containers: [{name: c, privileged: true}]}', 'belongs in'],
  ['{containers: [{name: c, securityContext: {fsGroup: 1}}]}', "belongs in the pod's securityContext"],
])('dropped-field: %s', (spec, says) => {
  const { results: found } = runChecks(snapshotOfYaml(pod(spec)), { only: ['dropped-field'] });
  expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(says)]);
});

test.each([
  ['DB_PASSWORD', 'hunter2x', true],
  ['DB_PASSWORD', '$(OTHER)', false],
  ['DB_PASSWORD_FILE', '/run/secrets/x', false],
  ['TOKEN_TTL', '3600s', false],
  ['CACHE_URL', 'redis://user:s3cret@cache:6379', true],
  ['CACHE_URL', 'redis://cache:6379', false],
  ['apiKey', 'abcdef123456', true],
  ['MONKEY', 'banana', false],
  ['PGPASSWORD', 'hunter2x', true],
  ['DB_PASS', 'hunter2x', true],
  ['COMPASS', 'north-east', false],
  ['OLDPWD', '/var/lib', false],
  ['DB_PASSWORD', '$OTHER', false],
])('literal-secret-env: %s=%s is a credential: %s', (name, value, is) => {
  const spec = `{containers: [{name: c, env: [{name: ${name}, value: '${value}'}]}]}`;
  expect(results('literal-secret-env', pod(spec))).toEqual([is ? 'fail Pod web [c]' : 'pass Pod web']);
});

test.each([
  ['redis', 'fail'],
  ['redis:alpine', 'fail'],
  ['redis:7-alpine', 'pass'],
  ['debian:bookworm-slim', 'fail'],
  ['registry:5000/redis', 'fail'],
  ['registry:5000/redis:v1', 'pass'],
  ['web:deadbeef', 'pass'],
  [`redis:alpine@sha256:${'0'.repeat(64)}`, 'pass'],
])('image-mutable-tag: %s: %s', (image, verdict) => {
  const found = results('image-mutable-tag', pod(`{containers: [{name: c, image: '${image}'}]}`));
  expect(found).toEqual([verdict === 'fail' ? 'fail Pod web [c]' : 'pass Pod web']);
});

test('a PodTemplate is judged as Pod Security judges it', () => {
  const template = '{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: {spec: {hostPID: true}}}';
  expect(results('host-pid', template)).toEqual(['fail PodTemplate t']);
  expect(results('pod-security/hostnamespaces', template)).toEqual(['fail PodTemplate t']);
});

test.each([
  [
    ['data', 'stringData'],
    ['fail Secret token', 'pass Secret odd', 'pass Secret opaque'],
  ],
  [
    ['type', 'data'],
    ['fail Secret token', 'unknown Secret odd', 'pass Secret opaque'],
  ],
])('legacy-sa-token, where %j of Secrets was withheld', (fields, expected) => {
  const named = 'annotations: {kubernetes.io/service-account.name: robot}';
  const yaml = [
    '{apiVersion: v1, kind: Secret, metadata: {name: token}, type: kubernetes.io/service-account-token}',
    `{apiVersion: v1, kind: Secret, metadata: {name: odd, ${named}}}`,
    '{apiVersion: v1, kind: Secret, metadata: {name: opaque}}',
  ];
  const gap = { kind: 'Secret', reason: 'withheld', fields, detail: 'not read', remedy: 'read it' } as const;
  const snapshot = createSnapshot({ ...contentsOf(snapshotOfYaml(yaml.join('\n---\n'))), gaps: [gap] });
  expect(results('legacy-sa-token', snapshot)).toEqual(expected);
});

test('secret-in-configmap: contents that were withheld are unknown, but for the certificate that Kubernetes puts everywhere', () => {
  const yaml = [
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-root-ca.crt}}',
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: names-only}}',
    '{apiVersion: v1, kind: ConfigMap, metadata: {name: given}, data: {colour: red}}',
  ];
  const gap = { kind: 'ConfigMap', reason: 'withheld', fields: ['data'], detail: 'not read', remedy: '' } as const;
  const snapshot = createSnapshot({ ...contentsOf(snapshotOfYaml(yaml.join('\n---\n'))), gaps: [gap] });
  expect(results('secret-in-configmap', snapshot)).toEqual([
    'unknown ConfigMap names-only',
    'pass ConfigMap given',
    'pass ConfigMap kube-root-ca.crt',
  ]);
});

test.each([
  [['--password=hunter2x'], [0]],
  [['--password', 'hunter2x'], [0]],
  [['--password', '--verbose'], []],
  [['--password-file', '/run/secrets/x'], []],
  [['sh', '-c', 'export DB_PASSWORD="hunter2x" && exec server'], [2]],
  [['sh', '-c', 'export DB_PASSWORD=$(cat /run/secrets/x); exec server'], []],
  [['sh', '-c', 'test "$DB_PASSWORD" = x || exit'], []],
  [['postgres://app:hunter2x@db/app'], [0]],
])('literal-secret-env: %j has a credential at %j', (args, indexes) => {
  const snapshot = snapshotOfYaml(pod(`{containers: [{name: c, args: ${JSON.stringify(args)}}]}`));
  const found = runChecks(snapshot, { only: ['literal-secret-env'] }).results.map(({ path }) => path);
  expect(found).toEqual(indexes.map((index) => `spec.containers[0].args[${index}]`));
});
