import { formatPath } from '../../../model/because.ts';
import type { Position } from '../../../model/errors.ts';
import { refId, type ObjectRef } from '../../../model/object.ts';
import type { Change } from './change.ts';
import type { Lint, LintFinding, LintInput } from './define-lint.ts';
import { verifyFix, type FixEffect } from './verify-fix.ts';

/** A finding as `LintReport` lists it. */
export interface LintResult {
  readonly lint: string;
  readonly severity: Lint['severity'];
  readonly object: ObjectRef;
  readonly path: string;
  readonly message: string;
  /** Workloads it is about. */
  readonly pods: readonly string[];
  readonly fix: {
    readonly says: string;
    /** Absent where no object can be changed to mend it. */
    readonly changes?: readonly Change[];
    /** `notTried` where there is nothing to apply, or the snapshot is too large to try everything. */
    readonly verified: boolean | 'notTried';
    readonly effect?: Omit<FixEffect, 'verified'>;
  };
  readonly at?: Position;
}

export interface LintOptions {
  /** Most fixes that are applied and computed anew; 200 when absent. */
  readonly verify?: number;
}

/** Above so many workloads a fix is not tried: each costs an analysis of everything. */
const MOST_WORKLOADS = 3_000;

/** Runs lints, the order of lints and of policies kept; a more precise lint takes the place of what it says it does. */
export function runLints(lints: readonly Lint[], input: LintInput, options: LintOptions = {}): readonly LintResult[] {
  const found = lints.flatMap((lint) => {
    const all = [...lint.run(input)];
    return all.map((finding) => ({ lint, finding, all }));
  });
  const replaced = new Set(
    found.flatMap(({ lint, finding }) => (lint.insteadOf ?? []).map((id) => `${id} ${refId(finding.policy.ref)}`)),
  );
  const kept = found.filter(({ lint, finding }) => !replaced.has(`${lint.id} ${refId(finding.policy.ref)}`));
  const budget = input.analysis.workloads.length > MOST_WORKLOADS ? 0 : (options.verify ?? 200);
  let tried = 0;
  return kept.map(({ lint, finding, all }) => {
    const changes = finding.fix.changes;
    const effect = changes && tried++ < budget ? verifyFix(lint, finding, changes, input, all) : undefined;
    return resultOf(lint, finding, effect, input);
  });
}

function resultOf(lint: Lint, finding: LintFinding, effect: FixEffect | undefined, input: LintInput): LintResult {
  const { policy, path, message, pods = [], fix } = finding;
  const at = input.snapshot.locate(policy.resource, path);
  const { verified, ...change } = effect ?? { verified: 'notTried' as const };
  return {
    lint: lint.id,
    severity: lint.severity,
    object: policy.ref,
    path: formatPath(path),
    message,
    pods: [...new Set(pods.map(({ workload }) => workload.id))].sort(),
    fix: {
      says: fix.says,
      ...(fix.changes ? { changes: fix.changes } : {}),
      verified,
      ...('opens' in change ? { effect: change } : {}),
    },
    ...(at ? { at } : {}),
  };
}
