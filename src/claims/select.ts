import { becauseOfGap, type Because } from '../model/because.ts';
import { WORKLOAD_KINDS } from '../model/pods.ts';
import { matches, parseSelector, type LabelSelector } from '../model/selectors.ts';
import type { Workload } from '../model/workloads.ts';
import { namespaceOf, type Facts } from './facts.ts';
import type { LabelSelectorSpec, NamespacesSpec, PodSelectorSpec } from './schema/selection.ts';

/** What a selector finds, and why there may be more that could not be read. */
export interface Selection<T> {
  readonly found: readonly T[];
  readonly open: readonly Because[];
}

/** Workloads a selector of a claim means. Labels are those of the pod template. */
export function selectWorkloads(facts: Facts, spec: PodSelectorSpec, home: string | undefined): Selection<Workload> {
  const where = namespaceTest(facts, spec.namespaces, home);
  const labels = labelTest(spec.pods);
  const names = spec.workloads?.map((written) => workloadTest(written));
  const found = facts.workloads.filter(
    (workload) =>
      where.test(namespaceOf(workload)) &&
      labels(workload.template.labels) &&
      (names?.some((test) => test(workload)) ?? true),
  );
  return { found, open: [...where.open, ...workloadGaps(facts, where)] };
}

/** Namespaces a claim names or selects; `home` (or all, without one) when it says nothing. */
export function selectNamespaces(
  facts: Facts,
  spec: NamespacesSpec | undefined,
  home: string | undefined,
): Selection<string> {
  const where = namespaceTest(facts, spec, home);
  if (where.names) return { found: where.names, open: [] };
  return { found: [...facts.namespaces.keys()].filter(where.test), open: where.open };
}

interface NamespaceTest {
  readonly test: (namespace: string) => boolean;
  /** The only namespaces that can pass, when the claim names them. */
  readonly names?: readonly string[];
  readonly open: readonly Because[];
}

function namespaceTest(facts: Facts, spec: NamespacesSpec | undefined, home: string | undefined): NamespaceTest {
  const names = Array.isArray(spec) ? spec : spec === undefined && home !== undefined ? [home] : undefined;
  if (names) return { test: (name) => names.includes(name), names, open: [] };
  const byLabel = labelTest(spec as LabelSelectorSpec | undefined);
  const open = spec === undefined ? [] : facts.snapshot.gaps(['Namespace']).map(becauseOfGap);
  return { test: (name) => byLabel(facts.namespaces.get(name)?.labels ?? {}), open };
}

/** Gaps that could hide a workload in the namespaces meant. */
function workloadGaps(facts: Facts, where: NamespaceTest): readonly Because[] {
  const gaps = where.names
    ? where.names.flatMap((name) => facts.snapshot.gaps(WORKLOAD_KINDS, name))
    : facts.snapshot.gaps(WORKLOAD_KINDS);
  return [...new Set(gaps)].map(becauseOfGap);
}

function labelTest(spec: LabelSelectorSpec | undefined): (labels: Readonly<Record<string, string>>) => boolean {
  if (spec === undefined) return () => true;
  const parsed = parseSelector(spec);
  const selector: LabelSelector | undefined = parsed.kind === 'ok' ? parsed.selector : undefined;
  return (labels) => selector !== undefined && matches(selector, labels);
}

/** `name`, `Kind/name`, `namespace/name` or `namespace/Kind/name`. A kind starts with a capital, a namespace can't. */
function workloadTest(written: string): (workload: Workload) => boolean {
  const parts = written.split('/');
  const name = parts.at(-1);
  const kind = parts.slice(0, -1).find((part) => /^[A-Z]/.test(part));
  const namespace = parts.slice(0, -1).find((part) => !/^[A-Z]/.test(part));
  return (workload) =>
    workload.ref.name === name &&
    (kind === undefined || workload.ref.kind === kind) &&
    (namespace === undefined || namespaceOf(workload) === namespace);
}
