import {
  containerOffence,
  defineControl,
  isWindowsPod,
  namedContainers,
  podSecurityContextOf,
  profileType,
  securityContextOf,
  type JudgedPod,
  type Refusal,
} from '../control.ts';
import { isAllowedSeccomp, judgeExplicitSeccomp } from './seccomp-profile-baseline.ts';

/** Seccomp must be asked for: a kubelet without `seccompDefault` runs containers unconfined when nothing is set. */
export const seccompProfileRestricted = defineControl({
  id: 'seccompProfile_restricted',
  level: 'restricted',
  title: 'Seccomp',
  versions: [
    { from: 19, judge, replaces: 'seccompProfile_baseline' },
    { from: 25, judge: (pod) => (isWindowsPod(pod) ? undefined : judge(pod)), replaces: 'seccompProfile_baseline' },
  ],
});

function judge(pod: JudgedPod): Refusal | undefined {
  const explicit = judgeExplicitSeccomp(pod);
  if (explicit) return explicit;
  const ofPod = profileType(podSecurityContextOf(pod), 'seccompProfile');
  if (ofPod !== undefined && isAllowedSeccomp(ofPod)) return undefined;
  const unset = pod.containers.filter((c) => profileType(securityContextOf(c), 'seccompProfile') === undefined);
  if (unset.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${namedContainers(unset.map((c) => c.name))} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    offences: unset.map((c) => containerOffence(c, 'securityContext', 'seccompProfile', 'type')),
  };
}
