import { once } from '../../../model/memoised.ts';
import type { AddressBlock } from '../addresses/address-space.ts';
import { isInBlock } from '../addresses/address-split.ts';
import type { Endpoint, NetworkWorkload } from './endpoints.ts';

/** Pods by their addresses. Made when it is first asked, and shared with later states of a cluster. */
export interface PodAddresses {
  /** The pods with an address in a block. O(log pods), and those found. */
  within(block: AddressBlock): readonly Endpoint[];
  /** The same after some pods left and others joined. */
  with(leaving: readonly Endpoint[], joining: readonly Endpoint[]): PodAddresses;
}

/** More pods than this that came or went are put in order with the others. */
const MOST_BESIDE = 1_000;

export function podAddresses(workloads: readonly NetworkWorkload[]): PodAddresses {
  return besides(
    once(() => sortedPods(workloads.flatMap(({ endpoints }) => endpoints))),
    new Set(),
    new Set(),
  );
}

function besides(sorted: () => Sorted, gone: ReadonlySet<Endpoint>, more: ReadonlySet<Endpoint>): PodAddresses {
  return {
    within(block) {
      const kept = podsWithin(sorted(), block);
      return [
        ...(gone.size === 0 ? kept : kept.filter((pod) => !gone.has(pod))),
        ...[...more].filter((pod) => hasAddressIn(pod, block)),
      ];
    },
    with(leaving, joining) {
      const out = new Set(leaving);
      const away = new Set([...gone, ...leaving]);
      const here = new Set([...[...more].filter((pod) => !out.has(pod)), ...joining]);
      if (away.size + here.size <= MOST_BESIDE) return besides(sorted, away, here);
      const all = (): readonly Endpoint[] => [...sorted().pods.filter((pod) => !away.has(pod)), ...here];
      return besides(
        once(() => sortedPods(all())),
        new Set(),
        new Set(),
      );
    },
  };
}

/** Pods with IPv4 addresses in the order of these, and pods with IPv6 addresses to be looked through. */
interface Sorted {
  readonly pods: readonly Endpoint[];
  /** An IPv4 address and the place of its pod in one number, sorted. */
  readonly ipv4: Float64Array;
  readonly withIpv6: readonly Endpoint[];
}

/** More than the most pods of a cluster; with 32 bits of address it leaves an exact number. */
const PLACES = 2 ** 20;

function sortedPods(pods: readonly Endpoint[]): Sorted {
  const ipv4: number[] = [];
  const withIpv6: Endpoint[] = [];
  pods.forEach((pod, place) => {
    for (const value of pod.addresses)
      if (typeof value === 'number') ipv4.push(value * PLACES + place);
      else withIpv6.push(pod);
  });
  return { pods, ipv4: Float64Array.from(ipv4).sort(), withIpv6 };
}

function podsWithin({ pods, ipv4, withIpv6 }: Sorted, block: AddressBlock): readonly Endpoint[] {
  const { from, to } = block.range;
  if (typeof from !== 'number' || typeof to !== 'number') return withIpv6.filter((pod) => hasAddressIn(pod, block));
  const found: Endpoint[] = [];
  for (let at = firstFrom(ipv4, from * PLACES); at < ipv4.length; at++) {
    const entry = ipv4[at] ?? 0;
    const value = Math.floor(entry / PLACES);
    if (value > to) break;
    const pod = pods[entry % PLACES];
    if (pod && isInBlock(value, block)) found.push(pod);
  }
  return found;
}

function hasAddressIn({ addresses }: Endpoint, block: AddressBlock): boolean {
  return addresses.some((value) => isInBlock(value, block));
}

/** The place of the first number that is not below a value. */
function firstFrom(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
