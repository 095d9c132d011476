import type { KindKey } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { blockId, type AddressBlock } from './addresses/address-space.ts';
import { changedPart } from './changed-part.ts';
import { drawLines } from './classes/class-lines.ts';
import { createClassSelector } from './classes/class-selector.ts';
import { changeClasses, type ChangedClasses } from './classes/class-update.ts';
import type { Classes } from './classes/classes.ts';
import { createDirectory } from './inhabitants/directory.ts';
import { inhabited, type Inhabitants } from './inhabitants/endpoints.ts';
import {
  areTiersUnknown,
  bothWays,
  createGround,
  groupingOn,
  layFoundation,
  type Foundation,
  type Ground,
} from './foundation.ts';
import { changeInhabitants, type InhabitantsChange } from './inhabitants/inhabitants-update.ts';
import { changeNamespaces, readNamespaces } from './inhabitants/namespaces.ts';
import { createNodeTraffic } from './inhabitants/node-traffic.ts';
import { partByBlock, partByLabels } from './classes/parting.ts';
import type { Policy } from './policies/policy.ts';
import type { Profile } from './profiles/profile.ts';
import { eachTerm } from './policies/each-term.ts';
import { mentionedBy, readPolicies } from './policies/read-policies.ts';
import { groupRows } from './rows/row-groups.ts';
import { policiesIn, regroupRows, type PolicyEdit, type RowChange } from './rows/row-update.ts';
import { POLICY_KINDS, EXTENSION_KINDS } from '../../model/policy-kinds.ts';

/**
 * The foundation of a later snapshot, with all of `old` that the change doesn't touch.
 *
 * - Only changed policies are read and compiled, and only the classes they select move to other rows.
 * - Where a policy draws a new line between pods or addresses, the classes on both sides of it are parted, and nothing else.
 * - Pods that come, go or change leave classes and join others; so do those whose owners are others now. A workload that
 *   comes is put behind the others, one that goes leaves its place empty.
 * - Labels of a namespace touch the classes in it.
 * - What no policy looks at (Services, routes, nodes) leaves everything as it is.
 *
 * Everything is made anew after what is rare or goes deep: other gaps; nodes, where policies name them; the first policy
 * whose addresses mean pods; policies of CNIs and meshes that come, go or see other objects change; changes of many
 * workloads at once; and once most classes are empty. Classes that the policies no longer tell apart stay apart, which costs
 * a little and changes no answer.
 */
export function updateFoundation(old: Foundation, after: Snapshot): Foundation {
  const { profile, ground } = old;
  const changed = changedKinds(old.snapshot, after);
  const extended = [old.snapshot, after].map(hasExtensions);
  if (changed === undefined || extended[0] !== extended[1]) return anew(after, profile);
  const others = changed.filter((kind) => !POLICY_KINDS.includes(kind));
  const nodes = others.includes('Node');
  if ((extended[0] === true && others.length > 0) || (nodes && ground.nodesCut)) return anew(after, profile);

  const read = readPolicies(after, profile, old.read);
  const edit = editOf(old.read.policies, read.policies);
  const { workloads } = ground.inhabitants;
  const known = { workloads, names: ground.directory.names };
  const pods = changeInhabitants(known, old.snapshot, after, others, profile);
  if (!pods) return layFoundation(after, profile, read);
  const inhabitants = inhabitantsAfter(old, after, pods, edit);
  const directory = pods.workloads === workloads ? ground.directory : createDirectory(inhabitants, pods.names);
  const nodeTraffic = nodes || others.includes('Pod') ? createNodeTraffic(after) : ground.nodeTraffic;
  const labelled = old.read.labelled.size > 0 || read.labelled.size > 0;
  const changedGround =
    edit && changeGround(ground, after, profile, { inhabitants, directory, nodeTraffic, pods, edit, labelled });
  if (!edit || !changedGround) return layFoundation(after, profile, read, { inhabitants, directory });

  const tiersUnknown = areTiersUnknown(after, inhabitants, read);
  const grouping = groupingOn(changedGround.ground, after, tiersUnknown, profile);
  const { moved, renamed } = changedGround;
  const { all } = changedGround.ground.classes;
  const rowChange: RowChange = {
    moved,
    renamed,
    renewed: changedGround.ground.compiler !== ground.compiler,
    selecting: policiesIn(new Set([...moved].map((index) => all[index]?.namespace.name ?? '')), read.policies),
  };
  const rows = bothWays((direction) =>
    tiersUnknown === old.tiersUnknown
      ? regroupRows(grouping, old.rows[direction], edit, direction, rowChange)
      : groupRows(grouping, read.policies, direction),
  );
  return { snapshot: after, profile, read, ground: changedGround.ground, tiersUnknown, rows };
}

