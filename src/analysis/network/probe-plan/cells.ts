import type { Endpoint } from '../inhabitants/endpoints.ts';
import type { ReachAnswer, ReachVerdict } from '../index.ts';
import type { Direction } from '../policies/policy.ts';
import type { PodKind } from './pod-kinds.ts';
import type { ServiceDoor } from './service-doors.ts';
import type { Protocol } from '../ports/ports.ts';

/** A port of a pod at which somebody listens, as far as its containers say. */
export interface Door {
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol: Exclude<Protocol, 'SCTP'>;
}

/** One connection worth trying, because it would show a wrong prediction that no other planned one would. */
export interface PlannedCell extends Door {
  readonly from: Endpoint;
  readonly predicted: ReachVerdict;
  /** The pod's own address, or the Service that leads to it. */
  readonly via: { readonly kind: 'pod'; readonly address: string; readonly port: number } | ServiceDoor;
  readonly placement: 'same node' | 'across nodes' | 'itself' | 'unknown';
  /** How near it is to being open: edits of policies or labels that would open it; 0 for what is open. */
  readonly edits: number;
  /** Why it was chosen. */
  readonly says: string;
}

/** A pair of classes at a door, with what the analysis says of it. */
export interface Candidate {
  readonly from: PodKind;
  readonly to: PodKind;
  readonly door: Door;
  readonly verdict: ReachVerdict;
  readonly edits: number;
  /** Directions in which policies close it. */
  readonly closedSides: readonly Direction[];
  readonly answer: ReachAnswer;
}

/** A pod in the words of a question. */
export function endOf(pod: Endpoint) {
  return { kind: 'workload', namespace: pod.workload.namespace, name: pod.pod ?? pod.workload.ref.name } as const;
}
