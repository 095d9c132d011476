import { memoisedWeakly } from '../../../model/memoised.ts';
import type { LabelSelector } from '../../../model/selectors.ts';
import { blockId, type AddressSpace } from '../addresses/address-space.ts';
import type { Classes, PodClass } from '../classes/classes.ts';
import type { ClassSelector } from '../classes/class-selector.ts';
import { addressPeer, EVERY_PEER, hasPeer, NO_PEER, numberSet, peerSet, type PeerSet } from './peer-sets.ts';
import { enrolment } from '../inhabitants/mesh.ts';
import type { NamespaceScope, PeerTerm } from '../policies/policy.ts';
import type { Profile } from '../profiles/profile.ts';
import { keyOfSelector } from '../policies/selector-key.ts';

/** Why a term may mean a peer and may not. */
export type Uncertainty =
  | { readonly kind: 'namespaceLabels'; readonly podClass: PodClass }
  | { readonly kind: 'podAddress'; readonly podClass: PodClass }
  | { readonly kind: 'enrolment'; readonly podClass: PodClass }
  | { readonly kind: 'nodeAddresses' }
  | { readonly kind: 'names'; readonly names: readonly string[] };

export type Match = 'yes' | 'no' | Uncertainty;

/** What the peer terms of policies mean among the peers of one analysis, in three values. */
export interface Terms {
  match(term: PeerTerm, peer: number): Match;
  /** The peers a term means for certain. */
  certain(term: PeerTerm): PeerSet;
  /** The peers a term may mean; the same object as `certain` when nothing is open. */
  possible(term: PeerTerm): PeerSet;
}

export interface TermsInput {
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly selector: ClassSelector;
  readonly profile: Profile;
  /** Address classes of the nodes whose labels match, sorted; undefined when they are not known. */
  readonly nodeAddresses: (selector: LabelSelector) => readonly number[] | undefined;
}

