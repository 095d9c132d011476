import { record, text } from '../../../../model/json.ts';
import { containerOffence, defineControl, namedContainers, plural, quoted, sortedSet } from '../control.ts';

const HANDLERS = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
] as const;

/** A `host` in a probe or hook makes the kubelet call an address of the author's choice from the node's network. */
export const hostProbesAndHostLifecycle = defineControl({
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  title: 'Host in probes and lifecycle hooks',
  versions: [
    {
      from: 34,
      judge({ containers }) {
        const found = containers.flatMap((entry) =>
          HANDLERS.flatMap((handler) =>
            (['httpGet', 'tcpSocket'] as const).flatMap((action) => {
              const path = [...handler, action, 'host'];
              const host = text(path.reduce<unknown>((value, step) => record(value)[step], entry.container));
              return host === undefined || host === '' ? [] : [{ entry, path, host }];
            }),
          ),
        );
        if (found.length === 0) return undefined;
        const names = sortedSet(found.map((f) => f.entry.name));
        const hosts = sortedSet(found.map((f) => f.host));
        const uses = `${plural('uses', 'use', names.length)} ${plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length)}`;
        return {
          reason: 'probe or lifecycle host',
          detail: `${namedContainers(names)} ${uses} ${quoted(hosts)}`,
          offences: found.map((f) => containerOffence(f.entry, ...f.path)),
        };
      },
    },
  ],
});
