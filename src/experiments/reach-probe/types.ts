import type { ConnectOutcome } from '../../agent/requests.ts';
import type { Protocol, ReachVerdict } from '../../analysis/network/index.ts';

/** One connection that was tried, beside what the configuration says of it. The shape `ProbeReport` lists. */
export interface ProbeCell {
  /** Workload, `namespace/name[Kind]`. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly predicted: ReachVerdict;
  readonly outcome: ConnectOutcome;
  /** Whether a control connected from the same container at the same time; without one a timeout says nothing. */
  readonly control: 'connected' | 'failed' | 'none';
  /** `unknown` where the outcome or the prediction settles nothing. */
  readonly agree: boolean | 'unknown';
  readonly fromPod: string;
  readonly toPod: string;
  /** Address and port that were dialled. */
  readonly address: string;
  readonly via: 'pod' | 'service' | 'nodePort';
  readonly placement: 'same node' | 'across nodes' | 'itself' | 'unknown';
  /** RFC 3339. */
  readonly at: string;
  /** Why this cell was worth trying, or what came of it. */
  readonly says: string;
}

/** A prediction that packets refuted. */
export interface ProbeFinding {
  readonly severity: 'critical' | 'high' | 'medium';
  readonly says: string;
}

/**
 * Whether an outcome fits a prediction. `refused` shows that a packet arrived, unless the port was seen to answer
 * somebody else: then it was rejected on the way.
 */
export function agreement(
  predicted: ReachVerdict,
  outcome: ConnectOutcome,
  control: ProbeCell['control'],
  listens: boolean,
): boolean | 'unknown' {
  const passed = arrived(outcome, control, listens);
  if (passed === 'unknown') return 'unknown';
  if (predicted === 'allowed') return passed;
  if (predicted === 'denied') return !passed;
  return 'unknown';
}

function arrived(outcome: ConnectOutcome, control: ProbeCell['control'], listens: boolean): boolean | 'unknown' {
  switch (outcome) {
    case 'connected':
      return true;
    case 'refused':
      return listens ? false : 'unknown';
    case 'timeout':
      return control === 'connected' ? false : 'unknown';
    case 'probeError':
      return 'unknown';
  }
}
