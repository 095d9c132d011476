import {
  containerOffence,
  defineControl,
  hasUserNamespace,
  podSecurityContextOf,
  securityContextOf,
  settersOf,
  type JudgedPod,
  type Refusal,
} from '../control.ts';

/** Nothing may ask for uid 0; since 1.35 not where root is only root of a user namespace. */
export const runAsUser = defineControl({
  id: 'runAsUser',
  level: 'restricted',
  title: 'Running as user 0',
  versions: [
    { from: 23, judge },
    { from: 35, judge: (pod) => (hasUserNamespace(pod) ? undefined : judge(pod)) },
  ],
});

function judge(pod: JudgedPod): Refusal | undefined {
  const podIsBad = podSecurityContextOf(pod)['runAsUser'] === 0;
  const bad = pod.containers.filter((entry) => securityContextOf(entry)['runAsUser'] === 0);
  if (!podIsBad && bad.length === 0) return undefined;
  const setters = settersOf(
    podIsBad,
    bad.map((c) => c.name),
  );
  return {
    reason: 'runAsUser=0',
    detail: `${setters} must not set runAsUser=0`,
    offences: [
      ...(podIsBad ? [{ path: ['spec', 'securityContext', 'runAsUser'] }] : []),
      ...bad.map((c) => containerOffence(c, 'securityContext', 'runAsUser')),
    ],
  };
}