function anew(after: Snapshot, profile: Profile): Foundation {
  return layFoundation(after, profile, readPolicies(after, profile));
}

/** The kinds of which two snapshots don't hold the very same objects; undefined when they differ in more than objects. */
function changedKinds(before: Snapshot, after: Snapshot): readonly KindKey[] | undefined {
  const same =
    before.locate === after.locate &&
    before.kubernetesVersion === after.kubernetesVersion &&
    isSame(before.coverage.gaps, after.coverage.gaps);
  if (!same) return undefined;
  const kinds = new Set([...before.kinds(), ...after.kinds()]);
  return [...kinds].filter((kind) => !isSame(before.list(kind), after.list(kind)));
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && changedPart(a, b).same);
}

function hasExtensions(snapshot: Snapshot): boolean {
  return EXTENSION_KINDS.some((kind) => snapshot.list(kind).length > 0);
}

/** What came and what went; undefined when what stayed changed places. */
function editOf(before: readonly Policy[], after: readonly Policy[]): PolicyEdit | undefined {
  if (before === after) return { after, removed: [], added: [] };
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

/** The inhabitants with changed workloads and namespaces; the same object when neither is. */
function inhabitantsAfter(
  { snapshot, ground: { inhabitants } }: Foundation,
  after: Snapshot,
  { workloads, leaving, joining }: InhabitantsChange,
  { added, removed }: Pick<PolicyEdit, 'added' | 'removed'> = { added: [], removed: [] },
): Inhabitants {
  const known = inhabitants.namespaces;
  const stillNamed = new Set(added.map(({ ref }) => ref.namespace));
  const isUnheardOf = (name: string | undefined): boolean => name !== undefined && !known.has(name);
  const isObject = (name: string): boolean => after.get('Namespace', undefined, name) !== undefined;
  // A namespace without an object is there as long as somebody is in it, or a NetworkPolicy.
  const mentioned =
    added.some(({ ref }) => isUnheardOf(ref.namespace)) ||
    removed.some(
      ({ ref: { namespace } }) => namespace !== undefined && !stillNamed.has(namespace) && !isObject(namespace),
    ) ||
    joining.some(({ workload }) => isUnheardOf(workload.namespace)) ||
    leaving.some(({ workload }) => workloads[workload.index]?.endpoints.length === 0);
  const namespaces =
    (mentioned ? undefined : changeNamespaces(known, snapshot, after)) ??
    readNamespaces(after, inhabited(workloads), known);
  return workloads === inhabitants.workloads && namespaces === known ? inhabitants : { workloads, namespaces };
}

interface GroundChange extends Pick<Ground, 'inhabitants' | 'directory' | 'nodeTraffic'> {
  readonly pods: InhabitantsChange;
  readonly edit: PolicyEdit;
  /** Some policy chooses its subjects by the labels of namespaces. */
  readonly labelled: boolean;
}

/** Classes that changed are looked at beside the others, until they are more than this part of all. */
const TOUCHED_PART = 1 / 8;
const TOUCHED_LEAST = 256;

/** The ground after a change, and the classes that are not what they were. */
interface ChangedGround extends Pick<ChangedClasses, 'moved' | 'renamed'> {
  readonly ground: Ground;
}

/** The ground after a change; undefined when it has to be laid anew. */
function changeGround(
  old: Ground,
  after: Snapshot,
  profile: Profile,
  { inhabitants, directory, nodeTraffic, pods, edit, labelled }: GroundChange,
): ChangedGround | undefined {
  const mentioned = mentionedBy(edit.added, profile);
  const fresh = new Map<string, AddressBlock>();
  let nodes = false;
  for (const policy of edit.added)
    eachTerm(policy, (term) => {
      if (term.kind === 'block' && old.blocks.get(blockId(term)) === undefined) fresh.set(blockId(term), term);
      nodes ||= term.kind === 'nodes';
    });
  if ((mentioned.blocksHitPods && !old.blocksHitPods) || (nodes && !old.nodesCut)) return undefined;

  const lines = drawLines(mentioned.labels, old.classes.lines);
  const parting = partByLabels(old.classes, mentioned.labels);
  let { space } = old;
  for (const block of fresh.values())
    space = partByBlock(space, block, { classes: old.classes, pods: old.addresses, parting });
  const { blocksHitPods } = old;
  const stays =
    parting.size === 0 &&
    pods.leaving.length === 0 &&
    pods.joining.length === 0 &&
    inhabitants.namespaces === old.inhabitants.namespaces;
  const changed: ChangedClasses = stays
    ? { classes: lines.count === old.classes.lines.count ? old.classes : { ...old.classes, lines }, ...NOTHING_CHANGED }
    : changeClasses(
        old.classes,
        {
          ...pods,
          parting,
          before: { lines: old.classes.lines, space: old.space, blocksHitPods },
          after: { lines, space, blocksHitPods },
          namespaces: inhabitants.namespaces,
        },
        profile,
      );
  const { classes } = changed;
  // Labels of a namespace bear on which policies select in it only where a policy goes by them.
  const renamed = labelled ? new Set<number>() : changed.renamed;
  const touched = new Set([...changed.moved, ...changed.renamed]);
  const moved = labelled ? touched : changed.moved;
  if (classes === old.classes && space === old.space && inhabitants === old.inhabitants)
    return { ground: nodeTraffic === old.nodeTraffic ? old : { ...old, nodeTraffic }, moved, renamed };
  const rooted = touched.size === 0 ? old : rootedAfter(old, classes, touched);
  if (!rooted) return undefined;
  const parts = {
    ...old,
    ...rooted,
    inhabitants,
    directory,
    addresses:
      pods.workloads === old.inhabitants.workloads ? old.addresses : old.addresses.with(pods.leaving, pods.joining),
    blocks:
      fresh.size === 0 ? old.blocks : old.blocks.with(new Map([...fresh.keys()].map((id, number) => [id, number]))),
    space,
    classes,
    nodeTraffic,
  };
  // What terms mean is as before where neither classes nor addresses are others.
  if (touched.size === 0 && space === old.space) return { ground: parts, moved, renamed };
  return { ground: createGround(after, profile, parts), moved, renamed };
}

const NOTHING_CHANGED = { moved: new Set<number>(), renamed: new Set<number>() } as const;

/**
 * The selector of classes, and those that are to be looked at beside it: once those are many a new one is made. Undefined
 * once most classes are empty, so that they are drawn anew.
 */
function rootedAfter(
  old: Ground,
  { all, controller }: Classes,
  touched: ReadonlySet<number>,
): Pick<Ground, 'root' | 'touched'> | undefined {
  const both = new Set([...old.touched, ...touched]);
  if (both.size <= Math.max(TOUCHED_LEAST, all.length * TOUCHED_PART)) return { root: old.root, touched: both };
  const filled = all.filter(({ index, members }) => members.length > 0 || index === controller);
  return filled.length * 2 < all.length ? undefined : { root: createClassSelector(filled), touched: new Set<number>() };
}
