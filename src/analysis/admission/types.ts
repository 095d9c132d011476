import type { Because } from '../../model/because.ts';

/** A level of the Pod Security Standards, weakest first. */
export const POD_SECURITY_LEVELS = ['privileged', 'baseline', 'restricted'] as const;
/** A level of the Pod Security Standards. */
export type PodSecurityLevel = (typeof POD_SECURITY_LEVELS)[number];

/** A minor version of Kubernetes 1 whose rules apply (`34` for `v1.34`), or the newest the judge knows. */
export type PodSecurityMinor = number | 'latest';

/** One reason for which Pod Security refuses a pod. */
export interface PodSecurityViolation {
  /** Upstream's id of the control, lower case: `hostports`, `capabilities_restricted`. */
  readonly control: string;
  readonly message: string;
  /** From the pod's spec or metadata, e.g. `['spec', 'containers', 0, 'securityContext', 'privileged']`. */
  readonly path: readonly (string | number)[];
  readonly container?: string;
}

/** What one control says of one pod. */
export interface ControlResult {
  readonly control: string;
  readonly level: 'baseline' | 'restricted';
  readonly verdict: 'pass' | 'fail';
  /** Upstream's words: `hostPort (container "web" uses hostPort 80)`. Empty for a pass. */
  readonly message: string;
  readonly violations: readonly PodSecurityViolation[];
}

/** Every control that applies at a level and version, in the order the API server reports them. */
export interface PodSecurityEvaluation {
  readonly allowed: boolean;
  readonly controls: readonly ControlResult[];
  readonly violations: readonly PodSecurityViolation[];
}

/** What the built-in PodSecurity admission plugin would do with one object. */
export interface PodSecurityDecision {
  /** `unknown`: the labels of the namespace could not be read and the answer depends on them. */
  readonly decision: 'allowed' | 'denied' | 'unknown';
  /** As the API server words it: `violates PodSecurity "baseline:latest": host namespaces (hostPID=true)`. */
  readonly message?: string;
  readonly violations: readonly PodSecurityViolation[];
  /** What the API server would send back as warnings. Empty when it denies. */
  readonly warnings: readonly string[];
  readonly because: readonly Because[];
}
