import { isRecord, text, type JsonRecord } from '../../../../model/json.ts';
import {
  containerOffence,
  defineControl,
  plural,
  podSecurityContextOf,
  quoted,
  securityContextOf,
  settersOf,
  sortedSet,
  type Judge,
} from '../control.ts';

const TYPES_SINCE_1_0 = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** Another SELinux type, user or role takes a container out of the confinement the node's policy gives it. */
export const seLinuxOptions = defineControl({
  id: 'seLinuxOptions',
  level: 'baseline',
  title: 'SELinux',
  versions: [
    { from: 0, judge: judgeWith(TYPES_SINCE_1_0) },
    { from: 31, judge: judgeWith([...TYPES_SINCE_1_0, 'container_engine_t']) },
  ],
});

function judgeWith(allowedTypes: readonly string[]): Judge {
  return (pod) => {
    const ofPod = badFields(podSecurityContextOf(pod), allowedTypes);
    const found = pod.containers.flatMap((entry) => {
      const bad = badFields(securityContextOf(entry), allowedTypes);
      return bad.length === 0 ? [] : [{ entry, bad }];
    });
    const all = [...ofPod, ...found.flatMap((f) => f.bad)];
    if (all.length === 0) return undefined;
    const types = sortedSet(all.filter((b) => b.field === 'type').map((b) => b.value));
    const says = [
      ...(types.length > 0 ? [`${plural('type', 'types', types.length)} ${quoted(types)}`] : []),
      ...(all.some((b) => b.field === 'user') ? ['user may not be set'] : []),
      ...(all.some((b) => b.field === 'role') ? ['role may not be set'] : []),
    ];
    const setters = settersOf(
      ofPod.length > 0,
      found.map((f) => f.entry.name),
    );
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${says.join('; ')}`,
      offences: [
        ...ofPod.map((b) => ({ path: ['spec', 'securityContext', 'seLinuxOptions', b.field] })),
        ...found.flatMap(({ entry, bad }) =>
          bad.map((b) => containerOffence(entry, 'securityContext', 'seLinuxOptions', b.field)),
        ),
      ],
    };
  };
}

function badFields(context: JsonRecord, allowedTypes: readonly string[]) {
  const options = context['seLinuxOptions'];
  if (!isRecord(options)) return [];
  return (['type', 'user', 'role'] as const).flatMap((field) => {
    const value = text(options[field]) ?? '';
    const fine = field === 'type' ? allowedTypes.includes(value) : value === '';
    return fine ? [] : [{ field, value }];
  });
}
