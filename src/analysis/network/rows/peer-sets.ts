/*
 * Peers are numbered: a pod class is its index, from 0 up; a class of addresses outside is the complement of its
 * number, from -1 down. Both can grow without a peer being renumbered.
 */

/** The peer that a class of addresses is. */
export function addressPeer(address: number): number {
  return ~address;
}

/** The class of addresses that a peer is, when it is negative. */
export function addressOfPeer(peer: number): number {
  return ~peer;
}

/**
 * A set of numbers: sorted, and as bits as well once it is a good part of all there are, so that sparse sets stay small
 * and dense ones answer in one step.
 */
export interface NumberSet {
  readonly ids: Int32Array;
  readonly bits: Uint32Array | undefined;
}

/** A set of peers. `everyone` holds every peer, with nothing listed. */
export interface PeerSet {
  readonly pods: NumberSet;
  readonly addresses: NumberSet;
  readonly everyone: boolean;
}

const NOTHING: NumberSet = { ids: new Int32Array(), bits: undefined };
export const EVERY_PEER: PeerSet = { pods: NOTHING, addresses: NOTHING, everyone: true };
export const NO_PEER: PeerSet = { pods: NOTHING, addresses: NOTHING, everyone: false };

/** A set of `sorted` numbers below `size`. */
export function numberSet(sorted: readonly number[] | Int32Array, size: number): NumberSet {
  if (sorted.length === 0) return NOTHING;
  const ids = sorted instanceof Int32Array ? sorted : new Int32Array(sorted);
  const words = (size + 31) >> 5;
  if (ids.length < 16 || ids.length < words / 2) return { ids, bits: undefined };
  const bits = new Uint32Array(words);
  for (const id of ids) bits[id >> 5] = (bits[id >> 5] ?? 0) | (1 << (id & 31));
  return { ids, bits };
}

export function peerSet(pods: NumberSet, addresses: NumberSet = NOTHING): PeerSet {
  return { pods, addresses, everyone: false };
}

export function hasNumber({ ids, bits }: NumberSet, id: number): boolean {
  if (bits) return (((bits[id >> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = ids[middle] as number;
    if (found === id) return true;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

export function hasPeer(set: PeerSet, peer: number): boolean {
  return set.everyone || (peer < 0 ? hasNumber(set.addresses, addressOfPeer(peer)) : hasNumber(set.pods, peer));
}
