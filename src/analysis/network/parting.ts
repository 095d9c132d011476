import { isInBlock, splitSpace } from './address-split.ts';
import type { AddressBlock, AddressSpace } from './address-space.ts';
import type { LabelLines, MentionedLabels } from './class-lines.ts';
import type { Classes } from './classes.ts';
import type { Endpoint } from './endpoints.ts';
import type { IpValue } from './ip.ts';

/** The pods that new lines between labels may part from others of their class. O(classes), and the pods of those with such a key. */
export function partedByLabels(classes: Classes, mentioned: MentionedLabels, before: LabelLines): readonly Endpoint[] {
  const parted: Endpoint[] = [];
  for (const [key, values] of mentioned) {
    const known = before.numbers.get(key);
    const fresh = new Set([...values].filter((value) => known?.values.has(value) !== true));
    if (known && fresh.size === 0) continue;
    for (const { labels, members } of classes.all) {
      const sample = labels[key];
      // Members differ in a key only where it is new, or where none of them has a value that was compared.
      if (known && (typeof sample !== 'string' || known.values.has(sample))) continue;
      for (const pod of members) {
        const value = pod.identity[key];
        if (typeof value === 'string' && (!known || fresh.has(value))) parted.push(pod);
      }
    }
  }
  return parted;
}

/** Draws one more block into a space; the pods that this parts from others with an address of their class move. */
export function splitForPods(
  space: AddressSpace,
  block: AddressBlock,
  classes: Classes,
): { readonly space: AddressSpace; readonly parted: readonly Endpoint[] } {
  const inside = new Map<number, Endpoint[]>();
  const outside = new Map<number, number>();
  if (mayHoldPods(classes, block))
    for (const { address, members, families } of classes.all) {
      if (address < 0) continue;
      for (const pod of members)
        for (const value of pod.addresses) {
          if (families !== (typeof value === 'number' ? 1 : 2)) continue;
          if (isInBlock(value, block)) {
            const known = inside.get(address);
            if (known) known.push(pod);
            else inside.set(address, [pod]);
          } else outside.set(address, (outside.get(address) ?? 0) + 1);
        }
    }
  // The part with fewer pods gets the new number, so that fewer classes change.
  const keepsInside = (address: number): boolean => (inside.get(address)?.length ?? 0) > (outside.get(address) ?? 0);
  const split = splitSpace(space, block, keepsInside);
  const parted = [...split.parts.keys()].flatMap((address) =>
    keepsInside(address)
      ? classes.all
          .filter((podClass) => podClass.address === address)
          .flatMap(({ members }) => members.filter((pod) => pod.addresses.some((value) => !isInBlock(value, block))))
      : (inside.get(address) ?? []),
  );
  return { space: split.space, parted };
}

/** Bounds of the addresses of all pods, for each family: most blocks lie outside. */
const BOUNDS = new WeakMap<Classes, ReadonlyMap<string, readonly [low: IpValue, high: IpValue]>>();

function mayHoldPods(classes: Classes, { range }: AddressBlock): boolean {
  let bounds = BOUNDS.get(classes);
  if (!bounds) {
    const found = new Map<string, readonly [IpValue, IpValue]>();
    for (const { members } of classes.all)
      for (const { addresses } of members)
        for (const value of addresses) {
          const [low, high] = found.get(typeof value) ?? [value, value];
          if (value <= low || value >= high)
            found.set(typeof value, [value < low ? value : low, value > high ? value : high]);
        }
    BOUNDS.set(classes, (bounds = found));
  }
  const own = bounds.get(typeof range.from);
  return own !== undefined && range.from <= own[1] && own[0] <= range.to;
}
