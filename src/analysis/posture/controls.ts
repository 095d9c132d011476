import { at } from '../../model/json.ts';
import type { Control } from '../admission/pod-security/control.ts';
import type { CheckContext } from './context.ts';
import type { Place } from './examined.ts';
import type { PodSubject } from './pod-subject.ts';

/** A field that breaks a control of the Pod Security Standards, with its value and who it belongs to. */
export interface ControlOffence {
  /** `container web`, or `the pod`. */
  readonly who: string;
  readonly value: string;
  readonly field: string;
  readonly place: Place;
}

/** Where a pod breaks a control, by the rules of the cluster's version; of the newest where it came with a later one. */
export function offencesOf(pod: PodSubject, control: Control, { minor }: CheckContext): readonly ControlOffence[] {
  const version = control.versions.findLast(({ from }) => from <= minor);
  return (version?.judge(pod.judged)?.offences ?? []).map((offence) => {
    const place = pod.placeOf(offence);
    const value = at({ spec: pod.spec, metadata: { annotations: pod.annotations } }, ...offence.path);
    return {
      who: offence.container === undefined ? 'the pod' : `container ${offence.container}`,
      value: typeof value === 'string' ? value : JSON.stringify(value ?? null),
      field: String(offence.path.at(-1)),
      place,
    };
  });
}
