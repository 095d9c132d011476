import type { ErrorCode } from '../../model/errors.ts';
import type { IpFamily } from '../network/ip.ts';
import type { LabStatus } from '../state.ts';

/** What whoever starts the lab tells the host process. */
export interface HostOptions {
  /** Loopback port; 0 takes a free one. */
  readonly port: number;
  /** Stop when stdin closes. */
  readonly bound: boolean;
  readonly nodes: number;
  readonly families: readonly IpFamily[];
  /** Milliseconds the policy agents wait before they program a new pod; 0 for none. */
  readonly slowPolicyMs: number;
}

export type HostAnswer =
  | { readonly kind: 'progress'; readonly says: string }
  | { readonly kind: 'ready'; readonly status: LabStatus }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint?: string };

/** What the host process tells the supervisor. */
export interface SupervisorOptions {
  readonly nodes: number;
  readonly families: readonly IpFamily[];
  readonly cgroup: string;
  readonly apiSocket: string;
  /** Where probes from outside the cluster are asked. */
  readonly outsideSocket: string;
  /** Where clients outside the lab reach the API server: its certificate must name it. */
  readonly publicAddress: { readonly host: string; readonly port: number };
  readonly slowPolicyMs: number;
}

export type SupervisorAnswer =
  | { readonly kind: 'progress'; readonly says: string }
  | { readonly kind: 'ready'; readonly ca: string; readonly adminToken: string; readonly nodes: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string };
