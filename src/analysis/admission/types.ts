/** A level of the Pod Security Standards. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** One reason for which Pod Security refuses a pod. */
export interface PodSecurityViolation {
  /** Upstream's id of the control, lower case: `hostports`, `capabilities_restricted`. */
  readonly control: string;
  readonly message: string;
  /** From the pod's spec or metadata, e.g. `['spec', 'containers', 0, 'securityContext', 'privileged']`. */
  readonly path: readonly (string | number)[];
  readonly container?: string;
}
