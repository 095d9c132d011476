import { findCores, type Core } from './cores.ts';
import type { NumberedGroup, NumberedGroups } from './numbered-groups.ts';

/** Peers that stand together in many groups, under a name such as `{set 1}`. */
export interface PeerSet {
  readonly name: string;
  readonly members: readonly string[];
}

/** Everybody of one side may use these ports to everybody of the other. A side names peers and sets. */
export interface FoldedGroup {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly ports: string;
}

/** The list of connections as products; with their members in their place, the sets unfold to the list. */
export interface Folded {
  readonly sets: readonly PeerSet[];
  readonly groups: readonly FoldedGroup[];
}

/** Sources are written with sets from this many on, or from this share of all peers; fewer are read faster as they are. */
const LONG = 64;
const LONG_SHARE = 1 / 16;

/**
 * Writes groups with names, what thousands of lists of sources have in common only once. Groups are sorted by the first
 * peer of each side. O(members of the groups + long lists * sets * peers / 32).
 */
export function fold({ names, groups }: NumberedGroups, long = Math.max(LONG, names.length * LONG_SHARE)): Folded {
  const cores = findCores(
    groups.filter(({ from }) => from.length >= long),
    names.length,
  );
  const sets = new Map<Core, PeerSet>();
  const nameOf = (place: number): string => names[place] ?? '';
  const setOf = (core: Core): PeerSet => {
    let set = sets.get(core);
    if (!set) sets.set(core, (set = { name: `{set ${sets.size + 1}}`, members: core.members().map(nameOf) }));
    return set;
  };
  const write = (group: NumberedGroup): FoldedGroup => {
    const { held, rest } = cores.partsOf(group);
    return {
      from: [...held.map((core) => setOf(core).name), ...rest.map(nameOf)],
      to: Array.from(group.to, nameOf),
      ports: group.ports,
    };
  };
  const sorted = [...groups].sort(
    (a, b) => (a.from[0] ?? 0) - (b.from[0] ?? 0) || (a.to[0] ?? 0) - (b.to[0] ?? 0) || (a.ports < b.ports ? -1 : 1),
  );
  return { groups: sorted.map(write), sets: [...sets.values()] };
}
