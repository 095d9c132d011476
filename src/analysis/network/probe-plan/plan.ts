import { meshProxyOf } from '../../../model/pods.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { containerPorts, type Endpoint } from '../inhabitants/endpoints.ts';
import type { NetworkAnalysis, ReachAnswer } from '../index.ts';
import { DIRECTIONS, type Direction } from '../policies/policy.ts';
import { endOf, type Candidate, type Door, type PlannedCell } from './cells.ts';
import { analysisByFamily } from './one-family.ts';
import { kindsOfPods, type PodKind } from './pod-kinds.ts';
import { fromWithin, networkReasons, placed } from './placements.ts';
import { servicesByPod } from './service-doors.ts';

export type { PlannedCell } from './cells.ts';

export interface ProbePlan {
  /** The most telling first. */
  readonly cells: readonly PlannedCell[];
  /** Boundaries between classes there are, before the limit. */
  readonly boundaries: number;
  /** What is left out and why, one sentence each. */
  readonly leftOut: readonly string[];
}

export interface ProbePlanOptions {
  /** Most connections to plan. */
  readonly maxCells: number;
  /** Most classes of pods looked at on either side. */
  readonly maxClasses?: number;
}

/**
 * Picks few connections that would together reveal a wrong prediction, greedily. Pods that no policy tells apart are
 * one class; pairs of classes lie at boundaries (the isolation of a class, a rule that opens a port), and each boundary
 * is shown by the first pair that can. Closed pairs that a single edit would open come first. Each is tried on one node and across two where pods allow it,
 * and through a Service where one leads there. O(classes squared * ports) queries.
 */
export function planProbes(snapshot: Snapshot, analysis: NetworkAnalysis, options: ProbePlanOptions): ProbePlan {
  const leftOut: string[] = [];
  const all = kindsOfPods(analysis);
  const limit = options.maxClasses ?? 150;
  const kinds = all.slice(0, limit);
  if (all.length > limit) leftOut.push(`${all.length - limit} of ${all.length} classes of pods were not looked at`);
  const onHost = analysis.workloads.flatMap(({ endpoints }) => endpoints.filter(({ hostNetwork }) => hostNetwork));
  if (onHost.length > 0)
    leftOut.push(`${onHost.length} pods on the network of their node are not dialled; one of them speaks for its node`);
  const silent = kinds.filter(({ pods }) => doorsOf(pods[0]).length === 0);
  if (silent.length > 0)
    leftOut.push(`${silent.length} classes of pods declare no TCP or UDP port, so there is nothing to dial`);
  leftOut.push(...unspoken(kinds));
  const services = servicesByPod(snapshot, analysis);
  const speakers = kinds.map((kind) => ({ ...kind, pods: kind.pods.filter((pod) => !isProxied(pod)) }));
  const proxied = sum(kinds.map(({ pods }) => pods.length)) - sum(speakers.map(({ pods }) => pods.length));
  if (proxied > 0)
    leftOut.push(
      `${proxied} pods of a mesh are dialled and not asked: their proxy answers in the place of the far end`,
    );

  const candidates: Candidate[] = [];
  for (const to of kinds) {
    for (const door of doorsOf(to.pods[0])) {
      const open: PodKind[] = [];
      const judged = speakers.flatMap((from) => {
        const source = from.pods.find((pod) => pod !== door.to);
        if (!source) return [];
        const answer = analysis.query(endOf(source), endOf(door.to), door);
        if (answer.verdict === 'allowed') open.push(from);
        return [{ from, answer }];
      });
      for (const { from, answer } of judged) {
        const closedSides = closedSidesOf(answer);
        const edits = editsToOpen(from, answer, closedSides.length, open);
        candidates.push({ from, to, door, verdict: answer.verdict, edits, closedSides, answer });
      }
    }
  }
  const shown = new Set<string>();
  const chosen = candidates.sort(mostTellingFirst).filter((candidate) => {
    const news = boundariesOf(candidate).filter((boundary) => !shown.has(boundary));
    for (const boundary of news) shown.add(boundary);
    return news.length > 0;
  });
  const placing = {
    analysis,
    services,
    networks: networkReasons(analysis),
    inFamily: analysisByFamily(snapshot, analysis),
  };
  const cells = [
    ...chosen.flatMap((candidate) => placed(candidate, placing)),
    ...fromWithin(chosen, onHost, analysis).filter(({ from }) => !isProxied(from)),
  ];
  if (cells.length > options.maxCells)
    leftOut.push(`${cells.length - options.maxCells} of ${cells.length} connections are beyond the limit`);
  return { cells: cells.slice(0, options.maxCells), boundaries: shown.size, leftOut };
}

