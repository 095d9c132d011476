import type { ConnectRequest } from '../../agent/requests.ts';
import { analyseNetwork, type NetworkAnalysis, type ProfileName } from '../../analysis/network/index.ts';
import { refOf, type KubernetesObject } from '../../model/object.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import type { FaultContext } from '../faults/define-fault.ts';
import { must } from '../objects.ts';
import type { ConnectCell } from '../probes/connect.ts';
import type { LivePod } from '../probes/live-pods.ts';
import { askAll, requestOf } from './ask.ts';
import type { AddressFamily, CanaryWorld } from './canary-world.ts';
import type { Ask, Feature, Step, Trial } from './features.ts';
import { until } from './until.ts';
import { agreement, type ProbeCell } from './types.ts';

/** Whether one feature is enforced at one node. */
export interface Enforcement {
  /** Of `FEATURE_IDS`; `ipv6/ingress` for one over the other family of addresses. */
  readonly feature: string;
  readonly family: AddressFamily;
  readonly title: string;
  readonly node: string;
  /** `notTestable` is none of the others: it is never shown as a pass. */
  readonly verdict: 'enforced' | 'notEnforced' | 'notTestable' | 'unknown';
  /** From creating the policies to all outcomes being as predicted; the resolution is one round of probes. */
  readonly convergedAfterMs?: number;
  readonly says: string;
}

/** What came of one trial. */
export interface Tried {
  readonly trial: Trial;
  readonly cells: readonly ProbeCell[];
  readonly enforcement: readonly Enforcement[];
}

export interface TrialOptions {
  readonly profile: ProfileName;
  /** Longest wait for policies to take effect, and to be gone again; 15,000 when absent. */
  readonly convergeMs?: number;
}

const CONVERGE_MS = 15_000;

/** A trial with the connections it is judged by, and the way to ask for all of them, each pod's with its control. */
interface Round {
  readonly trial: Trial;
  readonly asks: readonly Ask[];
  readonly ask: () => Promise<readonly ConnectCell[]>;
}

/** Makes the trials of a step, side by side. Their policies are there while it lasts, and deleted after. */
export async function tryStep(
  step: Step,
  { profile, convergeMs = CONVERGE_MS }: TrialOptions,
  at: FaultContext,
): Promise<readonly Tried[]> {
  const results = new Map<Trial, Tried>();
  const rounds = step.flatMap((trial): readonly Round[] => {
    const why = trial.feature.untestable?.(trial.world);
    if (why !== undefined) results.set(trial, atAllNodes(trial, 'notTestable', why));
    return why === undefined ? [roundOf(trial, at)] : [];
  });
  // Before: everything connects. Whatever the last step left in force is over by then.
  const before = await Promise.all(
    rounds.map(({ ask }) => until(ask, (cells) => cells.every(connected), convergeMs, at)),
  );
  const heard = rounds.filter(({ trial, asks }, i) => {
    const cells = before[i]?.cells ?? [];
    const deaf = cells.findIndex((cell) => !connected(cell));
    const first = asks[deaf];
    if (!first) return true;
    const says = `without any policy ${wayOf(first)} does not connect: ${cells[deaf]?.detail ?? ''}`;
    results.set(trial, atAllNodes(trial, 'unknown', says));
    return false;
  });
  const policies = policiesOf(heard);
  try {
    await Promise.all(policies.map((policy) => create(policy, at)));
    await Promise.all(
      heard.map(async (round) => results.set(round.trial, await judge(round, policies, profile, convergeMs, at))),
    );
  } finally {
    await Promise.all(policies.map((policy) => at.cluster.delete(refOf(policy))));
  }
  return step.flatMap((trial) => results.get(trial) ?? []);
}

function roundOf(trial: Trial, at: FaultContext): Round {
  const asks = trial.feature.asks(trial.world);
  const context = { prober: at.prober, now: at.clock.now, signal: at.signal };
  return { trial, asks, ask: () => askAll(asks, () => controlOf(trial.world), context) };
}

/** Those of all rounds: trials of one feature share what does not depend on addresses. */
function policiesOf(rounds: readonly Round[]): readonly KubernetesObject[] {
  const all = rounds.flatMap(({ trial: { feature, world } }) => feature.policies(world));
  return [...new Map(all.map((policy) => [policy.metadata.name, policy])).values()];
}

/** Asks until everything is as predicted under the policies, or patience ends. */
async function judge(
  { trial, asks, ask }: Round,
  policies: readonly KubernetesObject[],
  profile: ProfileName,
  convergeMs: number,
  at: FaultContext,
): Promise<Tried> {
  const analysis = analyse(trial.world, policies, profile);
  const predicted = asks.map((one) => predict(analysis, one));
  const agrees = (cell: ConnectCell, i: number): boolean | 'unknown' =>
    agreement(predicted[i] ?? 'unknown', cell.outcome, cell.control, true);
  const after = await until(ask, (cells) => cells.every((cell, i) => agrees(cell, i) !== false), convergeMs, at);
  const cells = asks.map((one, i) => probeCell(one, predicted[i] ?? 'unknown', after.cells[i], trial.feature));
  return { trial, cells, enforcement: judgeNodes(trial, asks, cells, after.tookMs) };
}

