import { at, isRecord, record, type JsonRecord } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import type { Place } from '../examined.ts';
import type { PodSubject } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

const EITHER = [
  'appArmorProfile',
  'runAsGroup',
  'runAsNonRoot',
  'runAsUser',
  'seLinuxOptions',
  'seccompProfile',
  'windowsOptions',
];
/** Fields of a pod's securityContext. */
const OF_POD = [
  ...EITHER,
  'fsGroup',
  'fsGroupChangePolicy',
  'seLinuxChangePolicy',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'sysctls',
];
/** Fields of a container's securityContext. */
const OF_CONTAINER = [
  ...EITHER,
  'allowPrivilegeEscalation',
  'capabilities',
  'privileged',
  'procMount',
  'readOnlyRootFilesystem',
];
/** Fields of a pod's spec that matter to security. */
const OF_SPEC = [
  'automountServiceAccountToken',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostUsers',
  'runtimeClassName',
  'securityContext',
  'serviceAccountName',
  'shareProcessNamespace',
];
const IN_A_CONTEXT = [...new Set([...OF_POD, ...OF_CONTAINER])];

/** The API server drops a field it doesn't know at that place, without a word unless asked: the author believes it is set. */
export const droppedField = defineCheck({
  id: 'dropped-field',
  title: 'A security field stands where the API server ignores it',
  holds: 'Every security field stands where it takes effect',
  severity: 'high',
  examines: everyPod,
  frameworks: { nsa: ['pods'], owasp: ['K01'] },
  messages: {
    elsewhere: ({
      field,
      where,
      belongs,
    }: {
      readonly field: string;
      readonly where: string;
      readonly belongs: string;
    }) => `${field} in ${where} has no effect: it belongs in ${belongs}`,
    unknown: ({ field, where }: { readonly field: string; readonly where: string }) =>
      `${field} in ${where} has no effect: there is no such field`,
    spelling: ({ field, where, meant }: { readonly field: string; readonly where: string; readonly meant: string }) =>
      `${field} in ${where} has no effect: the field is spelt ${meant}`,
  },
  *run(pod, report) {
    for (const { field, where, place, verdict } of droppedFields(pod)) {
      if (verdict.kind === 'elsewhere') yield report('elsewhere', { field, where, belongs: verdict.belongs }, place);
      else if (verdict.kind === 'spelling') yield report('spelling', { field, where, meant: verdict.meant }, place);
      else yield report('unknown', { field, where }, place);
    }
  },
});

type Verdict =
  | { readonly kind: 'elsewhere'; readonly belongs: string }
  | { readonly kind: 'spelling'; readonly meant: string }
  | { readonly kind: 'unknown' };

interface Dropped {
  readonly field: string;
  readonly where: string;
  readonly place: Place;
  readonly verdict: Verdict;
}

const CONTAINER_CONTEXT = "a container's securityContext";
const POD_CONTEXT = "the pod's securityContext";

function droppedFields(pod: PodSubject): readonly Dropped[] {
  const places = [
    context(pod.securityContext, POD_CONTEXT, OF_POD, CONTAINER_CONTEXT, (f) =>
      pod.place('spec', 'securityContext', f),
    ),
    loose(pod.spec, 'the pod spec', IN_A_CONTEXT, OF_SPEC, (f) => pod.place('spec', f)),
    ...pod.containers.flatMap((c) => [
      context(c.securityContext, `the securityContext of ${c.name}`, OF_CONTAINER, POD_CONTEXT, (f) =>
        c.place('securityContext', f),
      ),
      loose(
        c.container,
        `container ${c.name}`,
        [...IN_A_CONTEXT, ...OF_SPEC.filter((f) => f !== 'securityContext')],
        ['securityContext'],
        (f) => c.place(f),
      ),
    ]),
    aboveTemplate(pod),
  ];
  return places.flat();
}

/** A securityContext holds nothing but the fields it knows. */
function context(
  written: JsonRecord,
  where: string,
  known: readonly string[],
  other: string,
  placeOf: (field: string) => Place,
): readonly Dropped[] {
  return Object.keys(written)
    .filter((field) => !known.includes(field))
    .map((field) => ({ field, where, place: placeOf(field), verdict: judge(field, known, IN_A_CONTEXT, other) }));
}

function judge(field: string, known: readonly string[], elsewhere: readonly string[], belongs: string): Verdict {
  const meant = known.find((name) => name.toLowerCase() === field.toLowerCase());
  if (meant !== undefined) return { kind: 'spelling', meant };
  return elsewhere.includes(field) ? { kind: 'elsewhere', belongs } : { kind: 'unknown' };
}

/** Fields of a securityContext that were written beside it, and fields of this place in the wrong case. */
function loose(
  written: JsonRecord,
  where: string,
  misplaced: readonly string[],
  here: readonly string[],
  placeOf: (field: string) => Place,
): readonly Dropped[] {
  return Object.keys(written).flatMap((field): Dropped[] => {
    if (here.includes(field)) return [];
    const place = placeOf(field);
    const meant = here.find((name) => name.toLowerCase() === field.toLowerCase());
    if (meant !== undefined) return [{ field, where, place, verdict: { kind: 'spelling', meant } }];
    if (!misplaced.includes(field)) return [];
    const belongs = OF_SPEC.includes(field)
      ? 'the pod spec'
      : OF_POD.includes(field)
        ? 'a securityContext'
        : CONTAINER_CONTEXT;
    return [{ field, where, place, verdict: { kind: 'elsewhere', belongs } }];
  });
}

/** `spec.securityContext` of a Deployment: the template is two levels further down. */
function aboveTemplate(pod: PodSubject): readonly Dropped[] {
  const { template } = pod.workload;
  if (template.path.length === 0) return [];
  const above = template.path.slice(0, -1);
  const owner = record(at(pod.resource.object, ...above));
  return OF_SPEC.filter((field) => isRecord(owner[field]) || typeof owner[field] === 'boolean').map((field) => ({
    field,
    where: `${above.join('.')} of the ${pod.resource.object.kind}`,
    place: { resource: pod.resource, path: [...above, field] },
    verdict: { kind: 'elsewhere', belongs: [...template.path, 'spec'].join('.') },
  }));
}
