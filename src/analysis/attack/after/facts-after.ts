import type { Snapshot } from '../../../model/snapshot.ts';
import type { Facts } from '../facts/facts.ts';
import { networkFacts, type NetworkFacts } from '../facts/network-facts.ts';
import type { Changed } from '../world/reads.ts';

/** The facts after a change, and which of them are others than before; undefined when any may be. */
export interface FactsAfter {
  readonly facts: Facts;
  readonly changed?: Changed;
}

/** Who can reach whom after a change, from what was known before; worked out when somebody asks. */
export function networkAfter(facts: Facts, snapshot: Snapshot, pods = facts.pods): NetworkFacts {
  return networkFacts(snapshot, pods, () => facts.network.analysis().update(snapshot));
}

/** Whether a namespace is there whatever is in it. */
export function isKnownNamespace(namespace: string | undefined, snapshot: Snapshot): boolean {
  return namespace === undefined || snapshot.get('Namespace', undefined, namespace) !== undefined;
}
