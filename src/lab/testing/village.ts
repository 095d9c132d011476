import type { KubernetesObject } from '../../model/object.ts';
import { compare, inhabit, type Comparison, type Inhabitant, type Target } from './agreement.ts';
import { listenOn, namespace, pod, podSpec } from './objects.ts';
import { NAMESPACES, TCP_PORTS, UDP_PORTS, type PolicySet } from './random-policies.ts';
import type { TestLab } from './test-lab.ts';

/** What the pods of a namespace call their ports: every way in which a name can be found, or not. */
const NAMED_PORTS = [
  [
    { name: 'http', containerPort: 80 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ],
  [
    { name: 'http', containerPort: 8080 },
    { name: 'dns', containerPort: 53, protocol: 'TCP' },
  ],
  [],
] as const;

const TARGETS: readonly Target[] = [
  ...TCP_PORTS.map((port) => ({ protocol: 'TCP', port }) as const),
  ...UDP_PORTS.map((port) => ({ protocol: 'UDP', port }) as const),
];

/** Nine pods in three namespaces, on all nodes, on which random policies are tried. */
export interface Village {
  readonly pods: readonly Inhabitant[];
  /** Puts a set of labels and policies in place of the one before, and compares packets with the analysis. */
  tryOut(set: PolicySet): Promise<Comparison>;
  /** Deletes its namespaces with all in them. */
  leave(): Promise<void>;
}

export async function settle(lab: TestLab): Promise<Village> {
  for (const name of NAMESPACES) {
    await lab.create(namespace(name));
    for (const [index, ports] of NAMED_PORTS.entries()) await lab.create(listener(name, `p${index}`, ports));
  }
  const running: KubernetesObject[] = [];
  for (const name of NAMESPACES) running.push(...(await lab.podsReady(name, NAMED_PORTS.length)));
  const pods = await inhabit(lab, running);
  let policies: readonly KubernetesObject[] = [];
  return {
    pods,
    async tryOut(set) {
      await Promise.all(policies.map((policy) => lab.client.delete(refOf(policy))));
      await Promise.all([
        ...NAMESPACES.map((name, index) =>
          relabel(lab, { apiVersion: 'v1', kind: 'Namespace', name }, set.namespaceLabels[index] ?? {}),
        ),
        ...pods.map(({ namespace: inside, name }, index) =>
          relabel(lab, { apiVersion: 'v1', kind: 'Pod', namespace: inside, name }, set.podLabels[index] ?? {}),
        ),
        ...set.policies.map((policy) => lab.create(policy)),
      ]);
      policies = set.policies;
      return compare(lab, pods, () => TARGETS);
    },
    async leave() {
      for (const { session } of pods) session.close();
      for (const name of NAMESPACES) await lab.client.delete({ apiVersion: 'v1', kind: 'Namespace', name });
    },
  };
}

function listener(inside: string, name: string, ports: readonly object[]): KubernetesObject {
  const readinessProbe = { tcpSocket: { port: UDP_PORTS.at(-1) } };
  return pod(inside, name, podSpec({ command: listenOn(...UDP_PORTS), ports, readinessProbe }), {});
}

function refOf({ apiVersion, kind, metadata: { namespace, name } }: KubernetesObject): Ref {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

type Ref = Parameters<TestLab['client']['delete']>[0];

async function relabel(lab: TestLab, ref: Ref, labels: Readonly<Record<string, string>>): Promise<void> {
  const all = { app: labels['app'] ?? null, tier: labels['tier'] ?? null };
  const done = await lab.client.patch(ref, 'merge', { metadata: { labels: all } });
  if (done.kind !== 'ok') throw new Error(`${ref.kind} ${ref.name} was not labelled: ${JSON.stringify(done)}`);
}
