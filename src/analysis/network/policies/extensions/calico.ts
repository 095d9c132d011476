import { at, isRecord, record, records, strings, text, type JsonRecord } from '../../../../model/json.ts';
import { refOf, type KubernetesObject } from '../../../../model/object.ts';
import type { Resource, Snapshot } from '../../../../model/snapshot.ts';
import {
  EVERY_NAMESPACE,
  MATCHES_NOTHING,
  policyReader,
  STAGES,
  type Action,
  type Direction,
  type Path,
  type PodScope,
  type Policy,
  type PolicyReader,
  type PolicyRule,
  type Stage,
} from '../policy.ts';
import { listAt, objectAt, type ReadPolicy } from '../read-network-policy.ts';
import { accountSelectors, calicoPeers, scopesOf, type EntityContext } from './calico-entity.ts';
import { calicoPorts, localRestriction } from './calico-ports.ts';
import type { KnownValues } from './known-values.ts';

/*
 * Calico's NetworkPolicy and GlobalNetworkPolicy (projectcalico.org/v3 and crd.projectcalico.org/v1). Tiers in
 * order; in a tier the policies that select the pod in order, the first rule that matches decides, Pass goes on to
 * the next tier, and what matches nothing in a tier with a policy for the pod gets the tier's default action.
 * Kubernetes' own policies stand in Calico's default tier with order 1000. Source: docs.tigera.io/calico, reference
 * of the resources and of tiered policy.
 */

const ACTIONS: Readonly<Record<string, Action | 'log'>> = { allow: 'allow', deny: 'deny', pass: 'pass', log: 'log' };
const SPEC_FIELDS = [
  'tier',
  'order',
  'selector',
  'namespaceSelector',
  'serviceAccountSelector',
  'types',
  'ingress',
  'egress',
  'performanceHints',
  'applyOnForward',
  'doNotTrack',
  'preDNAT',
];
const RULE_FIELDS = [
  'action',
  'protocol',
  'notProtocol',
  'icmp',
  'notICMP',
  'ipVersion',
  'source',
  'destination',
  'http',
  'metadata',
];

/** Reads one policy; none from one that is about host endpoints only. */
export function readCalicoPolicy(snapshot: Snapshot, resource: Resource, known: KnownValues): readonly ReadPolicy[] {
  const reader = policyReader(snapshot, resource);
  const { object } = resource;
  const spec = objectAt(reader, object['spec'], ['spec']);
  if (spec['doNotTrack'] === true || spec['preDNAT'] === true) return [];
  reader.versions('projectcalico.org/v3', 'crd.projectcalico.org/v1');
  reader.onlyFields(spec, ['spec'], SPEC_FIELDS);
  const namespace = object.kind === 'GlobalNetworkPolicy' ? undefined : (object.metadata.namespace ?? 'default');
  const context: EntityContext = { snapshot, known, namespace, reader };
  const rules = {
    ingress: readRules(context, spec['ingress'], 'ingress'),
    egress: readRules(context, spec['egress'], 'egress'),
  };
  const types = typesOf(reader, spec);
  const tier = tierOf(snapshot, reader, text(spec['tier']) ?? 'default');
  const [subject, ...alternatives] = subjectOf(context, spec);
  const policy: Policy = {
    ref: refOf(object),
    resource,
    tier: 'extension',
    stage: tier.stage,
    priority: 0,
    // Without an order it comes last.
    order: typeof spec['order'] === 'number' ? spec['order'] : Number.MAX_VALUE,
    subject: {
      ...(subject ?? NO_POD),
      path: ['spec', 'selector'],
      ...(alternatives.length > 0 ? { alternatives } : {}),
    },
    isolates: {
      ingress: types.has('Ingress') && tier.denies,
      egress: types.has('Egress') && tier.denies,
    },
    rules: { ingress: types.has('Ingress') ? rules.ingress : [], egress: types.has('Egress') ? rules.egress : [] },
    invalid: reader.broken(),
  };
  return [{ policy, problems: reader.problems }];
}

/** Whether a policy looks at labels of ServiceAccounts. */
export function selectsAccounts({ spec }: KubernetesObject): boolean {
  const rules = ['ingress', 'egress'].flatMap((direction) => records(at(spec, direction)));
  return (
    at(spec, 'serviceAccountSelector') != null ||
    rules.some(([, rule]) =>
      ['source', 'destination'].some((end) => at(rule, end, 'serviceAccounts', 'selector') != null),
    )
  );
}

const NO_POD: PodScope = { namespaces: EVERY_NAMESPACE, pods: MATCHES_NOTHING };

