import { containerOffence, defineControl, namedContainers, securityContextOf } from '../control.ts';

/** A privileged container has every capability and every device: it is root on the node. */
export const privileged = defineControl({
  id: 'privileged',
  level: 'baseline',
  title: 'Privileged containers',
  versions: [
    {
      from: 0,
      judge({ containers }) {
        const bad = containers.filter((entry) => securityContextOf(entry)['privileged'] === true);
        if (bad.length === 0) return undefined;
        return {
          reason: 'privileged',
          detail: `${namedContainers(bad.map((c) => c.name))} must not set securityContext.privileged=true`,
          offences: bad.map((c) => containerOffence(c, 'securityContext', 'privileged')),
        };
      },
    },
  ],
});
