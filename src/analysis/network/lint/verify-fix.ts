import { refId } from '../../../model/object.ts';
import { changedEdges } from '../diff/diff.ts';
import { formatPorts, type NetworkAnalysis, type Peer } from '../index.ts';
import { subtractPorts, isEmpty } from '../ports/ports.ts';
import { formatPeer } from '../answers/report.ts';
import { applyChanges, type Change } from './change.ts';
import type { Lint, LintFinding, LintInput } from './define-lint.ts';

/** What a fix does, found by applying it to the snapshot and asking again. */
export interface FixEffect {
  /** The lint no longer speaks of what it spoke of. */
  readonly verified: boolean;
  /** Connections that some port is opened on, and those that some port is closed on. */
  readonly opens: number;
  readonly closes: number;
  /** The first of them, `+` what opens and `-` what closes. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;

/** Applies a fix and looks again; `found` is all that the lint found before. Costs the products of connections that differ. */
export function verifyFix(
  lint: Lint,
  finding: LintFinding,
  changes: readonly Change[],
  input: LintInput,
  found: readonly LintFinding[],
): FixEffect {
  const snapshot = applyChanges(input.snapshot, changes);
  const analysis = input.analysis.update(snapshot);
  const of = (findings: Iterable<LintFinding>): number =>
    [...findings].filter(({ policy }) => refId(policy.ref) === refId(finding.policy.ref)).length;
  const before = of(found);
  const created = new Set(
    changes.flatMap((change) => (change.kind === 'create' ? [change.manifest.metadata.name] : [])),
  );
  const again = [...lint.run({ snapshot, analysis })];
  const elsewhere = again.filter(({ policy }) => created.has(policy.ref.name)).length;
  return {
    verified: of(again) < before && elsewhere === 0 && analysis.problems.length <= input.analysis.problems.length,
    ...effectOn(input.analysis, analysis),
  };
}

/** What changes between two states, counted by connection. */
export function effectOn(old: NetworkAnalysis, now: NetworkAnalysis): Omit<FixEffect, 'verified'> {
  const edges = changedEdges(old, now);
  const opened = edges.filter(({ was, is }) => !isEmpty(subtractPorts(is, was)));
  const closed = edges.filter(({ was, is }) => !isEmpty(subtractPorts(was, is)));
  const line = (sign: string, from: Peer, to: Peer, ports: string): string =>
    `${sign} ${formatPeer(from)} -> ${formatPeer(to)} ${ports}`;
  return {
    opens: opened.length,
    closes: closed.length,
    examples: [
      ...opened.map(({ from, to, was, is }) => line('+', from, to, formatPorts(subtractPorts(is, was)))),
      ...closed.map(({ from, to, was, is }) => line('-', from, to, formatPorts(subtractPorts(was, is)))),
    ].slice(0, EXAMPLES),
  };
}
