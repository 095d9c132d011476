import { at, list, record, records, strings, text, type JsonRecord } from '../../../model/json.ts';
import { refOf, type KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { NamespaceGuard } from './guard.ts';

/*
 * Policies of Kyverno, constraints of Gatekeeper and the SecurityContextConstraints of OpenShift. Their webhooks are made by a
 * controller, and may not be among the objects. Only those count that say something of what makes a pod an escape.
 */

const ESCAPES = /privileg|host|capabilit|securityContext|podSecurity|volume|seccomp|runAs|psp/i;
const NAMESPACE = 'kubernetes.io/metadata.name';

export function addOnGuards(snapshot: Snapshot): readonly NamespaceGuard[] {
  return [...kyverno(snapshot), ...gatekeeper(snapshot), ...openShift(snapshot)];
}

function kyverno(snapshot: Snapshot): readonly NamespaceGuard[] {
  return ['ClusterPolicy.kyverno.io', 'Policy.kyverno.io'].flatMap((kind) =>
    snapshot.list(kind).flatMap(({ object }) =>
      records(at(object, 'spec', 'rules')).flatMap(([index, rule]): readonly NamespaceGuard[] => {
        const action =
          text(at(rule, 'validate', 'failureAction')) ?? text(at(object, 'spec', 'validationFailureAction'));
        if (action?.toLowerCase() !== 'enforce' || !ESCAPES.test(JSON.stringify(rule['validate'] ?? ''))) return [];
        const asked = parts(rule['match']);
        if (!asked.some((one) => namesPods(one['kinds']))) return [];
        const { name, namespace } = object.metadata;
        const resource = kind.startsWith('Cluster') ? 'clusterpolicies.kyverno.io' : 'policies.kyverno.io';
        return [
          {
            ...guard(object, `spec.rules[${index}]`, [
              { resource, name, ...(namespace === undefined ? {} : { namespace }) },
            ]),
            asksAbout(labels) {
              const place = labels[NAMESPACE] ?? '';
              if ((namespace ?? place) !== place || parts(rule['exclude']).some((one) => isOnly(one, place)))
                return false;
              return asked.some(({ namespaces }) => list(namespaces).length === 0 || isAmong(namespaces, place));
            },
          },
        ];
      }),
    ),
  );
}

/** The alternatives of a `match` or an `exclude`. */
function parts(written: unknown): readonly JsonRecord[] {
  const alternatives = [...records(at(written, 'any')), ...records(at(written, 'all'))].map(
    ([, one]) => one['resources'],
  );
  return [...alternatives, at(written, 'resources')].filter((one) => one !== undefined).map(record);
}

function namesPods(kinds: unknown): boolean {
  return strings(kinds).some((kind) => /(^|\/)(Pod|\*)$/.test(kind));
}

/** Whether something that is left out is the whole namespace. */
function isOnly(resources: JsonRecord, namespace: string): boolean {
  return isAmong(resources['namespaces'], namespace);
}

/** Names may have stars. */
function isAmong(names: unknown, name: string): boolean {
  return strings(names).some((one) =>
    new RegExp(`^${one.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(name),
  );
}

function gatekeeper(snapshot: Snapshot): readonly NamespaceGuard[] {
  const kinds = snapshot.kinds().filter((kind) => kind.endsWith('.constraints.gatekeeper.sh') && ESCAPES.test(kind));
  return kinds.flatMap((kind) =>
    snapshot.list(kind).flatMap(({ object }): readonly NamespaceGuard[] => {
      const { enforcementAction = 'deny', match } = record(object['spec']);
      const asked = records(at(match, 'kinds')).map(([, one]) => one['kinds']);
      if (enforcementAction !== 'deny' || (asked.length > 0 && !asked.some(namesPods))) return [];
      const resource = `${object.kind.toLowerCase()}.constraints.gatekeeper.sh`;
      return [
        {
          ...guard(object, 'spec', [{ resource, name: object.metadata.name }]),
          asksAbout(labels) {
            const place = labels[NAMESPACE] ?? '';
            const only = at(match, 'namespaces');
            return (
              !isAmong(at(match, 'excludedNamespaces'), place) && (list(only).length === 0 || isAmong(only, place))
            );
          },
        },
      ];
    }),
  );
}

/** Where there are any, each pod needs one it may use. */
function openShift(snapshot: Snapshot): readonly NamespaceGuard[] {
  const [first] = snapshot.list('SecurityContextConstraints.security.openshift.io');
  return first ? [{ ...guard(first.object, '', []), asksAbout: () => true }] : [];
}

function guard(
  object: KubernetesObject,
  path: string,
  restsOn: NamespaceGuard['restsOn'],
): Pick<NamespaceGuard, 'because' | 'restsOn'> {
  const says = `${object.kind} ${object.metadata.name} judges every pod, and whether it refuses this one is not known`;
  return { because: { kind: 'field', object: refOf(object), path, says }, restsOn };
}
