import { z } from 'zod';
import { at as dig, number, records, strings, text } from '../../model/json.ts';
import { refOf, type KubernetesObject } from '../../model/object.ts';
import { doorOf, isDoorClosed } from './mechanisms/blocked.ts';
import { defineFault, type Injection } from './define-fault.ts';
import { injectionId } from './injection-id.ts';
import { listAll } from '../objects.ts';
import { createNodePod, endNodePod, nodePodRef, podsLeft, waitForPhase } from './mechanisms/node-pod.ts';
import { isLive, nodeOf, podName } from '../pods.ts';

/** Time a pod may take to start on the node. */
const STARTS_WITHIN_MS = 30_000;

/**
 * A node and the pods it runs lose all other nodes and theirs, both ways; the API server stays in reach. Made by a pod
 * on the node that puts rules into a packet-filter table of its own. The addresses they look for are elements with a
 * timeout: when the time to live is over the kernel forgets them, whoever has died meanwhile.
 */
export const nodePartition = defineFault({
  id: 'node-partition',
  title: 'A node can not reach the other nodes',
  tier: 'T3',
  breaks: ['network', 'node'],
  oneShot: false,
  parameters: z.strictObject({
    node: z.string().min(1),
    namespace: z
      .string()
      .min(1)
      .default('kube-system')
      .describe('Where the pod that cuts runs; it needs the network of its node and NET_ADMIN.'),
    image: z.string().min(1).default('seaworthy.dev/toolbox').describe('An image with `sh` and `nft`.'),
  }),
  async preflight({ node, namespace, image }, at) {
    const nodes = await listAll(at.cluster, 'v1', 'Node');
    if (nodes.kind !== 'ok') return { kind: 'refused', because: `nodes can't be listed: ${nodes.because}` };
    const target = nodes.value.find(({ metadata }) => metadata.name === node);
    if (!target) return { kind: 'refused', because: `there is no node ${node}` };
    const others = nodes.value.filter(({ metadata }) => metadata.name !== node).flatMap(addressesOf);
    if (others.length === 0) return { kind: 'refused', because: 'no other node has an address or a range of pods' };
    const pods = await listAll(at.cluster, 'v1', 'Pod');
    if (pods.kind !== 'ok') return { kind: 'refused', because: `the pods of ${node} can't be listed: ${pods.because}` };
    const cut = pods.value.filter((pod) => nodeOf(pod) === node && isLive(pod));
    const id = injectionId(at.rng);
    const injection: Injection = {
      fault: 'node-partition',
      id,
      run: at.run,
      target: refOf(target),
      says: `cut node ${node} and its pods off from ${others.join(', ')}`,
      touches: {
        namespaces: [...new Set(cut.map((pod) => pod.metadata.namespace ?? 'default'))],
        pods: cut.map(podName),
        nodes: [node],
      },
      data: { namespace, image, others, seconds: Math.max(1, Math.ceil(at.ttlMs / 1_000)) },
    };
    const dry = await createNodePod(injection, 'cut', 'true', at, { dryRun: true });
    if (dry.kind !== 'ok')
      return { kind: 'refused', because: `the pod that cuts may not run in ${namespace}: ${dry.because}` };
    return { kind: 'ready', injections: [injection] };
  },
  async apply(injection, at) {
    const seconds = Math.max(1, Math.min(number(injection.data['seconds']) ?? 1, Math.ceil(at.ttlMs / 1_000)));
    const created = await createNodePod(injection, 'cut', cutScript(injection, seconds), at);
    if (created.kind !== 'ok') return { kind: 'failed', because: created.because };
    return waitForPhase(injection, 'cut', 'Running', STARTS_WITHIN_MS, at);
  },
  async undo(injection, at) {
    const node = await at.cluster.get(injection.target);
    if (node.kind === 'missing')
      return { kind: 'undone', says: `node ${injection.target.name} is gone, and its rules with it` };
    const ended = await endNodePod(injection, 'cut', at);
    if (ended.kind !== 'ok') return { kind: 'failed', because: ended.because };
    const mender = await createNodePod(injection, 'mend', mendScript(injection), at);
    if (mender.kind !== 'ok') return { kind: 'failed', because: mender.because };
    const mended = await waitForPhase(injection, 'mend', 'Succeeded', STARTS_WITHIN_MS, at);
    const removed = await endNodePod(injection, 'mend', at);
    if (mended.kind === 'failed') return mended;
    if (removed.kind !== 'ok') return { kind: 'failed', because: removed.because };
    return { kind: 'undone', says: `node ${injection.target.name} has no rule of ours` };
  },
  residue: podsLeft,
  endsBy: ({ data }) => ({
    by: 'itself',
    says: `the kernel of the node forgets the cut after ${Number(data['seconds'])} s`,
  }),
  async bit(injection, at) {
    const pods = await listAll(at.cluster, 'v1', 'Pod');
    if (pods.kind !== 'ok') return { bit: 'unknown', says: `pods can't be listed: ${pods.because}` };
    const cutter = await at.cluster.get(nodePodRef(injection, 'cut'));
    if (cutter.kind !== 'ok') return { bit: false, says: `the pod that cuts is not there: ${cutter.because}` };
    const far = pods.value.filter(
      (pod) => isLive(pod) && nodeOf(pod) !== injection.target.name && dig(pod, 'spec', 'hostNetwork') !== true,
    );
    const door = await doorOf(far, at);
    if (!door) return { bit: 'unknown', says: 'no pod of another node listens anywhere: there is nothing to try' };
    return isDoorClosed(cutter.value, door, at);
  },
});

/** Addresses a node and its pods have, of both families: its own, and the ranges its pods are given. */
function addressesOf(node: KubernetesObject): readonly string[] {
  const own = records(dig(node, 'status', 'addresses')).flatMap(([, { type, address }]) =>
    type === 'InternalIP' ? [text(address) ?? ''] : [],
  );
  const ranges = strings(dig(node, 'spec', 'podCIDRs'));
  // They become part of a script: nothing but addresses does.
  return [...own, ...ranges].filter((address) => /^[\da-fA-F:./]+$/.test(address));
}

const tableOf = (injection: Injection): string => `seaworthy_${injection.id}`;

/** Ends three ways: told to (TERM), after its time, or, when it can't any more, by the timeout of the elements. */
function cutScript(injection: Injection, seconds: number): string {
  const table = tableOf(injection);
  const others = strings(injection.data['others']);
  const set = (name: string, type: string, addresses: readonly string[]): string => {
    const elements = addresses.map((address) => `${address} timeout ${seconds}s`).join(', ');
    return `set ${name} { type ${type}; flags interval, timeout;${elements === '' ? '' : ` elements = { ${elements} };`} }`;
  };
  return `trap 'nft delete table inet ${table}; exit 0' TERM INT
nft -f - <<RULES || exit 1
table inet ${table} {
  ${set(
    'others',
    'ipv4_addr',
    others.filter((address) => !address.includes(':')),
  )}
  ${set(
    'others6',
    'ipv6_addr',
    others.filter((address) => address.includes(':')),
  )}
  chain from { type filter hook prerouting priority -350; ip saddr @others drop; ip6 saddr @others6 drop; }
  chain to { type filter hook postrouting priority 350; ip daddr @others drop; ip6 daddr @others6 drop; }
}
RULES
sleep ${seconds} & wait $!
nft delete table inet ${table}`;
}

/** Succeeds only when it could look and the table is not there. */
function mendScript(injection: Injection): string {
  const table = tableOf(injection);
  return `nft delete table inet ${table} 2>/dev/null
nft list tables >/dev/null || exit 1
! nft list tables | grep -q ${table}`;
}
