import type { Labels } from '../../../model/selectors.ts';
import { POD_SECURITY_LEVELS, type PodSecurityLevel, type PodSecurityMinor } from '../types.ts';

const PREFIX = 'pod-security.kubernetes.io/';

/** What a namespace does with pods of a lower level: refuse them, note them in the audit log, warn about them. */
const POD_SECURITY_MODES = ['enforce', 'audit', 'warn'] as const;
type PodSecurityMode = (typeof POD_SECURITY_MODES)[number];

/** A level of Pod Security as one version of Kubernetes defines it. */
export interface LevelAndVersion {
  readonly level: PodSecurityLevel;
  readonly minor: PodSecurityMinor;
}

/** What a namespace enforces, audits and warns about. */
export type PodSecurityPolicy = Readonly<Record<PodSecurityMode, LevelAndVersion>>;

/** A label whose value the API server can't read. */
export interface LabelProblem {
  readonly label: string;
  readonly value: string;
  readonly says: string;
}

/** What an API server without an AdmissionConfiguration of its own applies to a namespace without labels. */
export const DEFAULT_POLICY: PodSecurityPolicy = {
  enforce: { level: 'privileged', minor: 'latest' },
  audit: { level: 'privileged', minor: 'latest' },
  warn: { level: 'privileged', minor: 'latest' },
};

/**
 * The policy the labels of a namespace ask for. A bad enforce level counts as restricted, a bad audit or warn level
 * as privileged, a bad version as latest; warn follows enforce where it is not set and enforce is stricter.
 */
export function policyOf(
  labels: Labels,
  defaults: PodSecurityPolicy = DEFAULT_POLICY,
): { readonly policy: PodSecurityPolicy; readonly problems: readonly LabelProblem[] } {
  const problems: LabelProblem[] = [];
  const read = (mode: PodSecurityMode): LevelAndVersion => {
    const level = valueOf(labels, mode);
    const version = valueOf(labels, `${mode}-version`);
    let result = defaults[mode];
    if (level !== undefined) {
      const known = POD_SECURITY_LEVELS.find((l) => l === level);
      if (!known) problems.push(problem(mode, level, `must be one of ${POD_SECURITY_LEVELS.join(', ')}`));
      result = { ...result, level: known ?? (mode === 'enforce' ? 'restricted' : 'privileged') };
    }
    if (version !== undefined) {
      const minor = parsePodSecurityVersion(version);
      if (minor === undefined) problems.push(problem(`${mode}-version`, version, 'must be "latest" or "v1.x"'));
      result = { ...result, minor: minor ?? 'latest' };
    }
    return result;
  };
  const [enforce, audit, ownWarn] = [read('enforce'), read('audit'), read('warn')];
  const enforceIsValid = POD_SECURITY_LEVELS.some((level) => level === valueOf(labels, 'enforce'));
  const warnFollows =
    enforceIsValid && valueOf(labels, 'warn') === undefined && strictness(enforce.level) > strictness(ownWarn.level);
  const warn = warnFollows
    ? { level: enforce.level, minor: valueOf(labels, 'warn-version') === undefined ? enforce.minor : ownWarn.minor }
    : ownWarn;
  return { policy: { enforce, audit, warn }, problems };
}

/** `v1.34` as 34, `latest` as itself; undefined for anything else, as upstream reads it. */
export function parsePodSecurityVersion(written: string): PodSecurityMinor | undefined {
  if (written === 'latest') return 'latest';
  const found = /^v1\.(0|[1-9]\d*)$/.exec(written);
  return found ? Number(found[1]) : undefined;
}

/** `baseline:v1.34`, as the API server names a policy in its messages. */
export function formatPolicy({ level, minor }: LevelAndVersion): string {
  return `${level}:${minor === 'latest' ? minor : `v1.${minor}`}`;
}

/** The label that sets a mode: `pod-security.kubernetes.io/enforce`. */
export function podSecurityLabel(mode: PodSecurityMode | `${PodSecurityMode}-version`): string {
  return `${PREFIX}${mode}`;
}

function strictness(level: PodSecurityLevel): number {
  return POD_SECURITY_LEVELS.indexOf(level);
}

function valueOf(labels: Labels, suffix: string): string | undefined {
  return Object.hasOwn(labels, PREFIX + suffix) ? labels[PREFIX + suffix] : undefined;
}

function problem(suffix: string, value: string, says: string): LabelProblem {
  return { label: PREFIX + suffix, value, says };
}
