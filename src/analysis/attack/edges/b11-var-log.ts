import { may, rightsOn } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { contained, covers, fileModeOpen, hostMounts } from '../hops/escapes.ts';
import { containersAt, hostsOf, IN_POD, inSpec } from '../hops/hops.ts';

/** The kubelet serves all of /var/log to whoever has this. */
const NODE_LOGS = 'get nodes/log';

export const varLog = defineEdge({
  id: 'B11',
  title: 'writable /var/log: a link there is followed by the kubelet when logs are read',
  technique: ['T1611', 'T1552'],
  cost: 2,
  from: IN_POD,
  asks: ['get pods/log', NODE_LOGS],
  *hops(from, world) {
    for (const place of containersAt(from, world)) {
      if (contained(place.unit, world)) continue;
      const found = hostMounts(place, world).find(
        ({ mount, hostPath }) =>
          !mount.readOnly && (covers(hostPath, '/var/log/pods') || covers(hostPath, '/var/log/containers')),
      );
      if (!found) continue;
      const open = fileModeOpen(place);
      for (const host of hostsOf('HostRead', place.unit)) {
        const ofNode =
          host.kind === 'HostRead' && host.name !== undefined ? [may(NODE_LOGS, undefined, host.name)] : [];
        for (const reader of [...rightsOn('get pods/log', place.unit.namespace), may(NODE_LOGS), ...ofNode]) {
          yield {
            to: host,
            and: [reader],
            needs: [place.unit.ref, ...found.needs],
            because: () => [
              inSpec(
                place.unit,
                found.path,
                `container ${place.container.entry.name} may write ${found.hostPath} of its node`,
              ),
            ],
            ...(open === undefined ? {} : { open }),
          };
        }
      }
    }
  },
  fix: 'Mount /var/log read-only.',
  prove: 'Look at /proc/self/mountinfo of the container, and ask for an access review of pods/log.',
});
