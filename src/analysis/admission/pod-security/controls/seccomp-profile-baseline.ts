import {
  containerOffence,
  defineControl,
  plural,
  podSecurityContextOf,
  profileType,
  quoted,
  securityContextOf,
  settersOf,
  sortedSet,
  type JudgedPod,
  type Refusal,
} from '../control.ts';

const POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
const CONTAINER_ANNOTATION_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';

/** Whether a seccomp profile type keeps system calls filtered. */
export function isAllowedSeccomp(type: string): boolean {
  return type === 'RuntimeDefault' || type === 'Localhost';
}

/** Seccomp may not be switched off. Up to 1.18 annotations said so, since 1.19 a field does. */
export const seccompProfileBaseline = defineControl({
  id: 'seccompProfile_baseline',
  level: 'baseline',
  title: 'Seccomp',
  versions: [
    { from: 0, judge: judgeAnnotations },
    { from: 19, judge: judgeExplicitSeccomp },
  ],
});

function judgeAnnotations({ annotations, containers }: JudgedPod): Refusal | undefined {
  const keys = sortedSet([POD_ANNOTATION, ...containers.map((c) => `${CONTAINER_ANNOTATION_PREFIX}${c.name}`)]);
  const bad = keys.filter((key) => Object.hasOwn(annotations, key) && !isAllowedAnnotation(annotations[key] ?? ''));
  if (bad.length === 0) return undefined;
  const says = bad.map((key) => `${key}=${JSON.stringify(annotations[key])}`).sort();
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${says.join(', ')}`,
    offences: bad.map((key) => ({ path: ['metadata', 'annotations', key] })),
  };
}

function isAllowedAnnotation(value: string): boolean {
  return value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
}

/** Refuses every profile that is set and is neither RuntimeDefault nor Localhost. */
export function judgeExplicitSeccomp(pod: JudgedPod): Refusal | undefined {
  const ofPod = profileType(podSecurityContextOf(pod), 'seccompProfile');
  const podIsBad = ofPod !== undefined && !isAllowedSeccomp(ofPod);
  const found = pod.containers.flatMap((entry) => {
    const value = profileType(securityContextOf(entry), 'seccompProfile');
    return value === undefined || isAllowedSeccomp(value) ? [] : [{ entry, value }];
  });
  if (!podIsBad && found.length === 0) return undefined;
  const values = quoted(sortedSet([...(podIsBad ? [ofPod] : []), ...found.map((f) => f.value)]));
  const setters = settersOf(
    podIsBad,
    found.map((f) => f.entry.name),
  );
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${values}`,
    offences: [
      ...(podIsBad ? [{ path: ['spec', 'securityContext', 'seccompProfile', 'type'] }] : []),
      ...found.map((f) => containerOffence(f.entry, 'securityContext', 'seccompProfile', 'type')),
    ],
  };
}
