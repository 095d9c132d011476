import { becauseOfGap, type Because } from '../../../model/because.ts';
import { at, record, records, strings, text, type JsonRecord } from '../../../model/json.ts';
import { refOf, type KubernetesObject } from '../../../model/object.ts';
import { matches, parseSelector, type Labels } from '../../../model/selectors.ts';
import type { Snapshot } from '../../../model/snapshot.ts';

const REGISTRATION = 'admissionregistration.k8s.io';
const POLICY = `ValidatingAdmissionPolicy.${REGISTRATION}`;
const BINDING = `ValidatingAdmissionPolicyBinding.${REGISTRATION}`;
const WEBHOOKS = `ValidatingWebhookConfiguration.${REGISTRATION}`;

/** Something besides Pod Security that is asked before a pod gets into a namespace; what it answers is not known here. */
interface Guard {
  readonly because: Because;
  asksAbout(namespace: Labels): boolean;
}

/**
 * Finds which webhooks and policies are asked about new pods of a namespace. One with an `objectSelector` guards nothing: whoever
 * makes the pod chooses its labels.
 */
export function admissionGuards(snapshot: Snapshot): (namespace: string) => readonly Because[] {
  const unread = snapshot.gaps([POLICY, BINDING, WEBHOOKS]).map(becauseOfGap);
  const guards = [...webhookGuards(snapshot), ...policyGuards(snapshot)];
  return (namespace) => {
    if (guards.length === 0) return unread;
    const object = snapshot.get('Namespace', undefined, namespace)?.object;
    const labels = { ...object?.metadata.labels, 'kubernetes.io/metadata.name': namespace };
    return [...unread, ...guards.filter((guard) => guard.asksAbout(labels)).map(({ because }) => because)];
  };
}

function webhookGuards(snapshot: Snapshot): readonly Guard[] {
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
        asksAbout: (labels: Labels) => selectorMatches(webhook['namespaceSelector'], labels),
      })),
  );
}

/** A policy counts when a binding makes it deny. */
function policyGuards(snapshot: Snapshot): readonly Guard[] {
  const policies = new Map(snapshot.list(POLICY).map(({ object }) => [object.metadata.name, object]));
  return snapshot.list(BINDING).flatMap(({ object: binding }): readonly Guard[] => {
    const policy = policies.get(text(at(binding, 'spec', 'policyName')) ?? '');
    if (!policy || !strings(at(binding, 'spec', 'validationActions')).includes('Deny')) return [];
    const constraints = record(at(policy, 'spec', 'matchConstraints'));
    const narrowed = record(at(binding, 'spec', 'matchResources'));
    const both = [constraints, narrowed];
    if (both.some((one) => selects(one['objectSelector']))) return [];
    if (!records(constraints['resourceRules']).some(([, rule]) => isAboutNewPods(rule))) return [];
    return [
      {
        because: becauseOfPolicy(policy),
        asksAbout: (labels) => both.every((one) => selectorMatches(one['namespaceSelector'], labels)),
      },
    ];
  });
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
