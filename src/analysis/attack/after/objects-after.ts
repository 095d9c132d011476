import type { KubernetesObject } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { admissionGuards } from '../facts/admission-guards.ts';
import type { Facts } from '../facts/facts.ts';
import { VULNERABILITY_REPORT } from '../facts/reads.ts';
import { weaknessesOf, type Weakness } from '../facts/weaknesses.ts';
import { accountsAfter } from '../world/account-index.ts';
import { credentialIndex } from '../world/credential-index.ts';
import { once } from '../world/once.ts';
import { NAMES } from '../world/noting.ts';
import { podSecurity } from '../world/pod-security.ts';
import { secretsAfter } from '../world/secret-index.ts';
import { changedNetwork, changedObject } from './changed-facts.ts';
import { isKnownNamespace, networkAfter, type FactsAfter } from './facts-after.ts';

/** The facts after an object of one kind changed; undefined where it bears on more than can be told. */
type AfterKind = (facts: Facts, snapshot: Snapshot, object: KubernetesObject) => FactsAfter | undefined;

/** Kinds, besides grants and pods, of which one object can be told to bear on few facts. */
export const AFTER_KIND: Readonly<Record<string, AfterKind>> = {
  'NetworkPolicy.networking.k8s.io': (facts, snapshot, object) => ({
    facts: { ...facts, snapshot, network: networkAfter(facts, snapshot) },
    changed: changedNetwork(object.metadata.namespace ?? 'default'),
  }),

  ServiceAccount(facts, snapshot, object) {
    const { namespace = 'default' } = object.metadata;
    if (!isKnownNamespace(namespace, snapshot)) return undefined;
    const accounts = accountsAfter(facts.accounts, namespace, { ...facts, snapshot });
    // Policies of other products select pods by the labels of their account.
    const network = networkAfter(facts, snapshot);
    const changed = changedObject(object)
      .and(changedNetwork(namespace))
      .add('ServiceAccount', NAMES.accountsIn(namespace));
    return { facts: { ...facts, snapshot, accounts, network }, changed };
  },

  Secret(facts, snapshot, object) {
    const { namespace = 'default' } = object.metadata;
    if (!isKnownNamespace(namespace, snapshot)) return undefined;
    const secretsIn = secretsAfter(facts.secretsIn, namespace, { ...facts, snapshot });
    const changed = changedObject(object).add('Secret', NAMES.secretsIn(namespace));
    return { facts: { ...facts, snapshot, secretsIn }, changed };
  },

  Service(facts, snapshot, object) {
    const { namespace = 'default' } = object.metadata;
    if (!isKnownNamespace(namespace, snapshot)) return undefined;
    const network = networkAfter(facts, snapshot);
    const changed = changedObject(object).add('network', NAMES.exposed);
    const after = { ...facts, snapshot, network };
    if (snapshot.list(VULNERABILITY_REPORT).length === 0) return { facts: after, changed };
    // A Service says on which ports pods listen that declare none.
    const [before, others] = split(facts.weaknesses(), ({ unit }) => unit.namespace === namespace);
    const here = weaknessesOf(snapshot, facts.pods.in(namespace));
    const same = before.length === here.length && before.every((one, index) => isLike(one, here[index]));
    if (same) return { facts: after, changed };
    return {
      facts: { ...after, weaknesses: () => [...others, ...here] },
      changed: changed.add('pods', NAMES.targets),
    };
  },

  ConfigMap(facts, snapshot, object) {
    const { configMaps } = credentialIndex(snapshot, facts.pods);
    const credentials = { ...facts.credentials, configMaps };
    return { facts: { ...facts, snapshot, credentials }, changed: changedObject(object) };
  },

  Namespace(facts, snapshot, object) {
    const { name } = object.metadata;
    // One that comes or goes is another place for every right that counts everywhere.
    if (!isKnownNamespace(name, snapshot) || !isKnownNamespace(name, facts.snapshot)) return undefined;
    const guards = once(() => admissionGuards(snapshot));
    const network = networkAfter(facts, snapshot);
    const changed = changedObject(object).and(changedNetwork(name));
    return {
      facts: {
        ...facts,
        snapshot,
        network,
        admitsBeyond: podSecurity(snapshot),
        guards: () => guards().all,
        guardsOf: (namespace) => guards().of(namespace),
      },
      changed,
    };
  },
};

function split<T>(values: readonly T[], isFirst: (value: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [values.filter(isFirst), values.filter((value) => !isFirst(value))];
}

function isLike(a: Weakness, b: Weakness | undefined): boolean {
  return a.unit === b?.unit && a.container === b.container && a.port === b.port && a.open === b.open;
}
