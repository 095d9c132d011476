import type { Severity } from '../../model/because.ts';
import { becauseOf } from '../admission/pod-security/decide.ts';
import { evaluatePodSecurity } from '../admission/pod-security/evaluate.ts';
import { CONTROLS } from '../admission/pod-security/controls/index.ts';
import { formatPolicy, type LevelAndVersion } from '../admission/pod-security/namespace-policy.ts';
import { podTemplateOf } from '../../model/pods.ts';
import { becauseOfGap } from '../../model/because.ts';
import type { CheckContext } from './context.ts';
import { whereOf } from './define-check.ts';
import { everyPod } from './subjects.ts';
import type { CheckResult } from './types.ts';

/** What the id of a check begins with that is a control of Pod Security. */
export const POD_SECURITY_PREFIX = 'pod-security/';

/** Ids of the controls as checks: `pod-security/hostports`. */
export const POD_SECURITY_CHECKS: readonly string[] = CONTROLS.map((c) => POD_SECURITY_PREFIX + c.id.toLowerCase());

const SEVERITY_OF_LEVEL: Readonly<Record<'baseline' | 'restricted', Severity>> = {
  baseline: 'high',
  restricted: 'medium',
};

/** One result for every workload and control of a level and version, passing ones included. */
export function* podSecurityResults(context: CheckContext, policy: LevelAndVersion): Iterable<CheckResult> {
  for (const examined of everyPod.subjects(context)) {
    const { subject } = examined;
    const template = podTemplateOf(subject.resource.object);
    if (!template) continue;
    for (const result of evaluatePodSecurity(template, policy.level, policy.minor).controls) {
      const [first] = result.violations;
      const place = first && subject.placeOf(first);
      yield {
        check: POD_SECURITY_PREFIX + result.control,
        verdict: result.verdict,
        severity: SEVERITY_OF_LEVEL[result.level],
        ...whereOf(examined, context, place),
        message: first ? result.message : `keeps to ${result.control} of Pod Security ${formatPolicy(policy)}`,
        because: first
          ? result.violations.map((violation) => becauseOf(violation, subject.resource.object, template))
          : [
              {
                kind: 'rule',
                source: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
                says: `${formatPolicy(policy)} allows the pod`,
              },
            ],
      };
    }
  }
  for (const gap of context.snapshot.gaps(everyPod.reads)) {
    for (const { control, level } of evaluatePodSecurity({ annotations: {}, spec: {} }, policy.level, policy.minor)
      .controls) {
      yield {
        check: POD_SECURITY_PREFIX + control,
        verdict: 'unknown',
        severity: SEVERITY_OF_LEVEL[level],
        object: {
          apiVersion: 'v1',
          kind: gap.kind,
          ...(gap.namespace === undefined ? {} : { namespace: gap.namespace }),
          name: '*',
        },
        ...(gap.at === undefined ? {} : { file: gap.at.file }),
        message: gap.detail,
        because: [becauseOfGap(gap)],
      };
    }
  }
}
