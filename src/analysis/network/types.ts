import type { Because } from '../../model/because.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { Position } from '../../model/errors.ts';
import type { PortSet } from './ports.ts';

/** Who stands at an end of a connection. */
export type Peer =
  | { readonly kind: 'workload'; readonly ref: ObjectRef }
  | { readonly kind: 'range'; readonly from: string; readonly to: string }
  | { readonly kind: 'ingressController' };

/** What a question may name. `namespace` and `internet` stand for sets of peers. */
export type PeerQuery =
  | { readonly kind: 'workload'; readonly namespace: string; readonly name: string; readonly workloadKind?: string }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'internet' };

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/**
 * `implementationDefined` names a parameter a CNI decides; `unknown` names a gap in what was read. Neither is
 * ever shown as allowed or denied.
 */
export type ReachVerdict = 'allowed' | 'denied' | 'implementationDefined' | 'unknown';

export interface Connection {
  readonly from: Peer;
  readonly to: Peer;
  readonly ports: PortSet;
}

export interface ReachAnswer {
  readonly verdict: ReachVerdict;
  /** The ports for which the verdict is `allowed`. */
  readonly ports: PortSet;
  readonly because: readonly Because[];
}

/** Something wrong in a policy, found while reading it: an invalid selector, CIDR or port range. Never a widened answer. */
export interface PolicyProblem {
  readonly code: `SW_${string}`;
  readonly object: ObjectRef;
  readonly path: string;
  readonly message: string;
  readonly hint: string;
  readonly at?: Position;
}
