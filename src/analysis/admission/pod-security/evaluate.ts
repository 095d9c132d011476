import { containersOf, type PodTemplate } from '../../../model/pods.ts';
import type {
  ControlResult,
  PodSecurityEvaluation,
  PodSecurityLevel,
  PodSecurityMinor,
  PodSecurityViolation,
} from '../types.ts';
import type { Control, JudgedPod } from './control.ts';
import { CONTROLS } from './controls/index.ts';
import { withPodDefaults } from './pod-defaults.ts';

/** A control in the form it has at one minor version. */
type ControlAtVersion = Omit<Control, 'versions'> & Control['versions'][number];

/** The newest minor version that changed a control; a later one has the same rules. */
export const NEWEST_POD_SECURITY_MINOR = Math.max(...CONTROLS.flatMap((c) => c.versions.map((v) => v.from)));

/**
 * The controls that judge a pod at a level and minor version, in the API server's order. At restricted, a baseline
 * control is left out where a restricted one that exists at this version replaces it.
 */
export function controlsAt(level: PodSecurityLevel, minor: PodSecurityMinor): readonly ControlAtVersion[] {
  if (level === 'privileged') return [];
  const wanted = minor === 'latest' ? NEWEST_POD_SECURITY_MINOR : minor;
  const present = CONTROLS.flatMap(({ versions, ...control }) => {
    const version = versions.findLast((v) => v.from <= wanted);
    return version === undefined ? [] : [{ ...control, ...version }];
  });
  if (level === 'baseline') return present.filter((control) => control.level === 'baseline');
  const replaced = new Set(present.map((control) => control.replaces));
  return present.filter((control) => !replaced.has(control.id));
}

/** Judges a pod (or the pod a template makes) exactly as the PodSecurity plugin of the API server does. */
export function evaluatePodSecurity(
  pod: Pick<PodTemplate, 'annotations' | 'spec'>,
  level: PodSecurityLevel,
  minor: PodSecurityMinor,
): PodSecurityEvaluation {
  const spec = withPodDefaults(pod.spec);
  const judged: JudgedPod = { annotations: pod.annotations, spec, containers: containersOf(spec) };
  const controls = controlsAt(level, minor).map((control) => judgeControl(control, judged));
  return {
    allowed: controls.every((result) => result.verdict === 'pass'),
    controls,
    violations: controls.flatMap((result) => result.violations),
  };
}

function judgeControl(control: ControlAtVersion, pod: JudgedPod): ControlResult {
  const id = control.id.toLowerCase();
  const refusal = control.judge(pod);
  if (!refusal) return { control: id, level: control.level, verdict: 'pass', message: '', violations: [] };
  const message = `${refusal.reason} (${refusal.detail})`;
  const violations = refusal.offences.map((offence): PodSecurityViolation => ({ control: id, message, ...offence }));
  return { control: id, level: control.level, verdict: 'fail', message, violations };
}
