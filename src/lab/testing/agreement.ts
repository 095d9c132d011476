import { analyseNetwork, type NetworkAnalysis, type PeerQuery, type Protocol } from '../../analysis/network/index.ts';
import { at, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import { OUTSIDE_ADDRESS } from '../network/addresses.ts';
import type { PodSession } from './pod-session.ts';
import type { TestLab } from './test-lab.ts';

/** A pod that packets are sent from and to. */
export interface Inhabitant {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly session: PodSession;
}

export interface Target {
  readonly protocol: Protocol;
  readonly port: number;
}

/** What was compared, and every cell where a packet went another way than the analysis says. */
export interface Comparison {
  readonly probes: number;
  /** Cells by what the analysis said. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly disagreements: readonly string[];
}

/** The kernel answers a connection within microseconds: what is silent for so long has been dropped. */
const DROPPED_MS = 400;
/** Before an allowed packet counts as lost it is sent again, this patiently: the machine may be busy. */
const PATIENT_MS = [2_000, 8_000];

/** Pods that run, with a probe in each. */
export async function inhabit(lab: TestLab, pods: readonly KubernetesObject[]): Promise<readonly Inhabitant[]> {
  const all: Inhabitant[] = [];
  for (const pod of pods) {
    const { namespace = '', name } = pod.metadata;
    const container = text(at(pod, 'spec', 'containers', 0, 'name'));
    all.push({
      namespace,
      name,
      address: text(at(pod, 'status', 'podIP')) ?? '',
      session: await lab.session(namespace, name, container),
    });
  }
  return all;
}

/**
 * Sends real packets from every pod to every other and to the outside, and compares what became of them with what
 * `analysis/network` says of the objects as the API server has them.
 */
export async function compare(
  lab: TestLab,
  pods: readonly Inhabitant[],
  targetsOf: (pod: Inhabitant) => readonly Target[],
): Promise<Comparison> {
  await lab.enforced();
  const analysis = await analyse(lab);
  const verdicts: Record<string, number> = {};
  const disagreements: string[] = [];
  let probes = 0;
  const judge = async (from: Inhabitant, to: PeerQuery, address: string, { protocol, port }: Target): Promise<void> => {
    const { verdict } = analysis.query(workload(from), to, { protocol, port });
    const passed = await passes(from.session, address, protocol, port, verdict === 'allowed');
    probes++;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (passed === (verdict === 'allowed')) return;
    const packet = passed ? 'got through' : 'was dropped';
    disagreements.push(
      `${from.namespace}/${from.name} -> ${nameOf(to)} ${protocol} ${port}: ${verdict}, but the packet ${packet}`,
    );
  };
  await Promise.all(
    pods.flatMap((from) => [
      ...pods
        .filter((to) => to !== from)
        .flatMap((to) => targetsOf(to).map((target) => judge(from, workload(to), to.address, target))),
      judge(from, { kind: 'cidr', cidr: `${OUTSIDE_ADDRESS}/32` }, OUTSIDE_ADDRESS, { protocol: 'TCP', port: 80 }),
    ]),
  );
  return { probes, verdicts, disagreements };
}

async function analyse(lab: TestLab): Promise<NetworkAnalysis> {
  const paths = ['/api/v1/namespaces', '/api/v1/pods', '/apis/networking.k8s.io/v1/networkpolicies'];
  const lists = await Promise.all(paths.map(async (path) => (await lab.api.get(path)).body));
  const resources = lists.flatMap((body) => {
    // Items of a list leave out what the list says of all of them.
    const kind = (text(at(body, 'kind')) ?? '').replace(/List$/, '');
    const apiVersion = text(at(body, 'apiVersion')) ?? '';
    return records(at(body, 'items')).map(([, item]) => ({
      object: { ...item, apiVersion, kind } as KubernetesObject,
    }));
  });
  return analyseNetwork(createSnapshot({ source: { kind: 'lab', description: 'test' }, resources }));
}

function workload({ namespace, name }: Inhabitant): PeerQuery {
  return { kind: 'workload', namespace, name };
}

function nameOf(peer: PeerQuery): string {
  return peer.kind === 'workload' ? `${peer.namespace}/${peer.name}` : peer.kind === 'cidr' ? peer.cidr : peer.kind;
}

/** Whether a packet reaches the other end: an answer or a refusal comes from there, silence does not. */
async function passes(
  session: PodSession,
  host: string,
  protocol: Protocol,
  port: number,
  expected: boolean,
): Promise<boolean> {
  for (const timeoutMs of [DROPPED_MS, ...(expected ? PATIENT_MS : [])]) {
    const request = { host, port, protocol: protocol === 'UDP' ? 'udp' : 'tcp', timeoutMs } as const;
    const { outcome, detail } = await session.connect(request);
    if (outcome === 'connected' || outcome === 'refused') return true;
    if (outcome === 'probeError') throw new Error(`the probe to ${host}:${port} could not be made: ${detail}`);
  }
  return false;
}
