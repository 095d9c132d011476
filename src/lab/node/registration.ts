import { cpus, release, totalmem } from 'node:os';
import type { JsonRecord } from '../../model/json.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { NodePlan } from '../network/addresses.ts';
import { stamp } from './status.ts';

const MAX_PODS = 110;

/** Seconds between heartbeats. The real kubelet takes 10; the lab should notice a lost node sooner. */
export const HEARTBEAT_SECONDS = 2;
export const LEASE_SECONDS = 8;

/** Makes the Node object, or finds it from before. */
export async function registerNode(client: ApiClient, plan: NodePlan): Promise<void> {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: plan.name,
      labels: {
        'kubernetes.io/hostname': plan.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': process.arch === 'x64' ? 'amd64' : process.arch,
        'beta.kubernetes.io/os': 'linux',
        'node.seaworthy.dev/lab': 'true',
        'topology.kubernetes.io/zone': `zone-${plan.name.replace(/^\D+/, '')}`,
      },
    },
    spec: { podCIDR: plan.podCidrs[0], podCIDRs: plan.podCidrs },
  };
  const made = await client.send('POST', '/api/v1/nodes', node);
  if (made.status !== 201 && made.status !== 409) {
    throw new Error(`node ${plan.name} can't register: HTTP ${made.status} ${JSON.stringify(made.body)}`);
  }
  await publishNodeStatus(client, plan);
}

/** Says that the node is there: its Lease, as the kubelet renews it. The status itself follows once in a while. */
export async function renewLease(client: ApiClient, plan: NodePlan): Promise<void> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = {
    holderIdentity: plan.name,
    leaseDurationSeconds: LEASE_SECONDS,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  };
  const renewed = await client.mergePatch(`${path}/${plan.name}`, { spec });
  if (renewed.status !== 404) return;
  await client.send('POST', path, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: plan.name, namespace: 'kube-node-lease' },
    spec,
  });
}

export async function publishNodeStatus(client: ApiClient, plan: NodePlan): Promise<void> {
  await client.mergePatch(`/api/v1/nodes/${plan.name}/status`, { status: nodeStatus(plan, new Date()) });
}

let readySince: Date | undefined;

function nodeStatus(plan: NodePlan, now: Date): JsonRecord {
  readySince ??= now;
  const resources = {
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: String(MAX_PODS),
  };
  const condition = (type: string, status: string, reason: string, message: string): JsonRecord => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: stamp(now),
    lastTransitionTime: stamp(readySince ?? now),
  });
  return {
    addresses: [
      ...plan.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: plan.name },
    ],
    capacity: { ...resources, 'ephemeral-storage': '10Gi' },
    allocatable: { ...resources, 'ephemeral-storage': '10Gi' },
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'the lab does not measure it'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'the lab does not measure it'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'the lab does not measure it'),
      condition('Ready', 'True', 'KubeletReady', 'node agent is posting ready status'),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    nodeInfo: {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      bootID: '',
      containerRuntimeVersion: 'seaworthy-lab://0.1.0',
      kernelVersion: release(),
      kubeProxyVersion: 'v1.36.0',
      kubeletVersion: 'v1.36.0',
      machineID: plan.name,
      operatingSystem: 'linux',
      osImage: 'Seaworthy lab',
      systemUUID: plan.name,
    },
  };
}
