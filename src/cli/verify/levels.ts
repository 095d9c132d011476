import type { EvidenceLevel } from '../../model/because.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** What a person has consented to have broken. */
export interface Consent {
  /** Experiments named by file: each states its own blast radius. */
  readonly experiments: number;
  /** Namespaces in which experiments may be generated. */
  readonly breakIn: readonly string[];
}

/** Refuses, before anything is done, a level that the source or the person does not allow. */
export function allowLevel(level: EvidenceLevel, { source }: Snapshot, { experiments, breakIn }: Consent): void {
  if (level !== 'proven' && (experiments > 0 || breakIn.length > 0)) {
    throw new SeaworthyError('SW_USAGE', `${experiments > 0 ? '--experiments' : '--break-in'} needs --level proven`, {
      hint: 'Only that level breaks things on purpose.',
    });
  }
  if (level === 'analysed' || level === 'declared') return;
  if (source.kind !== 'cluster' && source.kind !== 'lab') {
    throw new SeaworthyError(
      'SW_LEVEL_NEEDS_CLUSTER',
      `level ${level} looks at a running cluster, and ${source.description} is none`,
      { hint: 'Leave -f and --snapshot out to use the cluster of the kubeconfig, or use --lab.' },
    );
  }
  if (level === 'proven' && breakIn.length === 0 && experiments === 0) {
    throw new SeaworthyError(
      'SW_PROVEN_NEEDS_CONSENT',
      'level proven breaks things on purpose, and neither an experiment nor a namespace was named for that',
      {
        hint: 'Give experiments with their blast radius: --experiments FILE; or name namespaces in which pods may be killed or cut off: --break-in shop,payments.',
      },
    );
  }
}
