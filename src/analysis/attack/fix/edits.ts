import { at, isRecord, list, records, strings, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { serviceAccountUser } from '../../access/subjects.ts';

type Steps = readonly (string | number)[];

/** A copy with one field set, or (undefined) taken away; parents that are missing are made. */
export function setField(object: KubernetesObject, steps: Steps, value: unknown): KubernetesObject {
  return written(object, steps, value) as KubernetesObject;
}

function written(parent: unknown, [step, ...rest]: Steps, value: unknown): unknown {
  if (step === undefined) return value;
  if (typeof step === 'number') {
    return list(parent).map((entry, index) => (index === step ? written(entry, rest, value) : entry));
  }
  const before = isRecord(parent) ? parent : {};
  const after = written(before[step], rest, value);
  const { [step]: _gone, ...others } = before;
  return after === undefined ? others : { ...before, [step]: after };
}

/** The binding without a subject: a user name, that of a service account, or `group:NAME`. */
export function editSubjects(binding: KubernetesObject, subject: string): KubernetesObject | undefined {
  const own = binding.metadata.namespace;
  const left = list(binding['subjects']).filter((entry) => {
    const name = text(at(entry, 'name')) ?? '';
    switch (at(entry, 'kind')) {
      case 'Group':
        return `group:${name}` !== subject;
      case 'ServiceAccount':
        return serviceAccountUser({ namespace: text(at(entry, 'namespace')) ?? own ?? '', name }) !== subject;
      default:
        return name !== subject;
    }
  });
  return left.length === 0 ? undefined : { ...binding, subjects: left };
}

/** The role without a verb of one of its rules, or without the rule. */
export function editRule(role: KubernetesObject, index: number, verb: string | undefined): KubernetesObject {
  if (verb !== undefined) {
    const verbs = strings(at(role, 'rules', index, 'verbs')).filter((one) => one !== verb);
    return setField(role, ['rules', index, 'verbs'], verbs);
  }
  // An emptied rule keeps the places of the others, so that two changes of one role can be made in any order.
  return setField(role, ['rules', index], { apiGroups: [], resources: [], verbs: [] });
}

/** The policy with a rule that lets nobody in (or out) in place of one of its rules. */
export function removeFromPolicy(policy: KubernetesObject, direction: string, index: number): KubernetesObject {
  const nobody = { podSelector: { matchExpressions: [{ key: 'seaworthy.dev/nobody', operator: 'In', values: [''] }] } };
  return setField(policy, ['spec', direction, index], { [direction === 'ingress' ? 'from' : 'to']: [nobody] });
}

/** The pod, or what makes it, without a volume and its mounts. */
export function withoutVolume(object: KubernetesObject, spec: Steps, volume: string): KubernetesObject {
  const volumes = list(at(object, ...spec, 'volumes')).filter((entry) => at(entry, 'name') !== volume);
  const lists = ['containers', 'initContainers', 'ephemeralContainers'];
  return lists.reduce(
    (done, field) =>
      records(at(done, ...spec, field)).reduce(
        (inner, [index, container]) =>
          container['volumeMounts'] === undefined
            ? inner
            : setField(
                inner,
                [...spec, field, index, 'volumeMounts'],
                list(container['volumeMounts']).filter((mount) => at(mount, 'name') !== volume),
              ),
        done,
      ),
    setField(object, [...spec, 'volumes'], volumes),
  );
}

/** The pod, or what makes it, without its service account's token, projected ones included. `path` is automountServiceAccountToken. */
export function withoutToken(object: KubernetesObject, path: Steps): KubernetesObject {
  const spec = path.slice(0, -1);
  return records(at(object, ...spec, 'volumes')).reduce(
    (done, [index, volume]) =>
      at(volume, 'projected', 'sources') === undefined
        ? done
        : setField(
            done,
            [...spec, 'volumes', index, 'projected', 'sources'],
            list(at(volume, 'projected', 'sources')).filter(
              (source) => at(source, 'serviceAccountToken') === undefined,
            ),
          ),
    setField(object, path, false),
  );
}
