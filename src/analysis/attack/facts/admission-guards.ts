import { addOnGuards } from './add-on-guards.ts';
import { becauseOfGap, type Because } from '../../../model/because.ts';
import { at, record, records, strings, text, type JsonRecord } from '../../../model/json.ts';
import { refOf, type KubernetesObject } from '../../../model/object.ts';
import { matches, parseSelector, type Labels } from '../../../model/selectors.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { Guard, NamespaceGuard } from './guard.ts';

const REGISTRATION = 'admissionregistration.k8s.io';
const POLICY = `ValidatingAdmissionPolicy.${REGISTRATION}`;
const BINDING = `ValidatingAdmissionPolicyBinding.${REGISTRATION}`;
const WEBHOOKS = `ValidatingWebhookConfiguration.${REGISTRATION}`;

export interface AdmissionGuards {
  readonly all: readonly Guard[];
  /** Those that are asked about new pods of a namespace. */
  of(namespace: string): readonly Guard[];
}

/**
 * Finds which webhooks and policies are asked about new pods of a namespace. One that looks at labels guards nothing: whoever
 * makes the pod chooses them.
 */
export function admissionGuards(snapshot: Snapshot): AdmissionGuards {
  const unread = snapshot
    .gaps([POLICY, BINDING, WEBHOOKS])
    .map((gap): Guard => ({ because: becauseOfGap(gap), restsOn: [] }));
  const guards = [...webhookGuards(snapshot), ...policyGuards(snapshot), ...addOnGuards(snapshot)];
  return {
    all: guards,
    of(namespace) {
      if (guards.length === 0) return unread;
      const object = snapshot.get('Namespace', undefined, namespace)?.object;
      const labels = { ...object?.metadata.labels, 'kubernetes.io/metadata.name': namespace };
      return [...unread, ...guards.filter((guard) => guard.asksAbout(labels))];
    },
  };
}

function webhookGuards(snapshot: Snapshot): readonly NamespaceGuard[] {
  return snapshot.list(WEBHOOKS).flatMap(({ object }) =>
    records(object['webhooks'])
      .filter(([, webhook]) => !selects(webhook['objectSelector']))
      .filter(([, webhook]) => records(webhook['rules']).some(([, rule]) => isAboutNewPods(rule)))
      .map(([index, webhook]) => ({
        because: {
          kind: 'field',
          object: refOf(object),
          path: `webhooks[${index}]`,
          says: `the webhook ${text(webhook['name']) ?? object.metadata.name} is asked about every pod, and what it answers is not known`,
        },
        restsOn: [{ resource: `validatingwebhookconfigurations.${REGISTRATION}`, name: object.metadata.name }],
        asksAbout: (labels: Labels) => selectorMatches(webhook['namespaceSelector'], labels),
      })),
  );
}

/** A policy counts when a binding makes it deny. */
function policyGuards(snapshot: Snapshot): readonly NamespaceGuard[] {
  const policies = new Map(snapshot.list(POLICY).map(({ object }) => [object.metadata.name, object]));
  return snapshot.list(BINDING).flatMap(({ object: binding }): readonly NamespaceGuard[] => {
    const policy = policies.get(text(at(binding, 'spec', 'policyName')) ?? '');
    if (!policy || !strings(at(binding, 'spec', 'validationActions')).includes('Deny')) return [];
    const constraints = record(at(policy, 'spec', 'matchConstraints'));
    const narrowed = record(at(binding, 'spec', 'matchResources'));
    const both = [constraints, narrowed];
    if (both.some((one) => selects(one['objectSelector']))) return [];
    if (!records(constraints['resourceRules']).some(([, rule]) => isAboutNewPods(rule))) return [];
    if (looksAtLabelsOnly(policy)) return [];
    return [
      {
        because: becauseOfPolicy(policy),
        restsOn: [
          { resource: `validatingadmissionpolicies.${REGISTRATION}`, name: policy.metadata.name },
          { resource: `validatingadmissionpolicybindings.${REGISTRATION}`, name: binding.metadata.name },
        ],
        asksAbout: (labels) => both.every((one) => selectorMatches(one['namespaceSelector'], labels)),
      },
    ];
  });
}

/** Whether whatever a policy judges is for the maker of the pod to write. */
function looksAtLabelsOnly(policy: KubernetesObject): boolean {
  const expressions = records(at(policy, 'spec', 'validations')).map(([, one]) => text(one['expression']) ?? '');
  return expressions.every(
    (one) =>
      /\bobject\.metadata\.(labels|annotations)\b/.test(one) &&
      !/object\.spec|request|authorizer|params|variables|namespaceObject/.test(one),
  );
}

function becauseOfPolicy(policy: KubernetesObject): Because {
  return {
    kind: 'field',
    object: refOf(policy),
    path: 'spec.validations',
    says: `the ValidatingAdmissionPolicy ${policy.metadata.name} judges every pod, and whether it refuses this one is not known`,
  };
}

function isAboutNewPods(rule: JsonRecord): boolean {
  const covers = (field: string, ...wanted: readonly string[]): boolean =>
    strings(rule[field]).some((one) => wanted.includes(one));
  return (
    covers('operations', 'CREATE', '*') &&
    covers('apiGroups', '', '*') &&
    covers('resources', 'pods', '*', '*/*') &&
    rule['scope'] !== 'Cluster'
  );
}

function selects(selector: unknown): boolean {
  const parsed = parseSelector(selector);
  return parsed.kind === 'ok' && parsed.selector.length > 0;
}

/** A selector the API server would refuse selects nobody. */
function selectorMatches(selector: unknown, labels: Labels): boolean {
  const parsed = parseSelector(selector);
  return parsed.kind === 'ok' && matches(parsed.selector, labels);
}
