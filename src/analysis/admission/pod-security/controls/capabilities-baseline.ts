import { list, record, strings } from '../../../../model/json.ts';
import { containerOffence, defineControl, namedContainers, quoted, securityContextOf, sortedSet } from '../control.ts';

/** What a container runtime gives by default. NET_RAW is among the runtime's defaults but not allowed to be added. */
export const BASELINE_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Capabilities beyond the runtime's default set reach the kernel and the node. Names are compared exactly. */
export const capabilitiesBaseline = defineControl({
  id: 'capabilities_baseline',
  level: 'baseline',
  title: 'Capabilities',
  versions: [
    {
      from: 0,
      judge({ containers }) {
        const found = containers.flatMap((entry) => {
          const added = list(record(securityContextOf(entry)['capabilities'])['add']);
          const indexes = [...added.keys()].filter((i) => !BASELINE_CAPABILITIES.has(String(added[i])));
          return indexes.length === 0 ? [] : [{ entry, indexes, names: strings(indexes.map((i) => added[i])) }];
        });
        if (found.length === 0) return undefined;
        const names = quoted(sortedSet(found.flatMap((f) => f.names)));
        return {
          reason: 'non-default capabilities',
          detail: `${namedContainers(found.map((f) => f.entry.name))} must not include ${names} in securityContext.capabilities.add`,
          offences: found.flatMap(({ entry, indexes }) =>
            indexes.map((i) => containerOffence(entry, 'securityContext', 'capabilities', 'add', i)),
          ),
        };
      },
    },
  ],
});
