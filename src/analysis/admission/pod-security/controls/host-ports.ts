import { number, records } from '../../../../model/json.ts';
import { containerOffence, defineControl, namedContainers, plural, sortedSet } from '../control.ts';

/** A host port is a port of the node itself, past every Service and most NetworkPolicies. */
export const hostPorts = defineControl({
  id: 'hostPorts',
  level: 'baseline',
  title: 'Host ports',
  versions: [
    {
      from: 0,
      judge({ containers }) {
        const found = containers.flatMap((entry) =>
          records(entry.container['ports']).flatMap(([index, port]) => {
            const hostPort = number(port['hostPort']) ?? 0;
            return hostPort === 0 ? [] : [{ entry, index, hostPort }];
          }),
        );
        if (found.length === 0) return undefined;
        // Two containers may carry one name in what we are given, so they are counted by themselves.
        const names = [...new Set(found.map(({ entry }) => entry))].map((entry) => entry.name);
        const ports = sortedSet(found.map(({ hostPort }) => String(hostPort)));
        const uses = `${plural('uses', 'use', names.length)} ${plural('hostPort', 'hostPorts', ports.length)}`;
        return {
          reason: 'hostPort',
          detail: `${namedContainers(names)} ${uses} ${ports.join(', ')}`,
          offences: found.map(({ entry, index }) => containerOffence(entry, 'ports', index, 'hostPort')),
        };
      },
    },
  ],
});
