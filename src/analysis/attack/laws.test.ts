import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KindKey, KubernetesObject } from '../../model/object.ts';
import { contentsOf, createSnapshot, withUnreadable, type Gap, type Snapshot } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { analyseAttack } from './index.ts';
import { closure } from './graph/closure.ts';
import { API_REACH, formatNode, parseNode } from './nodes.ts';
import { openScenes } from './graph/scenes.ts';
import { ATTACK_READS } from './facts/reads.ts';
import { cluster, NAMESPACES, snapshotOf } from './testing/clusters.ts';

/** More by `LAWS_RUNS=2000`. */
const RUNS = Number(process.env['LAWS_RUNS'] ?? 50);

const SUBJECTS = ['default', 'strong'].flatMap((name) => [
  `Identity:system:serviceaccount:a:${name}`,
  `Identity:system:serviceaccount:b:${name}`,
]);
const GOALS = ['ClusterAdmin', 'Root', 'Token:b/strong', 'NamespaceAdmin:b'].map(parseNode);

function reached(snapshot: Snapshot, foothold: string): ReadonlyMap<string, boolean | 'unknown'> {
  const attack = analyseAttack(snapshot);
  return new Map(GOALS.map((goal) => [formatNode(goal), attack.path(parseNode(foothold), goal).goal.reachable]));
}

test('taking a grant or a pod away, or guarding a namespace, never opens a path', () => {
  fc.assert(
    fc.property(cluster, fc.nat(3), (whole, index) => {
      const before = reached(snapshotOf(whole), 'Token:a/default');
      const smaller = [
        { ...whole, grants: whole.grants.filter((_, at) => at !== index) },
        { ...whole, pods: whole.pods.filter((_, at) => at !== index) },
        { ...whole, guarded: [...NAMESPACES] },
      ];
      for (const one of smaller) {
        const after = reached(snapshotOf(one), 'Token:a/default');
        for (const [goal, reachable] of after)
          if (reachable === true) expect([goal, before.get(goal)]).toEqual([goal, true]);
      }
    }),
    { numRuns: RUNS },
  );
});

test('what could not be read never gives "no path"', () => {
  fc.assert(
    fc.property(cluster, fc.constantFrom(...ATTACK_READS.filter((kind) => kind !== '*')), (whole, kind) => {
      const after = reached(withUnreadable(snapshotOf(whole), [kind]), 'Token:a/default');
      for (const reachable of after.values()) expect(reachable).not.toBe(false);
    }),
    { numRuns: RUNS },
  );
});

/** Kinds that decide something where there are none of them, too. */
const OTHER_KINDS: readonly KindKey[] = ['AdminNetworkPolicy.policy.networking.k8s.io', 'RuntimeClass.node.k8s.io'];

test('a kind that was not read turns no path of the text cases into none', async () => {
  const folder = join(import.meta.dirname, 'cases');
  const sections = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').split(/^(?=# )/m));
  const gone: string[] = [];
  for (const section of sections) {
    const [manifests = '', expectations = ''] = section.replace(/^# .*\n/, '').split(/^expect\n/m);
    const whole = await readManifests(['-'], { stdin: Readable.from([manifests]) });
    const pairs = [...expectations.matchAll(/^(\S+)\s+->\s+(\S+)\s+(?:yes|unknown)/gm)];
    for (const kind of new Set([...whole.kinds(), ...OTHER_KINDS])) {
      const attack = analyseAttack(withUnreadable(whole, [kind]));
      for (const [line, from = '', to = ''] of pairs)
        if (attack.path(parseNode(from), parseNode(to)).goal.reachable === false) gone.push(`${line} without ${kind}`);
    }
  }
  expect(gone).toEqual([]);
});

test('a class of runtimes that was not read may be a sandbox or none, whatever its name', async () => {
  const manifests = `
apiVersion: v1
kind: Pod
metadata: { name: boxed, namespace: a }
spec: { runtimeClassName: gvisor, containers: [{ name: c, image: i, securityContext: { privileged: true } }] }
`;
  const snapshot = await readManifests(['-'], { stdin: Readable.from([manifests]) });
  const reachable = (without: readonly KindKey[]) =>
    analyseAttack(withUnreadable(snapshot, without)).path(parseNode('Shell:a/boxed'), parseNode('Root')).goal.reachable;
  expect(reachable([])).toBe(false);
  expect(reachable(['RuntimeClass.node.k8s.io'])).toBe('unknown');
});

test('which Secrets and which ways in there are is asked about where an intruder gets at them', async () => {
  const manifests = `
apiVersion: v1
kind: Secret
metadata: { name: key, namespace: a }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: a, labels: { app: web } }
spec: { containers: [{ name: c, image: i, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: a }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: a }
spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: a }
rules: [{ apiGroups: [''], resources: [secrets], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: a }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: User, name: ann, apiGroup: rbac.authorization.k8s.io }]
`;
  const whole = await readManifests(['-'], { stdin: Readable.from([manifests]) });
  const ask = (hidden: readonly string[], from: string, to: string) =>
    analyseAttack(withUnreadable(whole, hidden)).path(parseNode(from), parseNode(to)).goal.reachable;
  expect(ask([], 'Identity:ann', 'Secret:a/key')).toBe(true);
  expect(ask(['Secret'], 'Identity:ann', 'Secret:a/key')).toBe('unknown');
  expect(ask(['Secret'], 'Identity:bob', 'Secret:a/key')).toBe(false);
  expect(ask([], 'Internet', 'Reach:a/web:80')).toBe(true);
  expect(ask(['Ingress.networking.k8s.io'], 'Internet', 'Reach:a/web:80')).toBe('unknown');
  expect(ask(['Ingress.networking.k8s.io'], 'Identity:ann', 'Reach:a/web:80')).toBe(false);
});

test('a RuntimeClass that was not read may be a sandbox', async () => {
  const manifests = `
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: { name: boxed }
handler: runsc
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: a }
spec: { runtimeClassName: boxed, containers: [{ name: c, image: i, securityContext: { privileged: true } }] }
`;
  const whole = await readManifests(['-'], { stdin: Readable.from([manifests]) });
  const root = (snapshot: Snapshot) =>
    analyseAttack(snapshot).path(parseNode('Shell:a/web'), parseNode('Root')).goal.reachable;
  expect(root(whole)).toBe(false);
  expect(root(withUnreadable(whole, ['RuntimeClass.node.k8s.io']))).toBe('unknown');
});

test('where only names and annotations of Secrets were read, a token is known by its annotation', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'token', namespace: 'a', annotations: { 'kubernetes.io/service-account.name': 'strong' } },
  };
  const gap: Gap = { kind: 'Secret', reason: 'withheld', fields: ['type'], detail: 'only names', remedy: '' };
  const ask = (gaps: readonly Gap[]) =>
    analyseAttack(
      createSnapshot({ source: { kind: 'cluster', description: 'a test' }, gaps, resources: [{ object: secret }] }),
    ).path(parseNode('Secret:a/token'), parseNode('Token:a/strong')).goal.reachable;
  expect(ask([gap])).toBe('unknown');
  expect(ask([])).toBe(false);
});

