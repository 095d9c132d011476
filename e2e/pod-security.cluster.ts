/**
 * Compares our Pod Security with a real API server: every pod is sent as a server-side dry run into namespaces of
 * its own, one for each level and version, and both must give the same answer in the same words.
 *
 *     KUBECONFIG=… node e2e/pod-security.cluster.ts
 *
 * Needs kubectl on the PATH and leave to create namespaces. Nothing but those namespaces is made, and they are removed.
 */
import { spawnSync } from 'node:child_process';
import { decideAdmission } from '../src/analysis/admission/pod-security/decide.ts';

const PREFIX = 'seaworthy-pod-security';
const POLICIES = ['baseline', 'restricted'].flatMap((level) =>
  ['v1.0', 'v1.24', 'v1.29', 'v1.34', 'v1.35', 'latest'].map((version) => ({ level, version })),
);

const HARDENED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const POD_CONTEXT = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };

/** A pod that restricted allows, with changes to its spec and to its one container. */
function pod(spec: object, container: object = {}): Record<string, unknown> {
  const web = { name: 'web', image: 'registry.example/web:1', securityContext: HARDENED, ...container };
  return { securityContext: POD_CONTEXT, containers: [web], ...spec };
}

const SPECS: readonly Record<string, unknown>[] = [
  pod({}),
  pod({ hostPID: true, hostIPC: true }),
  pod({ hostNetwork: true }, { ports: [{ containerPort: 80 }] }),
  pod({}, { ports: [{ containerPort: 80, hostPort: 8080 }] }),
  pod({}, { securityContext: { privileged: true } }),
  pod({}, { securityContext: {} }),
  pod({}, { securityContext: { ...HARDENED, capabilities: { add: ['CHOWN', 'CAP_CHOWN'], drop: ['all'] } } }),
  pod({}, { securityContext: { ...HARDENED, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] } } }),
  pod({}, { securityContext: { ...HARDENED, runAsUser: 0 } }),
  pod({ hostUsers: false, securityContext: { ...POD_CONTEXT, runAsNonRoot: false, runAsUser: 0 } }),
  pod({ hostUsers: false }, { securityContext: { ...HARDENED, procMount: 'Unmasked' } }),
  pod({ volumes: [{ name: 'none' }, { name: 'host', hostPath: { path: '/etc' } }] }),
  pod({ volumes: [{ name: 'nfs', nfs: { server: 's', path: '/' } }] }),
  pod({ securityContext: { ...POD_CONTEXT, seccompProfile: { type: 'Unconfined' } } }),
  pod({ securityContext: { ...POD_CONTEXT, seLinuxOptions: { type: 'container_engine_t', user: 'u' } } }),
  pod({ securityContext: { ...POD_CONTEXT, sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } }),
  pod({ securityContext: { ...POD_CONTEXT, sysctls: [{ name: 'kernel/shm_rmid_forced', value: '1' }] } }),
  pod({}, { livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } }),
  pod({}, { lifecycle: { preStop: { httpGet: { port: 80, host: '' } } } }),
  pod({ os: { name: 'windows' }, securityContext: { runAsNonRoot: true } }, { securityContext: {} }),
];

function kubectl(args: readonly string[], input = ''): { readonly status: number; readonly said: string } {
  const done = spawnSync('kubectl', args, { input, encoding: 'utf8' });
  return { status: done.status ?? 1, said: done.stdout + done.stderr };
}

const names: string[] = [];
let compared = 0;
const different: string[] = [];
try {
  const minor = Number(/"minor":\s*"(\d+)/.exec(kubectl(['get', '--raw', '/version']).said)?.[1]);
  for (const { level, version } of POLICIES) {
    const name = `${PREFIX}-${level}-${version.replaceAll('.', '-')}`;
    const labels = {
      'pod-security.kubernetes.io/enforce': level,
      'pod-security.kubernetes.io/enforce-version': version,
    };
    const made = kubectl(
      ['create', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }),
    );
    if (made.status !== 0) throw new Error(made.said);
    names.push(name);
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } };
    kubectl(['apply', '-f', '-'], JSON.stringify(account));
    for (const [index, spec] of SPECS.entries()) {
      const metadata = { name: `pod-${index}`, namespace: name };
      const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
      const asked = kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(object));
      const refused = /violates PodSecurity .*/.exec(asked.said)?.[0];
      if (asked.status !== 0 && refused === undefined) throw new Error(`pod ${index} is not valid: ${asked.said}`);
      const { message } = decideAdmission(object, labels, { serverMinor: minor });
      compared++;
      if (message !== refused) different.push(`${name} pod ${index}\n  server ${refused}\n  ours   ${message}`);
    }
  }
} finally {
  if (names.length > 0) kubectl(['delete', 'namespace', '--wait=false', ...names]);
}
for (const one of different) console.log(one);
console.log(`${compared - different.length} passed, ${different.length} failed`);
process.exitCode = different.length === 0 && compared > 0 ? 0 : 1;