/** Terms by meaning; equal terms are looked at once. */
export function createTerms(input: TermsInput): Terms {
  const { classes, space, selector, profile } = input;
  let podsAt: readonly (readonly PodClass[])[] | undefined;
  const sets = new Map<string, { certain: PeerSet; possible?: PeerSet }>();
  const openNamespaces = [...classes.byNamespace.values()].some(
    (own) => own[0]?.namespace.labelsKnown === false && own.some(({ members }) => members.length > 0),
  );
  const openAddresses = [...classes.open]
    .flatMap((index) => classes.all[index] ?? [])
    .filter(({ address }) => address < 0);

  const blockHits = (term: PeerTerm & { readonly kind: 'block' }): boolean =>
    term.pods === 'always' ? profile.networksSelectPods : term.pods === 'asProfile' && profile.ipBlockSelectsPods;
  const withHosts = (term: PeerTerm & { readonly kind: 'pods' }): boolean =>
    profile.hostNetworkPeersNeedPodSelector && term.podsGiven && term.withoutHosts !== true;
  const isHost = (podClass: PodClass): boolean => podClass.hostNetwork && profile.hostNetworkPods !== 'pod';

  const ofPods = (sorted: readonly number[]): PeerSet => peerSet(numberSet(sorted, classes.all.length));
  /** Some classes of addresses, and of the pods that have such an address those that are wanted. */
  const ofAddresses = (addresses: readonly number[], wanted?: (podClass: PodClass) => boolean): PeerSet => {
    if (wanted) podsAt ??= podsByAddress(classes, space);
    const pods = wanted ? addresses.flatMap((address) => podsAt?.[address]?.filter(wanted) ?? []) : [];
    return peerSet(
      numberSet(
        pods.map(({ index }) => index).sort((a, b) => a - b),
        classes.all.length,
      ),
      numberSet(addresses, space.size),
    );
  };

  const compute = (term: PeerTerm): PeerSet => {
    switch (term.kind) {
      case 'everyone':
        return EVERY_PEER;
      case 'nobody':
      case 'names':
        return NO_PEER;
      case 'pods': {
        const found = selector.select(term.namespaces, term.pods, withHosts(term));
        if (term.withoutHosts !== true && term.inMesh !== true) return ofPods(found);
        const kept = found.filter((id) => {
          const podClass = classes.all[id] as PodClass;
          if (term.withoutHosts === true && isHost(podClass)) return false;
          return term.inMesh !== true || enrolment(podClass) === 'in';
        });
        return ofPods(kept);
      }
      case 'block':
        return ofAddresses(space.inside(term), blockHits(term) ? () => true : undefined);
      case 'nodes':
        return profile.nodePeers
          ? ofAddresses(input.nodeAddresses(term.selector) ?? [], ({ hostNetwork }) => hostNetwork)
          : NO_PEER;
      case 'allOf':
      case 'anyOf':
      case 'not':
        return scan(term, (match) => match === 'yes');
    }
  };
  const scan = (term: PeerTerm, wanted: (match: Match) => boolean): PeerSet => {
    const addresses = Array.from({ length: space.size }, (_, address) => address);
    return peerSet(
      numberSet(
        classes.all.map(({ index }) => index).filter((id) => wanted(match(term, id))),
        classes.all.length,
      ),
      numberSet(
        addresses.filter((address) => wanted(match(term, addressPeer(address)))),
        space.size,
      ),
    );
  };
  const setsOf = (term: PeerTerm): { certain: PeerSet; possible?: PeerSet } => {
    const key = keyOfTerm(term);
    let known = sets.get(key);
    if (!known) sets.set(key, (known = { certain: compute(term) }));
    return known;
  };
  const certain: Terms['certain'] = (term) => (term.kind === 'everyone' ? EVERY_PEER : setsOf(term).certain);
  const possible: Terms['possible'] = (term) => {
    if (!mayBeOpen(term)) return certain(term);
    const known = setsOf(term);
    return (known.possible ??= scan(term, (match) => match !== 'no'));
  };
  const mayBeOpen = (term: PeerTerm): boolean => {
    switch (term.kind) {
      case 'everyone':
      case 'nobody':
        return false;
      case 'names':
        return true;
      case 'pods':
        return openNamespaces || term.inMesh === true;
      case 'block':
        return openAddresses.length > 0 && blockHits(term);
      case 'nodes':
        return profile.nodePeers && (input.nodeAddresses(term.selector) === undefined || openAddresses.some(isHost));
      case 'allOf':
      case 'anyOf':
        return term.terms.some(mayBeOpen);
      case 'not':
        return mayBeOpen(term.term);
    }
  };

  // Judging asks for the same term again and again; compiling, once.
  const certainOf = memoisedWeakly(certain);
  const match: Terms['match'] = (term, peer) => {
    const podClass = classes.all[peer];
    switch (term.kind) {
      case 'everyone':
        return 'yes';
      case 'nobody':
        return 'no';
      case 'names':
        // A pod on the network of its node has an address that a name may stand for.
        return podClass && !isHost(podClass) ? 'no' : { kind: 'names', names: term.names };
      case 'pods': {
        if (!podClass) return 'no';
        const open =
          !podClass.namespace.labelsKnown &&
          term.namespaces.kind === 'labels' &&
          usesOtherLabels(term.namespaces) &&
          (podClass.reading === 'pod' || withHosts(term));
        if (open) return { kind: 'namespaceLabels', podClass };
        if (term.inMesh === true && enrolment(podClass) === 'unknown')
          return match({ ...term, inMesh: false }, peer) === 'yes' ? { kind: 'enrolment', podClass } : 'no';
        return hasPeer(certainOf(term), peer) ? 'yes' : 'no';
      }
      case 'block': {
        if (podClass && podClass.address < 0 && peer !== classes.controller && blockHits(term))
          return { kind: 'podAddress', podClass };
        return hasPeer(certainOf(term), peer) ? 'yes' : 'no';
      }
      case 'nodes': {
        if (!profile.nodePeers || (podClass && !isHost(podClass))) return 'no';
        if (input.nodeAddresses(term.selector) === undefined || (podClass && podClass.address < 0))
          return { kind: 'nodeAddresses' };
        return hasPeer(certainOf(term), peer) ? 'yes' : 'no';
      }
      case 'allOf': {
        let open: Match = 'yes';
        for (const part of term.terms) {
          const found = match(part, peer);
          if (found === 'no') return 'no';
          if (found !== 'yes') open = found;
        }
        return open;
      }
      case 'anyOf': {
        let open: Match = 'no';
        for (const part of term.terms) {
          const found = match(part, peer);
          if (found === 'yes') return 'yes';
          if (found !== 'no') open = found;
        }
        return open;
      }
      case 'not': {
        const found = match(term.term, peer);
        return found === 'yes' ? 'no' : found === 'no' ? 'yes' : found;
      }
    }
  };
  return { match, certain, possible };
}

/** Equal for terms of equal meaning as written. */
export function keyOfTerm(term: PeerTerm): string {
  switch (term.kind) {
    case 'pods':
      return `p${term.podsGiven ? 1 : 0}${term.withoutHosts === true ? 1 : 0}${term.inMesh === true ? 1 : 0}${keyOfNamespaces(term.namespaces)}|${keyOfSelector(term.pods)}`;
    case 'block':
      return `b${term.pods}${blockId(term)}`;
    case 'nodes':
      return `n${keyOfSelector(term.selector)}`;
    case 'names':
      return `d${term.names.join()}`;
    case 'allOf':
      return `&(${term.terms.map(keyOfTerm).join(')(')})`;
    case 'anyOf':
      return `|(${term.terms.map(keyOfTerm).join(')(')})`;
    case 'not':
      return `!(${keyOfTerm(term.term)})`;
    case 'everyone':
    case 'nobody':
      return term.kind;
  }
}

function keyOfNamespaces(scope: NamespaceScope): string {
  return scope.kind === 'name' ? `=${scope.name}` : keyOfSelector(scope.selector);
}

/** The pod classes with an address of each class. */
function podsByAddress(classes: Classes, space: AddressSpace): readonly (readonly PodClass[])[] {
  const pods: PodClass[][] = Array.from({ length: space.size }, () => []);
  for (const podClass of classes.all) if (podClass.address >= 0) pods[podClass.address]?.push(podClass);
  return pods;
}

function usesOtherLabels(scope: NamespaceScope): boolean {
  return scope.kind === 'labels' && scope.selector.some(({ key }) => key !== 'kubernetes.io/metadata.name');
}
