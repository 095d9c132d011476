import { analyseAccess, type AccessAnalysis } from '../analysis/access/index.ts';
import { analyseAttack, type AttackAnalysis } from '../analysis/attack/index.ts';
import { analyseNetwork, type NetworkAnalysis, type ProfileName } from '../analysis/network/index.ts';
import { runChecks, type CheckRun } from '../analysis/posture/run-checks.ts';
import { record, stringMap } from '../model/json.ts';
import { isCompleted } from '../model/pods.ts';
import type { Labels } from '../model/selectors.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { workloadsOf, type Workload } from '../model/workloads.ts';

/** What is known of a namespace. */
export interface NamespaceFacts {
  readonly name: string;
  /** With `kubernetes.io/metadata.name`, which every namespace has; only that when the Namespace was not read. */
  readonly labels: Labels;
  /** False for a namespace that is only mentioned: its labels are not known. */
  readonly read: boolean;
}

/** What the kinds of claims ask of the analyses, each worked out once and only when asked for. */
export interface Facts {
  readonly snapshot: Snapshot;
  /** Everything that runs pods, ended bare pods left out. */
  readonly workloads: readonly Workload[];
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
  readonly network: NetworkAnalysis;
  readonly access: AccessAnalysis;
  readonly attack: AttackAnalysis;
  /** Every check of the catalogue on everything it applies to, passing results included. */
  readonly checks: CheckRun;
  /** Some checks (controls of Pod Security included) on everything they apply to, passing results included. */
  runChecks(ids: readonly string[]): CheckRun;
}

/** What facts depend on beside the snapshot. */
export interface FactsOptions {
  /** The day suppressions are judged on, `2026-11-21`; without it none is in force. */
  readonly today?: string;
  /** How the network behaves where the API leaves it open. */
  readonly profile?: ProfileName;
}

/** Facts are worked out when the first claim asks for them. */
export function createFacts(snapshot: Snapshot, options: FactsOptions = {}): Facts {
  const { profile, today } = options;
  const judgedOn = today === undefined ? {} : { today };
  const network = once(() => analyseNetwork(snapshot, profile === undefined ? {} : { profile }));
  const workloads = once(() => workloadsOf(snapshot).filter(isRunning));
  const namespaces = once(() => readNamespaces(snapshot, workloads()));
  const access = once(() => analyseAccess(snapshot));
  const attack = once(() => analyseAttack(snapshot, { access: access(), network: network() }));
  const checks = once(() => runChecks(snapshot, { showPassed: true, ...judgedOn }));
  const byIds = new Map<string, CheckRun>();
  return {
    snapshot,
    get workloads() {
      return workloads();
    },
    get namespaces() {
      return namespaces();
    },
    get network() {
      return network();
    },
    get access() {
      return access();
    },
    get attack() {
      return attack();
    },
    get checks() {
      return checks();
    },
    runChecks: (ids) => {
      const key = [...ids].sort().join(' ');
      let run = byIds.get(key);
      if (!run) byIds.set(key, (run = runChecks(snapshot, { only: ids, showPassed: true, ...judgedOn })));
      return run;
    },
  };
}

/** Namespace of a workload; manifests without one mean `default`. */
export function namespaceOf(workload: Workload): string {
  return workload.ref.namespace ?? 'default';
}

function isRunning({ ref, writtenIn }: Workload): boolean {
  return ref.kind !== 'Pod' || !isCompleted(writtenIn.object);
}

function readNamespaces(snapshot: Snapshot, workloads: readonly Workload[]): ReadonlyMap<string, NamespaceFacts> {
  const found = new Map<string, NamespaceFacts>();
  for (const { object } of snapshot.list('Namespace')) {
    const { name } = object.metadata;
    const labels = { ...stringMap(record(object.metadata)['labels']), 'kubernetes.io/metadata.name': name };
    found.set(name, { name, labels, read: true });
  }
  for (const name of workloads.map(namespaceOf)) {
    if (!found.has(name)) found.set(name, { name, labels: { 'kubernetes.io/metadata.name': name }, read: false });
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
