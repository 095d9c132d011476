import type { Because } from '../../../model/because.ts';
import { formatPath } from '../../../model/because.ts';
import { kindKey, refOf, type KubernetesObject } from '../../../model/object.ts';
import { podTemplateOf, type PodTemplate } from '../../../model/pods.ts';
import type { Labels } from '../../../model/selectors.ts';
import { at } from '../../../model/json.ts';
import type { PodSecurityDecision, PodSecurityEvaluation, PodSecurityViolation } from '../types.ts';
import { evaluatePodSecurity, NEWEST_POD_SECURITY_MINOR } from './evaluate.ts';
import {
  DEFAULT_POLICY,
  formatPolicy,
  policyOf,
  type LevelAndVersion,
  type PodSecurityPolicy,
} from './namespace-policy.ts';

/** What a decision depends on beside the namespace and the pod. */
export interface DecideOptions {
  /** Minor version of the API server: what `latest` means, and the newest a label can ask for. */
  readonly serverMinor?: number;
  /** Defaults of the API server's AdmissionConfiguration; a configuration can't be read through the API. */
  readonly defaults?: PodSecurityPolicy;
}

const NOT_VISIBLE: Because = {
  kind: 'parameter',
  parameter: 'AdmissionConfiguration PodSecurity exemptions and defaults',
  says: 'Assumes that the API server exempts no user, namespace or runtime class here and keeps the default policy for unlabelled namespaces; its configuration can not be read through the API',
};

/**
 * What the PodSecurity plugin does when `object` is created in a namespace with these labels (undefined: they could
 * not be read). Only pods are refused; the template of a controller can only be warned about.
 */
export function decideAdmission(
  object: KubernetesObject,
  namespaceLabels: Labels | undefined,
  options: DecideOptions = {},
): PodSecurityDecision {
  const template = podTemplateOf(object);
  if (!template) return allowed([rule(`${object.kind} makes no pod, so Pod Security does not judge it`)]);
  const judge = (policy: LevelAndVersion) => evaluateAt(template, policy, options.serverMinor);
  const isPod = kindKey(object.apiVersion, object.kind) === 'Pod';
  if (namespaceLabels === undefined) return withoutLabels(object, template, isPod, judge);

  const { policy } = policyOf(namespaceLabels, options.defaults ?? DEFAULT_POLICY);
  const enforced = judge(policy.enforce);
  if (isPod && !enforced.allowed) {
    return {
      decision: 'denied',
      message: `violates PodSecurity "${formatPolicy(policy.enforce)}": ${messageOf(enforced)}`,
      violations: enforced.violations,
      warnings: [],
      because: [...enforced.violations.map((violation) => becauseOf(violation, object, template)), NOT_VISIBLE],
    };
  }
  const warned = judge(policy.warn);
  const warnings = warned.allowed
    ? []
    : [`would violate PodSecurity "${formatPolicy(policy.warn)}": ${messageOf(warned)}`];
  const says = isPod
    ? `the pod keeps to Pod Security ${formatPolicy(policy.enforce)}, which its namespace enforces`
    : `Pod Security refuses pods, never a ${object.kind}; the pods it makes would be ${enforced.allowed ? 'allowed' : 'denied'}`;
  return { ...allowed([rule(says), NOT_VISIBLE]), warnings };
}

/** A pod that keeps to restricted at its strictest gets in everywhere; for any other the labels decide. */
function withoutLabels(
  object: KubernetesObject,
  template: PodTemplate,
  isPod: boolean,
  judge: (policy: LevelAndVersion) => PodSecurityEvaluation,
): PodSecurityDecision {
  const refused = isPod
    ? everyMinor()
        .map((minor) => judge({ level: 'restricted', minor }))
        .find((evaluation) => !evaluation.allowed)
    : undefined;
  if (!refused) return allowed([rule('no level of Pod Security refuses this object')]);
  return {
    decision: 'unknown',
    violations: [],
    warnings: [],
    because: [
      { kind: 'absence', of: 'namespace labels', says: 'The Pod Security labels of the namespace were not read' },
      ...refused.violations.map((violation) => becauseOf(violation, object, template)),
    ],
  };
}

function everyMinor(): readonly number[] {
  return Array.from({ length: NEWEST_POD_SECURITY_MINOR + 1 }, (_, minor) => minor);
}

function evaluateAt(template: PodTemplate, policy: LevelAndVersion, serverMinor: number | undefined) {
  const newest = serverMinor ?? NEWEST_POD_SECURITY_MINOR;
  return evaluatePodSecurity(
    template,
    policy.level,
    policy.minor === 'latest' ? newest : Math.min(policy.minor, newest),
  );
}

/** `host namespaces (hostPID=true), privileged (…)`, as the API server joins what it found. */
export function messageOf(evaluation: PodSecurityEvaluation): string {
  return evaluation.controls
    .filter((result) => result.verdict === 'fail')
    .map((result) => result.message)
    .join(', ');
}

/** Points a violation at the field of the object as written. */
export function becauseOf(violation: PodSecurityViolation, object: KubernetesObject, template: PodTemplate): Because {
  const path = [...template.path, ...violation.path];
  const value = at(object, ...path);
  return {
    kind: 'field',
    object: refOf(object),
    path: formatPath(path),
    ...(value === undefined ? {} : { value }),
    says: violation.message,
  };
}

function allowed(because: readonly Because[]): PodSecurityDecision {
  return { decision: 'allowed', violations: [], warnings: [], because };
}

function rule(says: string): Because {
  return { kind: 'rule', source: 'https://kubernetes.io/docs/concepts/security/pod-security-admission/', says };
}
