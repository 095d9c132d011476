import { record, type JsonRecord } from '../../../../model/json.ts';
import { containerOffence, defineControl, podSecurityContextOf, securityContextOf, settersOf } from '../control.ts';

const FIELD = ['securityContext', 'windowsOptions', 'hostProcess'] as const;

/** A HostProcess container on Windows is a process of the node. */
export const windowsHostProcess = defineControl({
  id: 'windowsHostProcess',
  level: 'baseline',
  title: 'Windows HostProcess',
  versions: [
    {
      from: 0,
      judge(pod) {
        const podIsBad = isHostProcess(podSecurityContextOf(pod));
        const bad = pod.containers.filter((entry) => isHostProcess(securityContextOf(entry)));
        if (!podIsBad && bad.length === 0) return undefined;
        const setters = settersOf(
          podIsBad,
          bad.map((c) => c.name),
        );
        return {
          reason: 'hostProcess',
          detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true`,
          offences: [
            ...(podIsBad ? [{ path: ['spec', ...FIELD] }] : []),
            ...bad.map((c) => containerOffence(c, ...FIELD)),
          ],
        };
      },
    },
  ],
});

function isHostProcess(context: JsonRecord): boolean {
  return record(context['windowsOptions'])['hostProcess'] === true;
}