/** The pods a policy is about: selector, and namespaces and service accounts where it is global. */
function subjectOf(context: EntityContext, spec: JsonRecord): readonly PodScope[] {
  const { namespace, reader } = context;
  const selected = spec['serviceAccountSelector'];
  const written = selected == null || selected === '' ? {} : { selector: selected };
  const accounts = accountSelectors(context, written, ['spec', 'serviceAccountSelector']);
  const scopes = scopesOf(context, spec, ['spec']);
  // With a selector that can't be read the policy may be about any pod.
  if (reader.broken())
    return [{ namespaces: namespace === undefined ? EVERY_NAMESPACE : { kind: 'name', name: namespace }, pods: [] }];
  return scopes.flatMap(({ namespaces, pods }) => accounts.map((extra) => ({ namespaces, pods: [...pods, ...extra] })));
}

/** Ingress unless only egress is written; Egress when there are egress rules. */
function typesOf(reader: PolicyReader, spec: JsonRecord): ReadonlySet<string> {
  const types = strings(spec['types']);
  for (const [index, type] of types.entries()) {
    if (type !== 'Ingress' && type !== 'Egress')
      reader.error(
        'SW_POLICY_TYPE_INVALID',
        ['spec', 'types', index],
        `${JSON.stringify(type)} is no policy type`,
        'Use Ingress, Egress or both.',
      );
  }
  if (types.length > 0) return new Set(types);
  const [ingress, egress] = [records(spec['ingress']).length > 0, records(spec['egress']).length > 0];
  return new Set([...(ingress || !egress ? ['Ingress'] : []), ...(egress ? ['Egress'] : [])]);
}

const BUILT_IN: Readonly<Record<string, Stage>> = {
  default: STAGES.namespace,
  'kube-admin': STAGES.admin,
  adminnetworkpolicy: STAGES.admin,
  'kube-baseline': STAGES.baseline,
  baselineadminnetworkpolicy: STAGES.baseline,
};

function tierOf(
  snapshot: Snapshot,
  reader: PolicyReader,
  name: string,
): { readonly stage: Stage; readonly denies: boolean } {
  const tier =
    snapshot.get('Tier.projectcalico.org', undefined, name) ??
    snapshot.get('Tier.crd.projectcalico.org', undefined, name);
  const builtIn = BUILT_IN[name];
  // Calico makes the tiers of Kubernetes' admin policies itself, and they pass.
  const asMade = builtIn === undefined || name === 'default' ? 'Deny' : 'Pass';
  const denies = (text(at(tier?.object, 'spec', 'defaultAction')) ?? asMade) !== 'Pass';
  if (builtIn) return { stage: builtIn, denies };
  if (!tier) {
    reader.error(
      'SW_POLICY_TIER_INVALID',
      ['spec', 'tier'],
      `there is no Tier ${JSON.stringify(name)} in what was read, so when its policies decide is not known`,
      'Read the Tier too, or use the tier default.',
    );
    return { stage: STAGES.namespace, denies };
  }
  const order = at(tier.object, 'spec', 'order');
  return { stage: { layer: 'network', order: typeof order === 'number' ? order : Number.MAX_VALUE, name }, denies };
}

function readRules(context: EntityContext, raw: unknown, direction: Direction): readonly PolicyRule[] {
  const { reader } = context;
  return listAt(reader, raw, ['spec', direction]).flatMap((entry, index): PolicyRule[] => {
    const path: Path = ['spec', direction, index];
    const rule = objectAt(reader, entry, path);
    reader.onlyFields(rule, path, RULE_FIELDS);
    const action = ACTIONS[(text(rule['action']) ?? '').toLowerCase()];
    if (action === undefined)
      reader.error(
        'SW_POLICY_ACTION_INVALID',
        [...path, 'action'],
        `${JSON.stringify(rule['action'])} is no action`,
        'Use Allow, Deny, Pass or Log.',
      );
    if (action === 'log') return [];
    const [far, near] =
      direction === 'ingress' ? (['source', 'destination'] as const) : (['destination', 'source'] as const);
    const conditions = [
      localRestriction(record(rule[near]), direction),
      restrictionOfClientPorts(record(rule['source'])),
      isRecord(at(rule, far, 'services')) ? 'the endpoints of a Service' : undefined,
    ].filter((words) => words !== undefined);
    const http = isRecord(rule['http']) ? 'HTTP methods and paths' : undefined;
    const denying = action !== 'allow';
    if (denying && http !== undefined) conditions.push(http);
    return [
      {
        action: action ?? 'deny',
        index,
        path,
        peers: calicoPeers(context, record(rule[far]), [...path, far], rule['ipVersion']),
        ports: calicoPorts(reader, rule, path),
        ...(conditions.length > 0 ? { conditional: conditions.join(' and ') } : {}),
        ...(http !== undefined && !denying ? { narrows: http } : {}),
      },
    ];
  });
}

function restrictionOfClientPorts(source: JsonRecord): string | undefined {
  return source['ports'] != null || source['notPorts'] != null ? "the client's own port" : undefined;
}
