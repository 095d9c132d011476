import type { ConnectRequest } from '../../../agent/requests.ts';
import { at as dig, number, records, stringMap } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { podIPs } from '../../../model/pods.ts';
import { cellOf, describeCell, isClosed, isIPv6 } from '../../probes/connect.ts';
import { controlsFor } from '../../probes/controls.ts';
import type { FaultContext, TreatmentCheck } from '../define-fault.ts';
import { listAll } from '../../objects.ts';
import { labelsOf, podName } from '../../pods.ts';
import { podsOf, type PodTarget } from '../targets/pod-target.ts';

/** How long a cut may take to be programmed on every node. */
const TAKES_EFFECT_MS = 5_000;
const BETWEEN_TRIES_MS = 250;

/**
 * Whether connections from one group to another get no answer, while the source reaches something else. For the
 * treatment check of a partition: one pod of each side speaks for its group.
 */
export async function isBlocked(source: PodTarget, destination: PodTarget, at: FaultContext): Promise<TreatmentCheck> {
  const [from, to] = await Promise.all([podsOf(at.cluster, source), podsOf(at.cluster, destination)]);
  if (from.kind !== 'ok' || to.kind !== 'ok')
    return { bit: 'unknown', says: "the pods of the two groups can't be listed" };
  const [one] = from.value;
  const door = await doorOf(to.value, at);
  if (!one) return { bit: 'unknown', says: `no pod of ${source.namespace} that could ask is there any more` };
  if (!door)
    return {
      bit: 'unknown',
      says: `no pod of ${destination.namespace} states a port, is behind a Service, or was seen listening: there is none to try`,
    };
  return isDoorClosed(one, door, at);
}

/**
 * Whether a door gets no answer to one pod, while that pod reaches something else; waits a little for the cut to work. It
 * is tried in every family of addresses that both have: one that still connects is no cut.
 */
export async function isDoorClosed(from: KubernetesObject, door: Door, at: FaultContext): Promise<TreatmentCheck> {
  const address = { namespace: from.metadata.namespace ?? 'default', pod: from.metadata.name };
  const families = new Set(podIPs(from).map(isIPv6));
  const [first = ''] = door.hosts;
  const shared = door.hosts.filter((host) => families.has(isIPv6(host)));
  const hosts = shared.length > 0 ? shared : [first];
  const questions = hosts.map((host): ConnectRequest => ({ kind: 'connect', host, port: door.port, timeoutMs: 1_000 }));
  const controls = await controlsFor(at.cluster, hosts.some(isIPv6) ? 'eachFamily' : 'firstFamily');
  const wayTo = (i: number): string =>
    `${podName(from)} to ${door.pod}:${door.port}${isIPv6(hosts[i] ?? '') ? ' over IPv6' : ''}`;
  for (let waited = 0; ; waited += BETWEEN_TRIES_MS) {
    const answers = await at.prober.ask(address, [...questions, ...controls], at.signal);
    const controlled = answers.slice(questions.length);
    const cells = questions.map((_, i) => cellOf(answers[i], controlled, at.clock.now().toISOString()));
    const open = cells.findIndex(({ outcome }) => outcome === 'connected');
    if (open >= 0 && waited < TAKES_EFFECT_MS && !at.signal.aborted) {
      await at.clock.sleep(BETWEEN_TRIES_MS, at.signal);
      continue;
    }
    if (open >= 0) return { bit: false, says: `${wayTo(open)} still connects` };
    const bit = cells.some((cell) => isClosed(cell) === true) ? true : 'unknown';
    return { bit, says: cells.map((cell, i) => `${wayTo(i)}: ${describeCell(cell)}`).join('; ') };
  }
}

/** Where a connection could be tried. */
export interface Door {
  readonly pod: string;
  /** Addresses of the pod, one of each family. */
  readonly hosts: readonly string[];
  readonly port: number;
}

/** A TCP port of some pod at which a connection could be tried: stated by its containers, behind a Service, or seen listening. */
export async function doorOf(pods: readonly KubernetesObject[], at: FaultContext): Promise<Door | undefined> {
  for (const find of [statedPort, servicePort, listeningPort]) {
    for (const pod of pods) {
      const hosts = podIPs(pod);
      const port = hosts.length === 0 ? undefined : await find(pod, at);
      if (port !== undefined) return { pod: podName(pod), hosts, port };
    }
  }
  return undefined;
}

type FindPort = (pod: KubernetesObject, at: FaultContext) => Promise<number | undefined>;

const statedPort: FindPort = async (pod) => tcpPort(pod);

/** The first TCP port the containers of a pod state. */
function tcpPort(pod: KubernetesObject): number | undefined {
  for (const [, container] of records(dig(pod, 'spec', 'containers'))) {
    for (const [, port] of records(container['ports'])) {
      if ((port['protocol'] ?? 'TCP') === 'TCP' && number(port['containerPort']) !== undefined)
        return number(port['containerPort']);
    }
  }
  return undefined;
}

/** The target port of a Service that selects the pod. */
const servicePort: FindPort = async (pod, { cluster }) => {
  const { namespace = 'default' } = pod.metadata;
  const services = await listAll(cluster, 'v1', 'Service', { namespace });
  const labels = labelsOf(pod);
  for (const service of services.kind === 'ok' ? services.value : []) {
    const selector = Object.entries(stringMap(dig(service, 'spec', 'selector')));
    if (selector.length === 0 || selector.some(([key, value]) => labels[key] !== value)) continue;
    for (const [, port] of records(dig(service, 'spec', 'ports'))) {
      const target = number(port['targetPort']) ?? number(port['port']);
      if ((port['protocol'] ?? 'TCP') === 'TCP' && target !== undefined) return target;
    }
  }
  return undefined;
};

/** A TCP socket that listens on the pod's network, as its kernel lists them. Works in containers that have `cat`. */
const listeningPort: FindPort = async (pod, { cluster }) => {
  const address = { namespace: pod.metadata.namespace ?? 'default', pod: pod.metadata.name };
  const seen = await cluster.exec(address, ['cat', '/proc/net/tcp', '/proc/net/tcp6'], { timeoutMs: 5_000 });
  return seen.kind === 'exited' ? listeningPorts(seen.stdout)[0] : undefined;
};

/** Ports of the listening sockets (state 0A) in /proc/net/tcp and tcp6 that are not bound to loopback only, in order. */
export function listeningPorts(table: string): readonly number[] {
  const ports = table.split('\n').flatMap((line) => {
    const [, address = '', hex = '', state] = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /.exec(line) ?? [];
    // Addresses are written in the byte order of the machine: 7F000001 ends in 7F.
    const loopback = address.length === 8 ? address.endsWith('7F') : /^0{24}01000000$|FFFF0000.{6}7F$/.test(address);
    return state === '0A' && !loopback ? [Number.parseInt(hex, 16)] : [];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}
