import { text } from '../../../../model/json.ts';
import {
  containerOffence,
  defineControl,
  hasUserNamespace,
  namedContainers,
  quoted,
  securityContextOf,
  sortedSet,
  type JudgedPod,
  type Refusal,
} from '../control.ts';

/** The masks over /proc keep a container from reading and writing the kernel of its node. */
export const procMount = defineControl({
  id: 'procMount',
  level: 'baseline',
  title: '/proc mount type',
  versions: [
    { from: 0, judge: onlyDefault },
    { from: 35, judge: (pod) => (hasUserNamespace(pod) ? undefined : onlyDefault(pod)) },
  ],
});

/** From 1.35 baseline lets a pod with its own user namespace unmask /proc; restricted goes on refusing it. */
export const procMountRestricted = defineControl({
  id: 'procMount_restricted',
  level: 'restricted',
  title: '/proc mount type',
  versions: [{ from: 35, judge: onlyDefault, replaces: 'procMount' }],
});

function onlyDefault({ containers }: JudgedPod): Refusal | undefined {
  const found = containers.flatMap((entry) => {
    const value = text(securityContextOf(entry)['procMount']);
    return value === undefined || value === 'Default' ? [] : [{ entry, value }];
  });
  if (found.length === 0) return undefined;
  const values = quoted(sortedSet(found.map((f) => f.value)));
  return {
    reason: 'procMount',
    detail: `${namedContainers(found.map((f) => f.entry.name))} must not set securityContext.procMount to ${values}`,
    offences: found.map((f) => containerOffence(f.entry, 'securityContext', 'procMount')),
  };
}
