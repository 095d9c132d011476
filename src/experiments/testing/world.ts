import type { LabServer } from '../../cluster/testing/lab-server.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { FaultContext } from '../faults/define-fault.ts';
import { listAll, must } from '../objects.ts';
import { createPodProber } from '../probes/transport.ts';
import type { Clock, Cluster } from '../ports.ts';
import { seededRng } from '../statistics/random.ts';

/** Real time, without waiting. */
const hurriedClock: Clock = { now: () => new Date(), sleep: () => Promise.resolve() };

/** A fault's world on a cluster; the same random numbers each time. */
export function faultContext(cluster: Cluster, run: string, more: Partial<FaultContext> = {}): FaultContext {
  return {
    cluster,
    prober: createPodProber(cluster, { now: () => new Date() }),
    clock: hurriedClock,
    rng: seededRng(7),
    run,
    ttlMs: 60_000,
    signal: new AbortController().signal,
    ...more,
  };
}

const container = { name: 'main', image: 'seaworthy.dev/toolbox', ports: [{ containerPort: 8080 }] };
const labelled = (app: string): object => ({ metadata: { labels: { app } }, spec: { containers: [container] } });

/**
 * A small world in namespace `shop` that no controller disturbs: two Deployments' worth of pods on two nodes, an agent
 * that enforces policies, and, when asked for, policies that isolate both ends of the way from web to db already.
 */
export async function settle(server: LabServer, options: { readonly isolated?: boolean } = {}): Promise<void> {
  const client = server.connect();
  const make = async (object: KubernetesObject, status?: object): Promise<KubernetesObject> => {
    const made = must(await client.create(object), `create ${object.kind} ${object.metadata.name}`);
    if (!status) return made;
    const { apiVersion, kind, metadata } = object;
    const ref = {
      apiVersion,
      kind,
      name: metadata.name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
    };
    return must(await client.patch(ref, 'merge', { status }, { subresource: 'status' }), 'status');
  };
  try {
    for (const [name, octet, labels] of [
      ['one', 1, {}],
      ['two', 2, { 'node.seaworthy.dev/lab': 'true' }],
    ] as const)
      await make(
        {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name, labels },
          spec: { podCIDRs: [`10.0.${octet}.0/24`] },
        },
        {
          addresses: [{ type: 'InternalIP', address: `192.0.2.${octet}` }],
          conditions: [{ type: 'Ready', status: 'True' }],
        },
      );
    const pod = async (app: string, index: number, owner: KubernetesObject): Promise<void> => {
      const { apiVersion, kind, metadata } = owner;
      const controller = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
      await make(
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: `${app}-${index}`, namespace: 'shop', labels: { app }, ownerReferences: [controller] },
          spec: { nodeName: index === 0 ? 'one' : 'two', containers: [container] },
        },
        {
          phase: 'Running',
          podIP: `10.0.${index + 1}.${app.length}`,
          conditions: [{ type: 'Ready', status: 'True' }],
        },
      );
    };
    for (const app of ['web', 'db']) {
      const replicaSet = await make({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: app, namespace: 'shop', labels: { app } },
        spec: { replicas: 2, selector: { matchLabels: { app } }, template: labelled(app) },
      });
      for (const index of [0, 1]) await pod(app, index, replicaSet);
    }
    const agent = await make(
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'agent', namespace: 'shop' },
        spec: { selector: { matchLabels: { app: 'agent' } }, template: labelled('agent') },
      },
      { numberReady: 2, desiredNumberScheduled: 2, currentNumberScheduled: 2, numberMisscheduled: 0 },
    );
    for (const index of [0, 1]) await pod('agent', index, agent);
    if (options.isolated === true) {
      const policy = (app: string, rules: object): KubernetesObject => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: app, namespace: 'shop' },
        spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress', 'Egress'], ...rules },
      });
      const peer = (app: string): object[] => [{ podSelector: { matchLabels: { app } } }];
      await make(
        policy('web', { ingress: [{ from: peer('db') }], egress: [{ to: peer('db') }, { to: peer('agent') }] }),
      );
      await make(
        policy('db', { ingress: [{ from: peer('web') }, { from: peer('agent') }], egress: [{ to: peer('web') }] }),
      );
    }
  } finally {
    client.close();
  }
}

const KINDS = [
  ['v1', 'ConfigMap'],
  ['v1', 'Pod'],
  ['v1', 'Node'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
] as const;

/** Everything a fault could have touched, without what changes with every write. */
export async function everything(cluster: Cluster): Promise<readonly unknown[]> {
  const lists = await Promise.all(
    KINDS.map(async ([apiVersion, kind]) => must(await listAll(cluster, apiVersion, kind), `list ${kind}`)),
  );
  return lists.flat().map(({ metadata, ...rest }) => {
    const { name, namespace, uid, labels, annotations = {}, ownerReferences } = metadata;
    return { name, namespace, uid, labels, annotations, ownerReferences, ...rest };
  });
}
