import {
  containerOffence,
  defineControl,
  isWindowsPod,
  namedContainers,
  securityContextOf,
  type JudgedPod,
  type Refusal,
} from '../control.ts';

/** Without `allowPrivilegeEscalation: false` a set-uid program in the image gives back what the container gave up. */
export const allowPrivilegeEscalation = defineControl({
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  title: 'Privilege escalation',
  versions: [
    { from: 8, judge },
    { from: 25, judge: (pod) => (isWindowsPod(pod) ? undefined : judge(pod)) },
  ],
});

function judge({ containers }: JudgedPod): Refusal | undefined {
  const bad = containers.filter((entry) => securityContextOf(entry)['allowPrivilegeEscalation'] !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${namedContainers(bad.map((c) => c.name))} must set securityContext.allowPrivilegeEscalation=false`,
    offences: bad.map((c) => containerOffence(c, 'securityContext', 'allowPrivilegeEscalation')),
  };
}
