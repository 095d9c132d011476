import type { Prober } from '../../claims/ports.ts';
import type { EvidenceLevel } from '../../model/because.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Io } from '../io.ts';
import type { SourceOptions } from '../source-options.ts';

/** What looks at the live cluster for a level of evidence. Throws SW_LEVEL_NEEDS_CLUSTER for a source that is none. */
export function proberFor(level: EvidenceLevel, snapshot: Snapshot, _options: SourceOptions, _io: Io): Prober {
  const { kind, description } = snapshot.source;
  if (kind !== 'cluster' && kind !== 'lab') {
    throw new SeaworthyError(
      'SW_LEVEL_NEEDS_CLUSTER',
      `level ${level} looks at a running cluster, and ${description} is none`,
      {
        hint: 'Leave -f and --snapshot out to use the cluster of the kubeconfig, or use --lab.',
      },
    );
  }
  throw new SeaworthyError('SW_LEVEL_NEEDS_CLUSTER', `level ${level} is being built`);
}
