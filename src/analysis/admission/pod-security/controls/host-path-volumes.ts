import { isRecord, records, text } from '../../../../model/json.ts';
import { defineControl, plural, quoted } from '../control.ts';

/** A hostPath volume puts a directory of the node into the pod. */
export const hostPathVolumes = defineControl({
  id: 'hostPathVolumes',
  level: 'baseline',
  title: 'HostPath volumes',
  versions: [
    {
      from: 0,
      judge({ spec }) {
        const bad = records(spec['volumes']).filter(([, volume]) => isRecord(volume['hostPath']));
        if (bad.length === 0) return undefined;
        const names = bad.map(([, volume]) => text(volume['name']) ?? '');
        return {
          reason: 'hostPath volumes',
          detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}`,
          offences: bad.map(([index]) => ({ path: ['spec', 'volumes', index, 'hostPath'] })),
        };
      },
    },
  ],
});
