import { splitSpace } from '../addresses/address-split.ts';
import type { AddressBlock, AddressSpace } from '../addresses/address-space.ts';
import type { MentionedLabels } from '../policies/mentioned.ts';
import type { Classes, PodClass } from './classes.ts';
import type { Endpoint } from '../inhabitants/endpoints.ts';
import type { PodAddresses } from '../inhabitants/pod-addresses.ts';

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
  { classes, pods, parting }: { readonly classes: Classes; readonly pods: PodAddresses; readonly parting: Parting },
): AddressSpace {
  const inside = classesWithin(classes, block, pods);
  let keeping: ReadonlySet<number> = new Set();
  const { space: after, parts } = splitSpace(space, block, (addresses) => {
    // The part with fewer pods gets the new number, so that fewer classes change.
    const excess = new Map<number, number>();
    const add = (address: number, pods: number): void => void excess.set(address, (excess.get(address) ?? 0) + pods);
    for (const [{ address }, own] of inside) if (addresses.has(address)) add(address, 2 * own.length);
    if (excess.size > 0)
      for (const { address, members } of classes.all) if (excess.has(address)) add(address, -members.length);
    return (keeping = new Set([...excess].flatMap(([address, pods]) => (pods > 0 ? address : []))));
  });
  const part = ({ index }: PodClass, moving: readonly Endpoint[]): void => {
    if (moving.length > 0) parting.set(index, [...new Set([...(parting.get(index) ?? []), ...moving])]);
  };
  for (const [podClass, own] of inside)
    if (parts.has(podClass.address) && !keeping.has(podClass.address)) part(podClass, own);
  if (keeping.size > 0)
    for (const podClass of classes.all) {
      if (!keeping.has(podClass.address)) continue;
      const own = new Set(inside.get(podClass));
      part(
        podClass,
        podClass.members.filter((pod) => !own.has(pod)),
      );
    }
  return after;
}

/** The classes that stand for an address in a block, each with its pods there. */
function classesWithin(
  classes: Classes,
  block: AddressBlock,
  pods: PodAddresses,
): ReadonlyMap<PodClass, readonly Endpoint[]> {
  const within = new Set(pods.within(block));
  const family = typeof block.range.from === 'number' ? 1 : 2;
  const found = new Map<PodClass, readonly Endpoint[]>();
  for (const index of new Set([...within].map(({ workload }) => workload.index)))
    for (const podClass of classes.ofWorkload[index] ?? []) {
      if (podClass.address < 0 || podClass.families !== family || found.has(podClass)) continue;
      const own = podClass.members.filter((pod) => within.has(pod));
      if (own.length > 0) found.set(podClass, own);
    }
  return found;
}
