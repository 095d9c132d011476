import type { ConnectRequest, ProbeRequest } from '../../agent/requests.ts';
import type { Endpoint } from '../../analysis/network/inhabitants/endpoints.ts';
import type { NetworkAnalysis } from '../../analysis/network/index.ts';
import type { PlannedCell, ProbePlan } from '../../analysis/network/probe-plan/plan.ts';
import type { Because } from '../../model/because.ts';
import { controlsFor } from '../probes/controls.ts';
import { cellOf, type ConnectCell } from '../probes/connect.ts';
import type { Clock, Cluster } from '../ports.ts';
import type { Asked, PodProber } from '../probes/transport.ts';
import { TIMEOUT_MS } from './ask.ts';
import { agreement, type ProbeCell, type ProbeFinding } from './types.ts';

export interface WorkloadProbing {
  readonly cells: readonly ProbeCell[];
  readonly findings: readonly ProbeFinding[];
}

export interface WorkloadProbeWorld {
  readonly cluster: Cluster;
  readonly prober: PodProber;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Most controls asked beside the cells of one source, in each family of addresses. */
const MAX_CONTROLS = 4;

/**
 * Tries the planned connections from inside the pods themselves, with whatever program each has. A source's cells and
 * its controls (planned cells that ought to be open, then DNS and the API server) are asked at the same time. A cell
 * that disagrees is tried a second time before it counts.
 */
export async function probeWorkloads(
  plan: ProbePlan,
  analysis: NetworkAnalysis,
  world: WorkloadProbeWorld,
): Promise<WorkloadProbing> {
  const everywhere = await controlsFor(world.cluster, 'eachFamily');
  const first = await tryAll(plan.cells, plan.cells, everywhere, world);
  const doubtful = plan.cells.filter((_, i) => first[i]?.agree === false);
  const again = doubtful.length === 0 ? [] : await tryAll(doubtful, plan.cells, everywhere, world);
  const cells = plan.cells.flatMap((cell, i) => {
    const second = doubtful.indexOf(cell);
    const settled = (second < 0 ? undefined : again[second]) ?? first[i];
    return settled ? [settled] : [];
  });
  const findings = plan.cells.flatMap((cell, i): readonly ProbeFinding[] => {
    const tried = cells[i];
    return tried?.agree === false ? [findingOf(cell, tried, analysis)] : [];
  });
  return { cells, findings };
}

async function tryAll(
  cells: readonly PlannedCell[],
  planned: readonly PlannedCell[],
  everywhere: readonly ConnectRequest[],
  world: WorkloadProbeWorld,
): Promise<readonly ProbeCell[]> {
  const results: ConnectCell[] = [];
  const bySource = Map.groupBy(cells.keys(), (i) => cells[i]?.from);
  await Promise.all(
    [...bySource].map(async ([source, indexes]) => {
      if (!source) return;
      const requests = indexes.flatMap((i) => (cells[i] ? [requestOf(cells[i])] : []));
      const near = planned.filter(({ from, predicted }) => from === source && predicted === 'allowed').map(requestOf);
      const isAsked = (control: ConnectRequest): boolean =>
        requests.some(
          ({ host, port, protocol }) => host === control.host && port === control.port && protocol === control.protocol,
        );
      const possible = [...near, ...everywhere].filter((control) => !isAsked(control));
      const controls = [...Map.groupBy(possible, isIPv6).values()].flatMap((some) => some.slice(0, MAX_CONTROLS));
      const pod = { namespace: source.workload.namespace, pod: source.pod ?? '' };
      const asked = await world.prober.ask(pod, [...requests, ...controls].map(inItsLanguage), world.signal);
      const answers = asked.map((one, i) => asConnection(one, [...requests, ...controls][i]));
      const beside = answers.slice(requests.length);
      indexes.forEach((index, i) => {
        // A cell that is meant to be open is a control of its neighbours.
        const neighbours = indexes.flatMap((other, n) =>
          other !== index && cells[other]?.predicted === 'allowed' ? (answers[n] ?? []) : [],
        );
        results[index] = cellOf(answers[i], [...neighbours, ...beside], world.clock.now().toISOString());
      });
    }),
  );
  const heard = new Set(cells.flatMap((cell, i) => (results[i]?.outcome === 'connected' ? [doorOf(cell)] : [])));
  return cells.map((cell, i) => finished(cell, results[i], heard.has(doorOf(cell))));
}

/** A server may listen in one family and not in the other. */
function doorOf({ to, port, protocol, via }: PlannedCell): string {
  return `${to.workload.id} ${to.pod} ${port}/${protocol} ${isIPv6({ host: via.address })}`;
}

function isIPv6({ host }: Pick<ConnectRequest, 'host'>): boolean {
  return host.includes(':');
}

function requestOf({ protocol, via }: PlannedCell): ConnectRequest {
  return {
    kind: 'connect',
    host: via.address,
    port: via.port,
    protocol: protocol === 'UDP' ? 'udp' : 'tcp',
    timeoutMs: TIMEOUT_MS,
  };
}

/** A name server answers questions, not greetings. */
function inItsLanguage(request: ConnectRequest): ProbeRequest {
  if (request.protocol !== 'udp' || request.port !== 53) return request;
  return {
    kind: 'dns',
    name: 'kubernetes.default.svc.cluster.local',
    server: request.host,
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
  };
}

/** Any answer of a name server, `no such name` too, shows that the way is open. */
function asConnection(asked: Asked, request: ConnectRequest | undefined): Asked {
  const { answer } = asked;
  if (answer.kind !== 'dns' || !request) return asked;
  const outcome = answer.outcome === 'answered' || answer.outcome === 'noSuchName' ? 'connected' : answer.outcome;
  const { detail, milliseconds } = answer;
  return { ...asked, request, answer: { kind: 'connect', outcome, detail, milliseconds } };
}

function finished(cell: PlannedCell, result: ConnectCell | undefined, listens: boolean): ProbeCell {
  const { host, port } = requestOf(cell);
  const outcome = result?.outcome ?? 'probeError';
  const control = result?.control ?? 'none';
  return {
    from: cell.from.workload.id,
    to: cell.to.workload.id,
    port: cell.port,
    protocol: cell.protocol,
    predicted: cell.predicted,
    outcome,
    control,
    agree: udpSilence(cell, outcome) ? 'unknown' : agreement(cell.predicted, outcome, control, listens),
    fromPod: nameOf(cell.from),
    toPod: nameOf(cell.to),
    address: isIPv6({ host }) ? `[${host}]:${port}` : `${host}:${port}`,
    via: cell.via.kind,
    placement: cell.placement,
    at: result?.at ?? '',
    says: `${cell.says}; ${result?.detail ?? 'not tried'}`,
  };
}

/** Many servers answer no datagram they don't understand: silence where an answer was expected settles nothing. */
function udpSilence({ protocol, predicted }: PlannedCell, outcome: ConnectCell['outcome']): boolean {
  return protocol === 'UDP' && predicted === 'allowed' && outcome === 'timeout';
}

function nameOf({ workload, pod }: Endpoint): string {
  return `${workload.namespace}/${pod ?? workload.ref.name}`;
}

function findingOf(cell: PlannedCell, tried: ProbeCell, analysis: NetworkAnalysis): ProbeFinding {
  const end = (pod: Endpoint) =>
    ({ kind: 'workload', namespace: pod.workload.namespace, name: pod.pod ?? pod.workload.ref.name }) as const;
  const { because } = analysis.query(end(cell.from), end(cell.to), cell);
  const way = `${tried.fromPod} to ${tried.toPod}:${cell.port}/${cell.protocol}${cell.via.kind === 'pod' ? '' : ` through ${cell.via.service}`}`;
  const reason = because.map(({ says }: Because) => says)[0] ?? '';
  return cell.predicted === 'denied'
    ? {
        severity: 'critical',
        says: `${way} connected, although it is denied: ${reason}. The cluster does not enforce this`,
      }
    : { severity: 'medium', says: `${way} is blocked (${tried.outcome}), although it is allowed: ${reason}` };
}
