import type { Snapshot } from '../../model/snapshot.ts';
import { blockId } from './address-space.ts';
import type { Mentioned } from './classes.ts';
import { EXTENSION_KINDS } from './extensions/index.ts';
import { areTiersUnknown, bothWays, groupingOn, layFoundation, type Foundation, type Ground } from './foundation.ts';
import type { Policy } from './policy.ts';
import type { Profile } from './profile.ts';
import { changedPart, eachTerm, mentionedBy, POLICY_KINDS, readPolicies } from './read-policies.ts';
import { groupRows, regroupRows, type PolicyEdit } from './row-groups.ts';

/**
 * The foundation of a later snapshot, with all of `old` that the change doesn't touch.
 *
 * - Only policies differ, and the new ones look at no label, port name or block that no policy looked at before:
 *   they alone are read and compiled, and only the classes they select move to other rows.
 * - Only policies differ, and one of them draws a new line between pods or addresses: classes are made anew, among
 *   the same inhabitants; the other policies are not read again.
 * - Anything else differs (pods, namespaces, gaps): everything is made anew.
 *
 * Classes that the policies no longer tell apart stay apart, which costs a little and changes no answer.
 */
export function updateFoundation(old: Foundation, after: Snapshot): Foundation {
  const { profile } = old;
  if (!differsInPoliciesOnly(old.snapshot, after)) return layFoundation(after, profile, readPolicies(after, profile));
  const read = readPolicies(after, profile, old.read);
  // Where policies of CNIs and meshes come or go, more than labels may count, or no longer.
  if (hasExtensions(old.snapshot) !== hasExtensions(after)) return layFoundation(after, profile, read);
  const edit = editOf(old.read.policies, read.policies);
  const { ground } = old;
  if (edit === undefined || !knows(ground, edit.added, profile))
    return layFoundation(after, profile, read, { inhabitants: ground.inhabitants, directory: ground.directory });
  const tiersUnknown = areTiersUnknown(after, ground.inhabitants, read);
  const grouping = groupingOn(ground, after, tiersUnknown);
  const rows = bothWays((direction) =>
    tiersUnknown === old.tiersUnknown
      ? regroupRows(grouping, old.rows[direction], edit, direction)
      : groupRows(grouping, read.policies, direction),
  );
  return { snapshot: after, profile, read, ground, tiersUnknown, rows };
}

/** Whether two snapshots hold the very same objects of every kind that is no policy, and lack the same. */
function differsInPoliciesOnly(before: Snapshot, after: Snapshot): boolean {
  const kinds = new Set([...before.kinds(), ...after.kinds()]);
  for (const kind of POLICY_KINDS) kinds.delete(kind);
  return (
    before.locate === after.locate &&
    before.kubernetesVersion === after.kubernetesVersion &&
    isSame(before.coverage.gaps, after.coverage.gaps) &&
    [...kinds].every((kind) => isSame(before.list(kind), after.list(kind)))
  );
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && changedPart(a, b).same);
}

function hasExtensions(snapshot: Snapshot): boolean {
  return EXTENSION_KINDS.some((kind) => snapshot.list(kind).length > 0);
}

/** What came and what went; undefined when what stayed changed places. */
function editOf(before: readonly Policy[], after: readonly Policy[]): PolicyEdit | undefined {
  const part = changedPart(before, after);
  const [was, is] = [new Set(part.removed), new Set(part.added)];
  const kept = part.added.filter((policy) => was.has(policy));
  let next = 0;
  for (const policy of part.removed) if (is.has(policy) && policy !== kept[next++]) return undefined;
  return {
    after,
    removed: part.removed.filter((policy) => !is.has(policy)),
    added: part.added.filter((policy) => !was.has(policy)),
  };
}

/** Whether classes and address space are fine enough for more policies. */
function knows({ mentioned, blocks, nodesCut }: Ground, policies: readonly Policy[], profile: Profile): boolean {
  let known = covers(mentioned, mentionedBy(policies, profile));
  for (const policy of policies)
    eachTerm(policy, (term) => {
      known &&= term.kind === 'block' ? blocks.has(blockId(term)) : term.kind !== 'nodes' || nodesCut;
    });
  return known;
}

function covers(known: Mentioned, more: Mentioned): boolean {
  return (
    (known.blocksHitPods || !more.blocksHitPods) &&
    [...more.labels].every(([key, values]) => {
      const compared = known.labels.get(key);
      return compared !== undefined && [...values].every((value) => compared.has(value));
    })
  );
}
