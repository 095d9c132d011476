import type { NumberedGroup } from './numbered-groups.ts';

/** A set of peers that many lists of sources hold wholly. */
export interface Core {
  /** Their places, sorted. */
  members(): readonly number[];
}

export interface Cores {
  /** The sources of a group as cores it holds wholly, none of them overlapping, and the peers that are left. */
  partsOf(group: NumberedGroup): { readonly held: readonly Core[]; readonly rest: readonly number[] };
}

/** A list joins a core when they have this share of both in common; a core never shrinks below it. */
const ALIKE = 0.9;
/** More kinds of lists than this are written out: looking for a core costs each list a comparison with all. */
const MOST = 256;

interface Draft extends Core {
  bits: Uint32Array;
  size: number;
  lists: number;
  readonly atFirst: number;
}

/**
 * Finds what long lists of sources have in common. From the shortest to the longest, each joins the core it is most alike,
 * which shrinks to what they share; or it begins one. A group with one destination says nothing of that peer as a source,
 * so it counts as a member where that keeps a core whole.
 */
export function findCores(long: readonly NumberedGroup[], size: number): Cores {
  const words = (size + 31) >>> 5;
  const drafts: Draft[] = [];
  for (const group of [...long].sort((a, b) => a.from.length - b.from.length)) {
    const list = bitsOf(group, words);
    const length = group.from.length;
    let best: Draft | undefined;
    let most = 0;
    for (const draft of drafts) {
      const common = countCommon(draft.bits, list.withSelf);
      if (common <= most || common < ALIKE * length || common < ALIKE * draft.atFirst) continue;
      [best, most] = [draft, common];
    }
    if (best) {
      best.bits = best.bits.map((word, i) => word & (list.withSelf[i] ?? 0));
      best.size = most;
      best.lists++;
    } else if (drafts.length < MOST) drafts.push(draftOf(list.withSelf));
  }
  const bySize = drafts.filter(({ lists }) => lists > 1).sort((a, b) => b.size - a.size);
  const isLong = new Set(long);
  return {
    partsOf(group) {
      if (!isLong.has(group)) return { held: [], rest: [...group.from] };
      const { bits, withSelf } = bitsOf(group, words);
      const held = bySize.filter((core) => {
        if (countCommon(core.bits, withSelf) !== core.size) return false;
        core.bits.forEach((word, i) => {
          bits[i] = (bits[i] ?? 0) & ~word;
          withSelf[i] = (withSelf[i] ?? 0) & ~word;
        });
        return true;
      });
      return { held, rest: placesIn(bits) };
    },
  };
}

function draftOf(bits: Uint32Array): Draft {
  const size = countCommon(bits, bits);
  return {
    bits,
    size,
    atFirst: size,
    lists: 1,
    members() {
      return placesIn(this.bits);
    },
  };
}

function bitsOf(
  { from, to }: NumberedGroup,
  words: number,
): { readonly bits: Uint32Array; readonly withSelf: Uint32Array } {
  const bits = new Uint32Array(words);
  for (let i = 0; i < from.length; i++) mark(bits, from[i] ?? 0);
  const withSelf = bits.slice();
  if (to.length === 1) mark(withSelf, to[0] ?? 0);
  return { bits, withSelf };
}

function mark(bits: Uint32Array, place: number): void {
  bits[place >>> 5] = (bits[place >>> 5] ?? 0) | (1 << (place & 31));
}

function countCommon(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += popcount((a[i] ?? 0) & (b[i] ?? 0));
  return count;
}

/** Bits set in a word (Warren, Hacker's Delight, 5-2). */
function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x5555_5555);
  v = (v & 0x3333_3333) + ((v >>> 2) & 0x3333_3333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

function placesIn(bits: Uint32Array): readonly number[] {
  const places: number[] = [];
  bits.forEach((word, i) => {
    for (let rest = word; rest !== 0; rest &= rest - 1) places.push(i * 32 + 31 - Math.clz32(rest & -rest));
  });
  return places;
}
