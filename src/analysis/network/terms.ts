import type { LabelSelector } from '../../model/selectors.ts';
import { blockId, type AddressSpace } from './address-space.ts';
import type { Classes, PodClass } from './classes.ts';
import { EVERY_PEER, hasPeer, peerSet, type ClassSelector, type PeerSet } from './peer-sets.ts';
import { enrolment } from './mesh.ts';
import type { NamespaceScope, PeerTerm } from './policy.ts';
import type { Profile } from './profile.ts';

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

const NO_PEER: PeerSet = { ids: new Int32Array(), bits: undefined, everyone: false };

/** Terms by meaning; equal terms are looked at once. */
export function createTerms(input: TermsInput): Terms {
  const { classes, space, selector, profile } = input;
  const universe = classes.all.length + space.size;
  const blockMembers = blockMembership(classes, space);
  const sets = new Map<string, { certain: PeerSet; possible?: PeerSet }>();
  const openNamespaces = classes.all.some(({ namespace }) => !namespace.labelsKnown);
  const openAddresses = classes.all.filter(({ address, index }) => address < 0 && index !== classes.controller);

  const blockHits = (term: PeerTerm & { readonly kind: 'block' }): boolean =>
    term.pods === 'always' ? profile.networksSelectPods : term.pods === 'asProfile' && profile.ipBlockSelectsPods;
  const withHosts = (term: PeerTerm & { readonly kind: 'pods' }): boolean =>
    profile.hostNetworkPeersNeedPodSelector && term.podsGiven && term.withoutHosts !== true;
  const isHost = (podClass: PodClass): boolean => podClass.hostNetwork && profile.hostNetworkPods !== 'pod';

  const compute = (term: PeerTerm): PeerSet => {
    switch (term.kind) {
      case 'everyone':
        return EVERY_PEER;
      case 'nobody':
      case 'names':
        return NO_PEER;
      case 'pods': {
        const found = selector.select(term.namespaces, term.pods, withHosts(term));
        const kept = found.filter((id) => {
          const podClass = classes.all[id] as PodClass;
          if (term.withoutHosts === true && isHost(podClass)) return false;
          return term.inMesh !== true || enrolment(podClass) === 'in';
        });
        return peerSet(kept, universe);
      }
      case 'block':
        return peerSet(blockMembers(space.inside(term), blockHits(term) ? 'pods' : 'none'), universe);
      case 'nodes':
        return profile.nodePeers
          ? peerSet(blockMembers(input.nodeAddresses(term.selector) ?? [], 'hosts'), universe)
          : NO_PEER;
      case 'allOf':
      case 'anyOf':
      case 'not':
        return scan(term, (match) => match === 'yes');
    }
  };
  const scan = (term: PeerTerm, wanted: (match: Match) => boolean): PeerSet =>
    peerSet(
      Array.from({ length: universe }, (_, id) => id).filter((id) => wanted(match(term, id))),
      universe,
    );
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

  const match: Terms['match'] = (term, peer) => {
    const podClass = classes.all[peer];
    switch (term.kind) {
      case 'everyone':
        return 'yes';
      case 'nobody':
        return 'no';
      case 'names':
        return podClass ? 'no' : { kind: 'names', names: term.names };
      case 'pods': {
        if (!podClass) return 'no';
        const open =
          !podClass.namespace.labelsKnown &&
          term.namespaces.kind === 'labels' &&
          usesOtherLabels(term.namespaces) &&
          podClass.reading === 'pod';
        if (open) return { kind: 'namespaceLabels', podClass };
        if (term.inMesh === true && enrolment(podClass) === 'unknown')
          return match({ ...term, inMesh: false }, peer) === 'yes' ? { kind: 'enrolment', podClass } : 'no';
        return hasPeer(certain(term), peer) ? 'yes' : 'no';
      }
      case 'block': {
        if (podClass && podClass.address < 0 && peer !== classes.controller && blockHits(term))
          return { kind: 'podAddress', podClass };
        return hasPeer(certain(term), peer) ? 'yes' : 'no';
      }
      case 'nodes': {
        if (!profile.nodePeers || (podClass && !isHost(podClass))) return 'no';
        if (input.nodeAddresses(term.selector) === undefined || (podClass && podClass.address < 0))
          return { kind: 'nodeAddresses' };
        return hasPeer(certain(term), peer) ? 'yes' : 'no';
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

/** Label keys and values hold none of the separators. */
export function keyOfSelector(selector: LabelSelector): string {
  let key = '';
  for (const requirement of selector)
    key += `${requirement.operator} ${requirement.key}${'values' in requirement ? `:${requirement.values.join()}` : ''};`;
  return key;
}

/** From address classes to peers: the classes outside, and of the pods with such an address all, those on the host's network, or none. */
function blockMembership(
  classes: Classes,
  space: AddressSpace,
): (addresses: readonly number[], which: 'pods' | 'hosts' | 'none') => readonly number[] {
  const podsAt: number[][] = Array.from({ length: space.size }, () => []);
  for (const podClass of classes.all) if (podClass.address >= 0) podsAt[podClass.address]?.push(podClass.index);
  const first = classes.all.length;
  return (addresses, which) => {
    const pods: number[] = [];
    const outside: number[] = [];
    for (const address of addresses) {
      outside.push(first + address);
      if (which === 'none') continue;
      for (const id of podsAt[address] ?? [])
        if (which === 'pods' || classes.all[id]?.hostNetwork === true) pods.push(id);
    }
    return [...pods.sort((a, b) => a - b), ...outside];
  };
}

function usesOtherLabels(scope: NamespaceScope): boolean {
  return scope.kind === 'labels' && scope.selector.some(({ key }) => key !== 'kubernetes.io/metadata.name');
}
