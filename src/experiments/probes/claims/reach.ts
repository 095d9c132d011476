import type { ConnectRequest, ProbeRequest } from '../../../agent/requests.ts';
import type { ClaimOf } from '../../../claims/claim.ts';
import { namespaceOf } from '../../../claims/facts.ts';
import type { Because, Verdict } from '../../../model/because.ts';
import { formatRef, refId } from '../../../model/object.ts';
import type { Workload } from '../../../model/workloads.ts';
import { cellOf, describeCell, isClosed, type ConnectCell } from '../connect.ts';
import { controlsFor } from '../controls.ts';
import { isPodOf, livePods, type LivePod } from '../live-pods.ts';
import type { Asked } from '../transport.ts';
import { observed, sampleOf, type Arm, type ClaimProbe, type ClaimSample, type ClaimWorld } from './claim-probe.ts';
import { createPatience, hasConnected, TIMEOUT_MS } from './patience.ts';
import { cellsOf, type ReachCell } from './reach-cells.ts';
import { strangerLook } from './stranger-look.ts';
import { describeStrangerCell, strangerCells } from './strangers.ts';

/** How often within one look what a busy machine left open is asked again. */
const AGAIN = 1;

/** Tries the connections a claim speaks of, each closed one beside controls from the same container. */
export function reachProbe(claim: ClaimOf<'reach'>, world: ClaimWorld): ClaimProbe {
  const { cells, ...inside } = cellsOf(claim, world.facts);
  const strangers = strangerCells(claim, world.facts, world.outside);
  const asStrangers = strangerLook(strangers.cells, world);
  const blind = [...inside.blind, ...strangers.blind];
  const assumed = [...inside.assumed, ...strangers.assumed];
  const sources = new Map(cells.map(({ from }) => [refId(from.ref), from]));
  const controls = controlFinder(world, [...sources.values()]);
  const namespaces = [
    ...new Set(
      [
        ...cells.flatMap(({ from, to }) => [from, to]),
        ...controls.workloads,
        ...strangers.cells.flatMap(({ from, to }) => [to, ...(from.kind === 'node' ? from.speakers : [])]),
      ].map(namespaceOf),
    ),
  ];
  return {
    claim,
    uses: ['connect'],
    tellsArmsApart: true,
    ...(cells.length + strangers.cells.length === 0 ? { neverDecides: true as const } : {}),
    plan: [
      ...cells.map((cell) => `${describe(cell)} is ${cell.expect}`),
      ...strangers.cells.map(describeStrangerCell),
      ...blind,
      ...assumed,
    ],
    async sample({ arm } = {}): Promise<ClaimSample> {
      const now = world.clock.now().toISOString();
      try {
        const pods = await livePods(world.cluster, namespaces, world.signal);
        const ask = async (these: readonly ReachCell[], patient: boolean): Promise<readonly Tried[]> => {
          const looking: Looking = { pods, arm, controls, patient, world };
          const asked = await Promise.all([...sources.values()].map((source) => askFrom(source, these, looking)));
          return asked.flat();
        };
        const askAll = async (): Promise<readonly Tried[]> => {
          let tried = await ask(cells, false);
          for (let again = 0; again < AGAIN && tried.some(worthAnother) && !world.signal.aborted; again++) {
            const open = new Set(tried.filter(worthAnother).map(({ cell }) => cell));
            const answers = await ask(
              cells.filter((cell) => open.has(cell)),
              true,
            );
            tried = [...tried.filter(({ cell }) => !open.has(cell)), ...answers];
          }
          return tried;
        };
        const [tried, outside] = await Promise.all([askAll(), asStrangers.look(pods, arm)]);
        const parts = worstFirst([...judgeCells(tried), ...outside]);
        const unseen = blind.map((says) => ({ verdict: 'unknown' as const, because: [observed(now, says)] }));
        return summed(sampleOf(now, [...parts, ...unseen]), parts.length, assumed);
      } catch (thrown) {
        return sampleOf(now, [
          { verdict: 'unknown', because: [observed(now, `the connections could not be tried: ${String(thrown)}`)] },
        ]);
      }
    },
  };
}

/**
 * A try that settled nothing, and may settle something a moment later: neither it nor its controls got through. And one
 * that would be held against the claim for having been waited for less than it might have been.
 */