function connected({ outcome }: ConnectCell): boolean {
  return outcome === 'connected';
}

function atAllNodes(trial: Trial, verdict: Enforcement['verdict'], says: string): Tried {
  const { feature, world } = trial;
  const enforcement = world.servers.map(({ node }) => ({ ...headOf(feature, world), node, verdict, says }));
  return { trial, cells: [], enforcement };
}

function headOf({ id, title }: Feature, { family }: CanaryWorld): Pick<Enforcement, 'feature' | 'family' | 'title'> {
  return { feature: id, family, title };
}

function judgeNodes(
  { feature, world }: Trial,
  asks: readonly Ask[],
  cells: readonly ProbeCell[],
  tookMs: number,
): readonly Enforcement[] {
  const byNode = Map.groupBy(cells.keys(), (i) => asks[i]?.[feature.at].node ?? '');
  return [...byNode].map(([node, indexes]): Enforcement => {
    const mine = indexes.flatMap((i) => cells[i] ?? []);
    const wrong = mine.filter(({ agree }) => agree === false);
    const open = mine.filter(({ agree }) => agree === 'unknown');
    const head = { ...headOf(feature, world), node };
    const [bad] = wrong;
    if (bad)
      return {
        ...head,
        verdict: 'notEnforced',
        says: `${bad.fromPod} to ${bad.address}/${bad.protocol} is ${bad.predicted} and ${bad.says}`,
      };
    const [vague] = open;
    if (vague) return { ...head, verdict: 'unknown', says: `${vague.fromPod} to ${vague.address}: ${vague.says}` };
    return {
      ...head,
      verdict: 'enforced',
      convergedAfterMs: Math.round(tookMs),
      says: `${mine.length} connections were as predicted`,
    };
  });
}

function controlOf({ control }: CanaryWorld): readonly ConnectRequest[] {
  return [requestOf({ from: control, to: control, port: 8080, protocol: 'TCP' })];
}

/** What the engine says of these pods under these policies, and of nothing else. */
function analyse(world: CanaryWorld, policies: readonly KubernetesObject[], profile: ProfileName): NetworkAnalysis {
  const pods = [...world.servers, ...world.clients, world.other, world.control].map(({ object }) => object);
  const namespace: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: world.namespace } };
  const snapshot = createSnapshot({
    source: { kind: 'cluster', description: 'the canary' },
    resources: [namespace, ...pods, ...policies].map((object) => ({ object })),
  });
  return analyseNetwork(snapshot, { profile });
}

function predict(analysis: NetworkAnalysis, { from, to, port, protocol }: Ask): ProbeCell['predicted'] {
  const end = ({ namespace, name }: LivePod) => ({ kind: 'workload', namespace, name }) as const;
  return analysis.query(end(from), end(to), { port, protocol }).verdict;
}

function probeCell(
  ask: Ask,
  predicted: ProbeCell['predicted'],
  cell: ConnectCell | undefined,
  feature: Feature,
): ProbeCell {
  const { from, to, port, protocol } = ask;
  const outcome = cell?.outcome ?? 'probeError';
  const control = cell?.control ?? 'none';
  const { host, port: dialled } = requestOf(ask);
  return {
    from: `${from.namespace}/${from.name}[Pod]`,
    to: `${to.namespace}/${to.name}[Pod]`,
    port,
    protocol,
    predicted,
    outcome,
    control,
    agree: agreement(predicted, outcome, control, true),
    fromPod: `${from.namespace}/${from.name}`,
    toPod: `${to.namespace}/${to.name}`,
    address: host.includes(':') ? `[${host}]:${dialled}` : `${host}:${dialled}`,
    via: ask.dial?.via ?? 'pod',
    placement: placementOf(ask),
    at: cell?.at ?? '',
    says: `${feature.id}: ${outcome === 'connected' ? 'connected' : (cell?.detail ?? 'no answer')}`,
  };
}

function placementOf({ from, to, dial }: Ask): ProbeCell['placement'] {
  if (dial?.via === 'service') return 'unknown';
  if (from.uid === to.uid) return 'itself';
  return from.node === to.node ? 'same node' : 'across nodes';
}

function wayOf({ from, to, port, protocol }: Ask): string {
  return `${from.name} to ${to.name}:${port}/${protocol}`;
}

/** Creates an object of the canary; a refusal ends it. */
export async function create(object: KubernetesObject, at: FaultContext): Promise<KubernetesObject> {
  return must(await at.cluster.create(object), `creating ${object.kind} ${object.metadata.name}`);
}
