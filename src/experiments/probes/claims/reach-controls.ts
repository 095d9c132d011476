import type { ConnectRequest } from '../../../agent/requests.ts';
import { refId } from '../../../model/object.ts';
import { podIPs } from '../../../model/pods.ts';
import type { Workload } from '../../../model/workloads.ts';
import { isIPv6 } from '../connect.ts';
import { controlsFor } from '../controls.ts';
import { isPodOf, type LivePod } from '../live-pods.ts';
import type { Asked } from '../transport.ts';
import type { ClaimWorld } from './claim-probe.ts';
import { createPatience, hasConnected, TIMEOUT_MS } from './patience.ts';

/** Controls of the sources of a claim: connections that ought to open, asked beside those that ought not to. */
export interface ControlFinder {
  readonly workloads: readonly Workload[];
  of(source: Workload, pods: readonly LivePod[], asked: readonly ConnectRequest[]): Promise<readonly ConnectRequest[]>;
  learn(source: Workload, answers: readonly Asked[]): void;
  /** How long an answer to a source is worth waiting for, by what its control took the last time; in milliseconds. */
  patienceOf(source: Workload): number;
}

/** Most targets tried as controls of one source, in each family of addresses. */
const MAX_CONTROLS = 4;

/**
 * Finds what each source may reach: workloads the analysis says are open to it, then DNS and the API server. In each
 * family that is asked about the one that connected is kept; when none does any more, all are tried again.
 */
export function controlFinder(world: ClaimWorld, sources: readonly Workload[]): ControlFinder {
  const open = new Map(sources.map((source) => [refId(source.ref), openTo(source, world)]));
  const kept = new Map<string, ConnectRequest>();
  const patience = createPatience();
  let everywhere: Promise<readonly ConnectRequest[]> | undefined;
  return {
    workloads: [...open.values()].flat().map(({ workload }) => workload),
    async of(source, pods, asked) {
      const families = [...new Set(asked.map(isOverIPv6))];
      const known = families.map((overIPv6) => kept.get(keyOf(source, overIPv6)));
      if (known.every((control) => control !== undefined)) return known;
      const near = (open.get(refId(source.ref)) ?? []).flatMap(({ workload, port }): readonly ConnectRequest[] => {
        const pod = pods.find((candidate) => candidate.ready && isPodOf(workload, candidate));
        const addresses = pod ? podIPs(pod.object) : [];
        return addresses.map((host) => ({ kind: 'connect', host, port, timeoutMs: TIMEOUT_MS }));
      });
      const isAsked = (control: ConnectRequest): boolean =>
        asked.some(({ host, port }) => host === control.host && port === control.port);
      everywhere ??= controlsFor(world.cluster, 'eachFamily');
      const possible = [...near, ...(await everywhere)].filter((control) => !isAsked(control));
      return families.flatMap((overIPv6) =>
        possible.filter((control) => isOverIPv6(control) === overIPv6).slice(0, MAX_CONTROLS),
      );
    },
    learn(source, answers) {
      patience.learn(refId(source.ref), answers.find(hasConnected));
      for (const overIPv6 of [false, true]) {
        const reached = answers
          .filter(hasConnected)
          .flatMap(({ request }) => (request.kind === 'connect' ? request : []));
        const control = reached.find((request) => isOverIPv6(request) === overIPv6);
        if (control) kept.set(keyOf(source, overIPv6), control);
        else kept.delete(keyOf(source, overIPv6));
      }
    },
    patienceOf: (source) => patience.with(refId(source.ref)),
  };
}

function isOverIPv6({ host }: ConnectRequest): boolean {
  return isIPv6(host);
}

function keyOf(source: Workload, overIPv6: boolean): string {
  return `${refId(source.ref)} ${overIPv6}`;
}

function openTo(source: Workload, world: ClaimWorld): readonly { workload: Workload; port: number }[] {
  const found: { workload: Workload; port: number }[] = [];
  for (const workload of world.facts.workloads) {
    if (found.length >= 2) break;
    if (refId(workload.ref) === refId(source.ref)) continue;
    const port = firstTcpPort(workload);
    if (port !== undefined && world.facts.network.reaches(source.ref, workload.ref, 'TCP', port) === true)
      found.push({ workload, port });
  }
  return found;
}

function firstTcpPort(workload: Workload): number | undefined {
  const containers = workload.template.spec['containers'];
  for (const container of Array.isArray(containers) ? (containers as readonly Record<string, unknown>[]) : []) {
    const ports = container['ports'];
    for (const port of Array.isArray(ports) ? (ports as readonly Record<string, unknown>[]) : []) {
      if (typeof port['containerPort'] === 'number' && (port['protocol'] ?? 'TCP') === 'TCP')
        return port['containerPort'];
    }
  }
  return undefined;
}