function worthAnother({ cell, result, waitedMs = TIMEOUT_MS }: Tried): boolean {
  if (!result || result.via === undefined) return false;
  if (result.outcome === 'timeout' && cell.expect === 'open' && waitedMs < TIMEOUT_MS) return true;
  return result.outcome === 'probeError' || (result.outcome === 'timeout' && result.control === 'failed');
}

/** What one look is made with. */
interface Looking {
  readonly pods: readonly LivePod[];
  readonly arm: Arm | undefined;
  readonly controls: ControlFinder;
  /** Waits for answers as long as ever. */
  readonly patient: boolean;
  readonly world: ClaimWorld;
}

/** A door that is open and should be closed is worse than one that is closed and should be open. */
function worstFirst(parts: readonly JudgedCell[]): readonly JudgedCell[] {
  return [...parts].sort((a, b) => Number(b.intruded === true) - Number(a.intruded === true));
}

/** The sample with what it comes to in its first sentence, and what is left to the configuration in its last. */
function summed(sample: ClaimSample, connections: number, assumed: readonly string[]): ClaimSample {
  const { verdict, at, tally, because } = sample;
  if (verdict === 'violated' || connections === 0) return sample;
  const says =
    verdict === 'holds'
      ? `tried: ${connections === 1 ? 'the one connection is' : `all ${connections} connections are`} as the claim says`
      : `tried: ${tally.holds} of ${connections} connections are as the claim says; what could not be seen leaves it undecided`;
  return { ...sample, because: [observed(at, says), ...because, ...assumed.map((rest) => observed(at, rest))] };
}

/** A connection that was tried, or could not be. */
export interface Tried {
  readonly cell: ReachCell;
  readonly from?: LivePod;
  readonly to?: LivePod;
  readonly result?: ConnectCell;
  /** How long its answer was waited for. */
  readonly waitedMs?: number;
  readonly why?: string;
}

/** Most workloads of a class that are tried in turn until one has something that can ask. */
const MAX_SPEAKERS = 3;

/** Asks everything one class of sources is to be asked; the first of it that has something to ask with speaks. */
async function askFrom(source: Workload, cells: readonly ReachCell[], looking: Looking): Promise<readonly Tried[]> {
  const mine = cells.filter(({ from }) => refId(from.ref) === refId(source.ref));
  if (mine.length === 0) return [];
  const substitutes = (mine[0]?.substitutes ?? []).filter((other) =>
    mine.every((cell) => cell.substitutes.includes(other)),
  );
  const speakers = [source, ...substitutes].flatMap((workload) => {
    const [pod] = looking.pods
      .filter((one) => isPodOf(workload, one))
      .sort((a, b) => Number(b.ready) - Number(a.ready));
    return pod ? [{ workload, pod }] : [];
  });
  let tried: readonly Tried[] = mine.map((cell) => ({ cell, why: `no pod of ${formatRef(source.ref)} runs` }));
  for (const { workload, pod } of speakers.slice(0, MAX_SPEAKERS)) {
    tried = await askAs(workload, pod, mine, looking);
    if (tried.some(({ result }) => result?.via !== undefined)) break;
  }
  return tried;
}

/** Asks all cells from one pod, with its controls, in one go. */
async function askAs(
  source: Workload,
  from: LivePod,
  mine: readonly ReachCell[],
  { pods, arm, controls, patient, world }: Looking,
): Promise<readonly Tried[]> {
  const waitedMs = patient ? TIMEOUT_MS : controls.patienceOf(source);
  const targets = mine.flatMap((cell): readonly { readonly cell: ReachCell; readonly to: LivePod | undefined }[] => {
    const found = pods.filter((pod) => isPodOf(cell.to, pod) && pod.uid !== from.uid && (!arm || arm(pod.uid)));
    return found.length === 0 ? [{ cell, to: undefined }] : found.map((to) => ({ cell, to }));
  });
  const request = (cell: ReachCell, to: LivePod): ConnectRequest => ({
    kind: 'connect',
    host: to.address,
    port: cell.port,
    protocol: cell.protocol === 'UDP' ? 'udp' : 'tcp',
    timeoutMs: waitedMs,
  });
  const asking = targets.flatMap(({ cell, to }) => (to ? [{ cell, to, request: request(cell, to) }] : []));
  const beside = await controls.of(
    source,
    pods,
    asking.map((one) => one.request),
  );
  const requests: readonly ProbeRequest[] = [...asking.map((one) => one.request), ...beside];
  const answers =
    asking.length === 0
      ? []
      : await world.prober.ask({ namespace: from.namespace, pod: from.name }, requests, world.signal);
  const controlled = answers.slice(asking.length);
  controls.learn(source, controlled);
  return targets.map(({ cell, to }) => {
    if (!to) return { cell, from, why: `no pod of ${formatRef(cell.to.ref)} runs` };
    const index = asking.findIndex((one) => one.cell === cell && one.to === to);
    return { cell, from, to, waitedMs, result: cellOf(answers[index], controlled, world.clock.now().toISOString()) };
  });
}