test('the order of objects does not matter', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const backwards = { ...whole, pods: whole.pods, grants: whole.grants.toReversed() };
      expect(reached(snapshotOf(backwards), 'Token:a/default')).toEqual(reached(snapshotOf(whole), 'Token:a/default'));
    }),
    { numRuns: RUNS },
  );
});

test('essential is just what takes the path away when it is really taken out of the cluster', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const snapshot = snapshotOf(whole);
      const attack = analyseAttack(snapshot);
      const kept = contentsOf(snapshot);
      // A ServiceAccount or Namespace that is gone takes others with it, which a snapshot does not show.
      const removable = kept.resources.filter(({ object }) => !['ServiceAccount', 'Namespace'].includes(object.kind));
      for (const goal of GOALS) {
        const { essential, reachable } = attack.path(parseNode('Token:a/default'), goal).goal;
        if (reachable !== true) continue;
        const decisive = removable.filter((one) => {
          const left = createSnapshot({ ...kept, resources: kept.resources.filter((other) => other !== one) });
          return analyseAttack(left).path(parseNode('Token:a/default'), goal).goal.reachable !== true;
        });
        expect(essential.flatMap(({ kind, name }) => (kind === 'ServiceAccount' ? [] : [name])).sort()).toEqual(
          decisive.map(({ object }) => object.metadata.name).sort(),
        );
      }
    }),
    { numRuns: RUNS },
  );
});

test('a policy that lets a packet through the isolation of another is essential', () => {
  const policy = (name: string, spec: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'a' },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ...spec },
  });
  const pods = ['x', 'y'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'a', labels: { app: name } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] },
  }));
  const open = { ingress: [{ from: [{ podSelector: { matchLabels: { app: 'x' } } }] }] };
  const essentialOf = (...policies: readonly KubernetesObject[]) =>
    analyseAttack(
      createSnapshot({
        source: { kind: 'cluster', description: 'two pods' },
        resources: [...pods, ...policies].map((object) => ({ object })),
      }),
    )
      .path(parseNode('Shell:a/x'), parseNode('Reach:a/y:80'))
      .goal.essential.flatMap(({ kind, name }) => (kind === 'NetworkPolicy' ? [name] : []));
  expect(essentialOf(policy('deny', {}), policy('open', open))).toEqual(['open']);
  // Alone, the policy both isolates and opens: without it everything is open.
  expect(essentialOf(policy('open', open))).toEqual([]);
  expect(essentialOf(policy('deny', {}), policy('open', open), policy('too', open))).toEqual([]);
});

test('nobody on the API holds anything that an administrator of the cluster does not', () => {
  fc.assert(
    fc.property(cluster, (whole) => {
      const { graph } = openScenes(snapshotOf(whole)).sceneFor();
      const heldFrom = (...starts: readonly string[]): ReadonlySet<number> => {
        const footholds = starts.map((start) => graph.idOf(parseNode(start)));
        return new Set(closure(graph, { footholds, openToo: true, everyNode: true }).held.keys());
      };
      const api = formatNode(API_REACH);
      const administrator = heldFrom('ClusterAdmin', api);
      for (const start of [...SUBJECTS, 'NamespaceAdmin:a']) {
        const more = [...heldFrom(start, api)].filter((id) => !administrator.has(id)).map((id) => graph.nodeOf(id));
        // Who one is, and what one may do as that, is one's own.
        const beyond = more.filter(({ kind, by }) => by === undefined && kind !== 'Identity' && kind !== 'Role');
        expect(beyond.map(formatNode)).toEqual([]);
      }
    }),
    { numRuns: RUNS },
  );
});
