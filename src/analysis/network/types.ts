import type { Because } from '../../model/because.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { Position } from '../../model/errors.ts';
import type { PortSet } from './ports/ports.ts';

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
  /** An address of a pod is that pod. Of a network the addresses outside are meant, `withPods` also the pods in it. */
  | { readonly kind: 'cidr'; readonly cidr: string; readonly withPods?: boolean }
  | { readonly kind: 'internet' };

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

/** Answers for sets of peers are about some pair of them: `denied` means that no pair connects. */
export interface ReachAnswer {
  readonly verdict: ReachVerdict;
  /** The ports for which the verdict is `allowed`: some pair of peers may certainly use them. */
  readonly ports: PortSet;
  /** The ports that every pair of peers may certainly use. */
  readonly everyPair: PortSet;
  readonly because: readonly Because[];
}

/** A way from outside the cluster to the pods of a workload, other than by their own addresses. */
export interface Exposure {
  readonly workload: ObjectRef;
  readonly via:
    | 'LoadBalancer'
    | 'NodePort'
    | 'externalIPs'
    | 'Ingress'
    | 'Gateway'
    | 'Route'
    | 'hostPort'
    | 'hostNetwork';
  /** The object that opens the way. */
  readonly by: ObjectRef;
  /** The Service that a route leads to. */
  readonly service?: ObjectRef;
  /** Ports on the pod. */
  readonly ports: PortSet;
  /** Whether the policies let a packet that comes this way in. */
  readonly verdict: ReachVerdict;
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