/** What one connection says of the claim. */
export interface JudgedCell {
  readonly verdict: Verdict;
  readonly because: readonly Because[];
  /** It was let in, and should not have been. */
  readonly intruded?: boolean;
}

/** What the connections tried say of the claim. A refusal is settled by whether anybody else was let in at that door. */
export function judgeCells(tried: readonly Tried[]): readonly JudgedCell[] {
  const door = ({ cell, to }: Tried): string => `${to?.uid} ${cell.port} ${cell.protocol}`;
  const listening = new Set(tried.filter(({ result }) => result?.outcome === 'connected').map(door));
  return tried.map((one) => {
    const { cell, from, to, result, why } = one;
    if (!result)
      return {
        verdict: 'unknown' as const,
        because: [{ kind: 'absence' as const, of: 'pod', says: `${describe(cell)} was not tried: ${why}` }],
      };
    const way = `${from?.namespace}/${from?.name} to ${to?.namespace}/${to?.name}:${cell.port}/${cell.protocol}`;
    const because = [observed(result.at, `${way}: ${describeCell(result)}`, result)];
    const rejected = result.outcome === 'refused' && listening.has(door(one));
    const closed = rejected ? true : isClosed(result);
    // An unready pod that does not answer may just not be there yet: only an answer says something of it.
    if (closed === 'unknown' || (closed && to?.ready !== true)) return { verdict: 'unknown' as const, because };
    if (closed === (cell.expect === 'closed')) return { verdict: 'holds' as const, because };
    return { verdict: 'violated' as const, because, intruded: !closed };
  });
}

function describe({ from, to, port, protocol }: ReachCell): string {
  return `${formatRef(from.ref)} to ${formatRef(to.ref)}:${port}/${protocol}`;
}

interface ControlFinder {
  readonly workloads: readonly Workload[];
  of(source: Workload, pods: readonly LivePod[], asked: readonly ConnectRequest[]): Promise<readonly ConnectRequest[]>;
  learn(source: Workload, answers: readonly Asked[]): void;
  /** How long an answer to a source is worth waiting for, by what its control took the last time; in milliseconds. */
  patienceOf(source: Workload): number;
}

/** Most targets tried as controls of one source. */
const MAX_CONTROLS = 4;

/**
 * Finds what each source may reach: workloads the analysis says are open to it, then DNS and the API server. The one
 * that connected is kept; when none does any more, all are tried again.
 */
function controlFinder(world: ClaimWorld, sources: readonly Workload[]): ControlFinder {
  const open = new Map(sources.map((source) => [refId(source.ref), openTo(source, world)]));
  const kept = new Map<string, ConnectRequest>();
  const patience = createPatience();
  let everywhere: Promise<readonly ConnectRequest[]> | undefined;
  return {
    workloads: [...open.values()].flat().map(({ workload }) => workload),
    async of(source, pods, asked) {
      const known = kept.get(refId(source.ref));
      if (known) return [known];
      const near = (open.get(refId(source.ref)) ?? []).flatMap(({ workload, port }): readonly ConnectRequest[] => {
        const pod = pods.find((candidate) => candidate.ready && isPodOf(workload, candidate));
        return pod ? [{ kind: 'connect', host: pod.address, port, timeoutMs: TIMEOUT_MS }] : [];
      });
      const isAsked = (control: ConnectRequest): boolean =>
        asked.some(({ host, port }) => host === control.host && port === control.port);
      everywhere ??= controlsFor(world.cluster);
      return [...near, ...(await everywhere)].filter((control) => !isAsked(control)).slice(0, MAX_CONTROLS);
    },
    learn(source, answers) {
      const reached = answers.find(hasConnected);
      patience.learn(refId(source.ref), reached);
      if (reached?.request.kind === 'connect') kept.set(refId(source.ref), reached.request);
      else kept.delete(refId(source.ref));
    },
    patienceOf: (source) => patience.with(refId(source.ref)),
  };
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