function isProxied({ source: { object } }: Endpoint): boolean {
  return meshProxyOf(object) !== undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function doorsOf(to: Endpoint | undefined): readonly Door[] {
  if (!to) return [];
  const seen = new Set<string>();
  return containerPorts(to.spec).flatMap(({ port, protocol }) => {
    const id = `${port}/${protocol}`;
    if (protocol === 'SCTP' || seen.has(id)) return [];
    seen.add(id);
    return [{ to, port, protocol }];
  });
}

/** Doors that nothing in a container knows how to try. */
function unspoken(kinds: readonly PodKind[]): readonly string[] {
  const doors = kinds.flatMap(({ pods: [pod] }) =>
    pod
      ? containerPorts(pod.spec).flatMap(({ port, protocol }) =>
          protocol === 'SCTP' ? [`${pod.workload.id}:${port}`] : [],
        )
      : [],
  );
  if (doors.length === 0) return [];
  const named = `${doors.slice(0, 3).join(', ')}${doors.length > 3 ? ` and ${doors.length - 3} more` : ''}`;
  return [`SCTP at ${named} is not tried: no program that a container might have speaks it`];
}

function closedSidesOf({ verdict, because }: ReachAnswer): readonly Direction[] {
  if (verdict !== 'denied') return [];
  return DIRECTIONS.filter((direction) =>
    because.some((reason) => reason.kind === 'field' && reason.says.includes(`isolates ${direction} of`)),
  );
}

/** Closed on one side only, and only a label away from somebody who may: one edit. Each further obstacle is one more. */
function editsToOpen(from: PodKind, { verdict }: ReachAnswer, closedSides: number, open: readonly PodKind[]): number {
  if (verdict === 'allowed') return 0;
  const nearest = open.reduce((least, other) => Math.min(least, labelsApart(from, other)), Number.POSITIVE_INFINITY);
  return Math.max(1, closedSides) + (Number.isFinite(nearest) ? Math.min(0.9, Math.max(0, nearest - 1) / 10) : 0.95);
}

/** Labels (and the namespace) that would have to change for one kind of pod to become the other. */
function labelsApart(a: PodKind, b: PodKind): number {
  const keys = new Set([...Object.keys(a.labels), ...Object.keys(b.labels)]);
  let apart = a.namespace === b.namespace ? 0 : 1;
  for (const key of keys) if (a.labels[key] !== b.labels[key]) apart++;
  return apart;
}

/**
 * The boundaries a cell would show to be wrong. What is open shows each rule that opens it; what is closed on one side
 * shows that side's isolation. Closed on both sides it would show neither alone, so it only counts as a pair.
 */
function boundariesOf({ door, verdict, closedSides, answer, from, to }: Candidate): readonly string[] {
  const port = `${door.port}/${door.protocol}`;
  if (verdict === 'denied' && closedSides.length > 0) {
    if (closedSides.length === 2) return [];
    return closedSides.map((side) => `closed ${side} of ${side === 'ingress' ? `${to.id} ${port}` : from.id}`);
  }
  return answer.because.map((reason) =>
    reason.kind === 'field'
      ? `${verdict} ${reason.object.kind} ${reason.object.namespace ?? ''}/${reason.object.name} ${reason.path} ${port}`
      : `${verdict} ${reason.kind} ${/isolates egress/.test(reason.says) ? `egress of ${from.id}` : `ingress of ${to.id} ${port}`}`,
  );
}

function mostTellingFirst(a: Candidate, b: Candidate): number {
  const rank = ({ verdict }: Candidate): number =>
    ({ denied: 0, implementationDefined: 1, unknown: 2, allowed: 3 })[verdict];
  return rank(a) - rank(b) || a.edits - b.edits || compare(idOf(a), idOf(b));
}

function idOf({ from, door }: Candidate): string {
  return `${from.id} ${door.to.workload.id} ${door.port} ${door.protocol}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
