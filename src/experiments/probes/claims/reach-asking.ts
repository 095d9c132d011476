import type { ConnectRequest, ProbeRequest } from '../../../agent/requests.ts';
import { formatRef, refId } from '../../../model/object.ts';
import { meshProxyOf, podIPs } from '../../../model/pods.ts';
import type { Workload } from '../../../model/workloads.ts';
import { cellOf, isIPv6 } from '../connect.ts';
import { isPodOf, type LivePod } from '../live-pods.ts';
import type { Arm, ClaimWorld } from './claim-probe.ts';
import type { Tried } from './judged-cell.ts';
import { TIMEOUT_MS } from './patience.ts';
import type { ReachCell } from './reach-cells.ts';
import type { ControlFinder } from './reach-controls.ts';

/** What one look is made with. */
export interface Looking {
  readonly pods: readonly LivePod[];
  readonly arm: Arm | undefined;
  readonly controls: ControlFinder;
  readonly world: ClaimWorld;
}

/** How often within one look what a busy machine left open is asked again. */
const AGAIN = 1;

/** Tries every cell; what a busy machine left open is asked again, and its answer waited for as long as ever. */
export async function tryCells(cells: readonly ReachCell[], looking: Looking): Promise<readonly Tried[]> {
  let tried = await askAll(cells, looking, false);
  for (let again = 0; again < AGAIN && tried.some(worthAnother) && !looking.world.signal.aborted; again++) {
    const open = new Set(tried.filter(worthAnother).map(({ cell }) => cell));
    const answers = await askAll([...open], looking, true);
    tried = [...tried.filter(({ cell }) => !open.has(cell)), ...answers];
  }
  return tried;
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

async function askAll(cells: readonly ReachCell[], looking: Looking, patient: boolean): Promise<readonly Tried[]> {
  const bySource = Map.groupBy(cells, ({ from }) => refId(from.ref));
  const asked = await Promise.all([...bySource.values()].map((mine) => askFromOneSource(mine, looking, patient)));
  return asked.flat();
}

/** Most workloads of a class that are tried in turn until one has something that can ask. */
const MAX_SPEAKERS = 3;

/** Asks everything one class of sources is to be asked; the first of it that has something to ask with speaks. */
async function askFromOneSource(
  mine: readonly ReachCell[],
  looking: Looking,
  patient: boolean,
): Promise<readonly Tried[]> {
  const [first] = mine;
  if (!first) return [];
  const source = first.from;
  const substitutes = first.substitutes.filter((other) => mine.every((cell) => cell.substitutes.includes(other)));
  const speakers = [source, ...substitutes].flatMap((workload) => {
    const [pod] = looking.pods
      .filter((one) => isPodOf(workload, one))
      .sort((a, b) => Number(b.ready) - Number(a.ready));
    return pod ? [{ workload, pod }] : [];
  });
  const frank = speakers.filter(({ pod }) => meshProxyOf(pod.object) === undefined);
  const [muffled] = speakers;
  const why =
    muffled === undefined
      ? `no pod of ${formatRef(source.ref)} runs`
      : `${meshProxyOf(muffled.pod.object)} answers each connection of ${muffled.pod.namespace}/${muffled.pod.name} in the place of the far end`;
  let tried: readonly Tried[] = mine.map((cell) => ({ cell, why }));
  for (const { workload, pod } of frank.slice(0, MAX_SPEAKERS)) {
    tried = await askAs(workload, pod, mine, looking, patient);
    if (tried.some(({ result }) => result?.via !== undefined)) break;
  }
  return tried;
}

/** Asks all cells from one pod, with its controls, in one go. */
async function askAs(
  source: Workload,
  from: LivePod,
  mine: readonly ReachCell[],
  { pods, arm, controls, world }: Looking,
  patient: boolean,
): Promise<readonly Tried[]> {
  const waitedMs = patient ? TIMEOUT_MS : controls.patienceOf(source);
  const targets = mine.flatMap((cell): readonly { readonly cell: ReachCell; readonly to: LivePod | undefined }[] => {
    const found = pods.filter((pod) => isPodOf(cell.to, pod) && pod.uid !== from.uid && (!arm || arm(pod.uid)));
    return found.length === 0
      ? [{ cell, to: undefined }]
      : found.flatMap((to) => waysTo(to, from, cell)).map((to) => ({ cell, to }));
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

/**
 * A pod at the addresses that decide: what is closed must be so in each family both have, and what is open may be so in
 * one, as programs that listen in one family are none the worse for it.
 */
function waysTo(to: LivePod, from: LivePod, { expect }: ReachCell): readonly LivePod[] {
  if (expect === 'open') return [to];
  const families = new Set(podIPs(from.object).map(isIPv6));
  const shared = podIPs(to.object).filter((address) => families.has(isIPv6(address)));
  return shared.length === 0 ? [to] : shared.map((address) => ({ ...to, address }));
}
