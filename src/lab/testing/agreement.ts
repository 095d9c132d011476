import { analyseNetwork, type NetworkAnalysis, type PeerQuery, type Protocol } from '../../analysis/network/index.ts';
import { at, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { podIPs, withAddresses } from '../../model/pods.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import { networksOf } from '../network/addresses.ts';
import { familyOf } from '../network/ip.ts';
import type { PodSession } from './pod-session.ts';
import type { TestLab } from './test-lab.ts';

/** A pod that packets are sent from and to. */
export interface Inhabitant {
  readonly namespace: string;
  readonly name: string;
  /** One of each family. */
  readonly addresses: readonly string[];
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
      addresses: podIPs(pod),
      session: await lab.session(namespace, name, container),
    });
  }
  return all;
}

/**
 * Sends real packets from every pod to every other and to the outside, in each family of addresses, and compares what became of them with what
 * `analysis/network` says of the objects as the API server has them.
 */
export async function compare(
  lab: TestLab,
  pods: readonly Inhabitant[],
  targetsOf: (pod: Inhabitant) => readonly Target[],
): Promise<Comparison> {
  await lab.enforced();
  const objects = await read(lab);
  const families = new Set(pods.flatMap(({ addresses }) => addresses.map(familyOf)));
  const verdicts: Record<string, number> = {};
  const disagreements: string[] = [];
  let probes = 0;
  const judge = async (
    analysis: NetworkAnalysis,
    from: Inhabitant,
    to: PeerQuery,
    address: string,
    { protocol, port }: Target,
  ): Promise<void> => {
    const { verdict } = analysis.query(workload(from), to, { protocol, port });
    const passed = await passes(from.session, address, protocol, port, verdict === 'allowed');
    probes++;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (passed === (verdict === 'allowed')) return;
    const packet = passed ? 'got through' : 'was dropped';
    disagreements.push(
      `${from.namespace}/${from.name} -> ${nameOf(to)} at ${address} ${protocol} ${port}: ${verdict}, but the packet ${packet}`,
    );
  };
  await Promise.all(
    networksOf([...families]).flatMap(({ family, outside }) => {
      const isOfFamily = (address: string): boolean => familyOf(address) === family;
      const analysis = analyse(
        objects.map((object) => (object.kind === 'Pod' ? withAddresses(object, isOfFamily) : object)),
      );
      const everybodyOut = { kind: 'cidr', cidr: `${outside}/${family === 'IPv6' ? 128 : 32}` } as const;
      return pods.flatMap((from) => [
        ...pods
          .filter((to) => to !== from)
          .flatMap((to) =>
            to.addresses
              .filter(isOfFamily)
              .flatMap((address) =>
                targetsOf(to).map((target) => judge(analysis, from, workload(to), address, target)),
              ),
          ),
        judge(analysis, from, everybodyOut, outside, { protocol: 'TCP', port: 80 }),
      ]);
    }),
  );
  return { probes, verdicts, disagreements };
}

async function read(lab: TestLab): Promise<readonly KubernetesObject[]> {
  const paths = ['/api/v1/namespaces', '/api/v1/pods', '/apis/networking.k8s.io/v1/networkpolicies'];
  const lists = await Promise.all(paths.map(async (path) => (await lab.api.get(path)).body));
  return lists.flatMap((body) => {
    // Items of a list leave out what the list says of all of them.
    const kind = (text(at(body, 'kind')) ?? '').replace(/List$/, '');
    const apiVersion = text(at(body, 'apiVersion')) ?? '';
    return records(at(body, 'items')).map(([, item]) => ({ ...item, apiVersion, kind }) as KubernetesObject);
  });
}

function analyse(objects: readonly KubernetesObject[]): NetworkAnalysis {
  const resources = objects.map((object) => ({ object }));
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
