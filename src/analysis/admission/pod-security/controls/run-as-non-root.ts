import {
  containerOffence,
  defineControl,
  hasUserNamespace,
  namedContainers,
  podSecurityContextOf,
  securityContextOf,
  settersOf,
  type JudgedPod,
  type Refusal,
} from '../control.ts';

/** Containers must be started as another user than root; since 1.35 not where root is only root of a user namespace. */
export const runAsNonRoot = defineControl({
  id: 'runAsNonRoot',
  level: 'restricted',
  title: 'Running as non-root',
  versions: [
    { from: 0, judge },
    { from: 35, judge: (pod) => (hasUserNamespace(pod) ? undefined : judge(pod)) },
  ],
});

function judge(pod: JudgedPod): Refusal | undefined {
  const ofPod = podSecurityContextOf(pod)['runAsNonRoot'];
  const values = pod.containers.map((entry) => ({ entry, value: securityContextOf(entry)['runAsNonRoot'] }));
  const explicit = values.filter(({ value }) => value === false).map(({ entry }) => entry);
  if (ofPod === false || explicit.length > 0) {
    const setters = settersOf(
      ofPod === false,
      explicit.map((c) => c.name),
    );
    return {
      reason: 'runAsNonRoot != true',
      detail: `${setters} must not set securityContext.runAsNonRoot=false`,
      offences: [
        ...(ofPod === false ? [{ path: ['spec', 'securityContext', 'runAsNonRoot'] }] : []),
        ...explicit.map((c) => containerOffence(c, 'securityContext', 'runAsNonRoot')),
      ],
    };
  }
  const unset = ofPod === true ? [] : values.filter(({ value }) => value !== true).map(({ entry }) => entry);
  if (unset.length === 0) return undefined;
  return {
    reason: 'runAsNonRoot != true',
    detail: `pod or ${namedContainers(unset.map((c) => c.name))} must set securityContext.runAsNonRoot=true`,
    offences: unset.map((c) => containerOffence(c, 'securityContext', 'runAsNonRoot')),
  };
}
