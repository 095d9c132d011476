import { isInBlock, splitSpace } from '../addresses/address-split.ts';
import type { AddressBlock, AddressSpace } from '../addresses/address-space.ts';
import type { MentionedLabels } from '../policies/mentioned.ts';
import type { Classes, PodClass } from './classes.ts';
import type { Endpoint, NetworkWorkload } from '../inhabitants/endpoints.ts';
import type { IpValue } from '../addresses/ip.ts';

/** Pods that leave their class because they are told apart from its others now, by the index of the class. */
export type Parting = Map<number, readonly Endpoint[]>;

/**
 * Parts the classes through which new lines between labels go; the largest part stays. O(classes), and the pods of those
 * that have the key.
 */
export function partByLabels(classes: Classes, mentioned: MentionedLabels): Parting {
  const parting: Parting = new Map();
  const fresh: Fresh[] = [];
  for (const [key, values] of mentioned) {
    const known = classes.lines.numbers.get(key)?.values;
    const more = new Set([...values].filter((value) => known?.has(value) !== true));
    if (!known || more.size > 0) fresh.push({ key, known, values: more, divided: dividedBy(classes, key) });
  }
  if (fresh.length === 0) return parting;
  for (const podClass of classes.all) {
    if (podClass.members.length < 2) continue;
    let open: Fresh[] | undefined;
    for (const line of fresh) if (mayDivide(line, podClass)) (open ??= []).push(line);
    if (!open) continue;
    const parts = new Map<string, Endpoint[]>();
    for (const pod of podClass.members) {
      let side = '';
      for (const { key, values } of open) {
        const value: unknown = pod.identity[key];
        side += typeof value !== 'string' ? '-' : values.has(value) ? `=${value}` : '+';
      }
      const known = parts.get(side);
      if (known) known.push(pod);
      else parts.set(side, [pod]);
    }
    if (parts.size < 2) continue;
    const [, ...others] = [...parts.values()].sort((a, b) => b.length - a.length);
    parting.set(podClass.index, others.flat());
  }
  return parting;
}

/** New lines in one key: values it was not compared with before. */
interface Fresh {
  readonly key: string;
  /** The values it was compared with; undefined when no selector had the key. */
  readonly known: ReadonlyMap<string, number> | undefined;
  readonly values: ReadonlySet<string>;
  readonly divided: (podClass: PodClass) => boolean;
}

/** Members may differ in a key only where it is new, or where none has a value that was compared. */
function mayDivide({ key, known, divided }: Fresh, podClass: PodClass): boolean {
  if (known) {
    const sample: unknown = podClass.labels[key];
    if (typeof sample !== 'string' || known.has(sample)) return false;
  }
  return divided(podClass);
}

/** Whether pods of a class differ in a key. Few do, and the next line is often in a key that was asked for before. */
function dividedBy({ divided: byKey }: Classes, key: string): (podClass: PodClass) => boolean {
  let known = byKey.get(key);
  if (!known) byKey.set(key, (known = new WeakMap<PodClass, boolean>()));
  const found = known;
  return (podClass) => {
    let divided = found.get(podClass);
    if (divided === undefined) {
      const sample = podClass.labels[key];
      divided = podClass.members.some((pod) => pod.identity[key] !== sample);
      found.set(podClass, divided);
    }
    return divided;
  };
}

/** Draws one more block into a space, and adds the pods that this parts from others with an address of their class. */
export function partByBlock(
  space: AddressSpace,
  block: AddressBlock,
  {
    classes,
    workloads,
    parting,
  }: { readonly classes: Classes; readonly workloads: readonly NetworkWorkload[]; readonly parting: Parting },
): AddressSpace {
  // Pods inside, by class, and how many there are at each class of addresses, inside and in all.
  const inside = new Map<number, Endpoint[]>();
  const counts = new Map<number, number>();
  for (const [value, pod] of podsWithin(workloads, block))
    for (const { index, address, families, members } of classes.ofWorkload[pod.workload.index] ?? []) {
      if (address < 0 || families !== (typeof value === 'number' ? 1 : 2) || !members.includes(pod)) continue;
      counts.set(address, (counts.get(address) ?? 0) + 1);
      const known = inside.get(index);
      if (known) known.push(pod);
      else inside.set(index, [pod]);
    }
  const totals = new Map<number, number>();
  if (inside.size > 0)
    for (const { address, members } of classes.all)
      if (counts.has(address)) totals.set(address, (totals.get(address) ?? 0) + members.length);
  // The part with fewer pods gets the new number, so that fewer classes change.
  const keepsInside = (address: number): boolean => (counts.get(address) ?? 0) * 2 > (totals.get(address) ?? 0);
  const split = splitSpace(space, block, keepsInside);
  if (inside.size > 0)
    for (const { index, address, members } of classes.all) {
      if (!split.parts.has(address)) continue;
      const within = new Set(inside.get(index));
      const moving = keepsInside(address) ? members.filter((pod) => !within.has(pod)) : [...within];
      if (moving.length > 0) parting.set(index, [...new Set([...(parting.get(index) ?? []), ...moving])]);
    }
  return split.space;
}

/** Pods by address, made once for each list of workloads: IPv4 in order of the address, IPv6 to be looked through. */
interface ByAddress {
  readonly pods: readonly Endpoint[];
  /** An IPv4 address and the place of its pod in one number, sorted. */
  readonly ipv4: Float64Array;
  readonly ipv6: readonly (readonly [bigint, Endpoint])[];
}

/** More than the most pods of a cluster; with 32 bits of address it leaves an exact number. */
const PLACES = 2 ** 20;
const BY_ADDRESS = new WeakMap<readonly NetworkWorkload[], ByAddress>();

function podsByAddress(workloads: readonly NetworkWorkload[]): ByAddress {
  let known = BY_ADDRESS.get(workloads);
  if (!known) {
    const pods: Endpoint[] = [];
    const ipv4: number[] = [];
    const ipv6: (readonly [bigint, Endpoint])[] = [];
    for (const { endpoints } of workloads)
      for (const pod of endpoints)
        for (const value of pod.addresses) {
          if (typeof value === 'number') ipv4.push(value * PLACES + pods.push(pod) - 1);
          else ipv6.push([value, pod]);
        }
    BY_ADDRESS.set(workloads, (known = { pods, ipv4: Float64Array.from(ipv4).sort(), ipv6 }));
  }
  return known;
}

/** The pods in a block, each with its address there. */
function podsWithin(
  workloads: readonly NetworkWorkload[],
  block: AddressBlock,
): readonly (readonly [IpValue, Endpoint])[] {
  const { pods, ipv4, ipv6 } = podsByAddress(workloads);
  const { from, to } = block.range;
  if (typeof from !== 'number' || typeof to !== 'number') return ipv6.filter(([value]) => isInBlock(value, block));
  const found: (readonly [number, Endpoint])[] = [];
  for (let at = firstFrom(ipv4, from * PLACES); at < ipv4.length; at++) {
    const entry = ipv4[at] ?? 0;
    const value = Math.floor(entry / PLACES);
    if (value > to) break;
    const pod = pods[entry % PLACES];
    if (pod && isInBlock(value, block)) found.push([value, pod]);
  }
  return found;
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
