import { at, records, stringMap, text } from '../../model/json.ts';
import { matches, type LabelSelector } from '../../model/selectors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { blockId, createAddressSpace, type AddressBlock, type AddressSpace } from './addresses/address-space.ts';
import { classify, type Classes } from './classes/classes.ts';
import { createCompiler, type Compiler } from './rows/compiler.ts';
import { createDirectory, type Directory } from './inhabitants/directory.ts';
import type { Inhabitants } from './inhabitants/endpoints.ts';
import { readInhabitants } from './inhabitants/read-inhabitants.ts';
import { extensionGaps } from './policies/extensions/index.ts';
import { parseIp, type IpValue } from './addresses/ip.ts';
import { podAddresses, type PodAddresses } from './inhabitants/pod-addresses.ts';
import { createNodeTraffic, type NodeTraffic } from './inhabitants/node-traffic.ts';
import { createClassSelector, patchSelector, type ClassSelector } from './classes/class-selector.ts';
import { keyIndex, type KeyIndex } from './classes/key-index.ts';
import type { Direction } from './policies/policy.ts';
import { createPortTable, type PortTable } from './ports/port-table.ts';
import type { Profile } from './profiles/profile.ts';
import { eachTerm } from './policies/each-term.ts';
import { mentionedBy, type ReadPolicies } from './policies/read-policies.ts';
import { groupRows, type GroupingInput } from './rows/row-groups.ts';
import type { Rows } from './rows/rows.ts';
import { keyOfSelector } from './policies/selector-key.ts';
import { createTerms, type Terms } from './rows/terms.ts';
import { NETWORK_POLICY, ADMIN_POLICY_KINDS } from '../../model/policy-kinds.ts';

/**
 * What pods, namespaces and addresses are to the policies of a snapshot. An edit of a policy leaves it as it is, as long
 * as the policy looks at nothing that no policy looked at before. Nothing here changes but what is remembered.
 */
export interface Ground {
  readonly inhabitants: Inhabitants;
  readonly directory: Directory;
  readonly addresses: PodAddresses;
  /** Whether some address block can hit a pod. */
  readonly blocksHitPods: boolean;
  /** Every block the address space was cut for, numbered, by its id. */
  readonly blocks: KeyIndex;
  /** The address space was cut at the addresses of the nodes, too. */
  readonly nodesCut: boolean;
  readonly space: AddressSpace;
  readonly classes: Classes;
  /** The selector of the classes as they were at one time. */
  readonly root: ClassSelector;
  /** The classes that are not what they were then. */
  readonly touched: ReadonlySet<number>;
  readonly table: PortTable;
  readonly terms: Terms;
  readonly compiler: Compiler;
  readonly nodeTraffic: NodeTraffic;
}

/** The ground with the policies on it. */
export interface Foundation {
  readonly snapshot: Snapshot;
  readonly profile: Profile;
  readonly read: ReadPolicies;
  readonly ground: Ground;
  readonly tiersUnknown: boolean;
  readonly rows: Readonly<Record<Direction, Rows>>;
}

/** Lays the foundation of an analysis. `earlier` are the inhabitants, when they are known to be the same. */
export function layFoundation(
  snapshot: Snapshot,
  profile: Profile,
  read: ReadPolicies,
  earlier?: Pick<Ground, 'inhabitants' | 'directory'>,
): Foundation {
  const inhabitants = earlier?.inhabitants ?? readInhabitants(snapshot, profile);
  const directory = earlier?.directory ?? createDirectory(inhabitants);
  const blocks = new Map<string, AddressBlock>();
  let nodesCut = false;
  for (const policy of read.policies)
    eachTerm(policy, (term) => {
      if (term.kind === 'block') blocks.set(blockId(term), term);
      nodesCut ||= term.kind === 'nodes';
    });
  const hosts = nodesCut ? nodeAddresses(snapshot).all.map(hostBlock) : [];
  const space = createAddressSpace([...blocks.values(), ...hosts], profile.families);
  const mentioned = mentionedBy(read.policies, profile);
  const { blocksHitPods } = mentioned;
  const classes = classify(inhabitants, mentioned, space, profile);
  const ground = createGround(snapshot, profile, {
    inhabitants,
    directory,
    addresses: podAddresses(inhabitants.workloads),
    blocksHitPods,
    blocks: keyIndex(new Map([...blocks.keys()].map((id, number) => [id, number]))),
    nodesCut,
    space,
    classes,
    root: createClassSelector(classes.all),
    touched: new Set(),
    table: createPortTable(),
    nodeTraffic: createNodeTraffic(snapshot),
  });
  const tiersUnknown = areTiersUnknown(snapshot, inhabitants, read);
  const grouping = groupingOn(ground, snapshot, tiersUnknown, profile);
  const rows = bothWays((direction) => groupRows(grouping, read.policies, direction));
  return { snapshot, profile, read, ground, tiersUnknown, rows };
}

/** Adds to the parts of a ground what terms and policies mean on it. */
export function createGround(snapshot: Snapshot, profile: Profile, parts: Omit<Ground, 'terms' | 'compiler'>): Ground {
  const { classes, space, table, touched } = parts;
  const nodes = nodeAddresses(snapshot);
  const selector = touched.size === 0 ? parts.root : patchSelector(parts.root, classes.all, touched);
  const terms = createTerms({
    classes,
    space,
    selector,
    profile,
    nodeAddresses: memoisedSelector((asked) => {
      const found = nodes.matching(asked)?.map((value) => space.classOf(value));
      return found && [...new Set(found)].filter((address) => address >= 0).sort((a, b) => a - b);
    }),
  });
  return { ...parts, terms, compiler: createCompiler({ classes, selector, table, profile, terms }) };
}

export function bothWays<T>(make: (direction: Direction) => T): Readonly<Record<Direction, T>> {
  return { ingress: make('ingress'), egress: make('egress') };
}

export function groupingOn(
  { classes, compiler }: Pick<Ground, 'classes' | 'compiler'>,
  snapshot: Snapshot,
  tiersUnknown: boolean,
  { tiesByName }: Profile,
): GroupingInput {
  const known = new Map<string, boolean>();
  return {
    classes,
    compiler,
    maybeIsolated(namespace) {
      let found = known.get(namespace);
      if (found === undefined) known.set(namespace, (found = snapshot.gaps([NETWORK_POLICY], namespace).length > 0));
      return found;
    },
    tiersUnknown,
    tiesByName,
  };
}

/** Why policies of the ordered tiers, or of kinds that are not evaluated, may be missing. */
export function areTiersUnknown(snapshot: Snapshot, inhabitants: Inhabitants, read: ReadPolicies): boolean {
  return (
    snapshot.gaps(ADMIN_POLICY_KINDS).length > 0 ||
    extensionGaps(snapshot).length > 0 ||
    (read.labelled.size > 0 && labelsUnknown(inhabitants))
  );
}

export function labelsUnknown({ namespaces }: Inhabitants): boolean {
  return [...namespaces.values()].some(({ labelsKnown }) => !labelsKnown);
}

function hostBlock(value: IpValue): AddressBlock {
  return { range: { from: value, to: value }, except: [] };
}

/** Addresses of the nodes, of all and by labels; undefined when not every node is known. */
function nodeAddresses(snapshot: Snapshot): {
  readonly all: readonly IpValue[];
  readonly matching: (selector: LabelSelector) => readonly IpValue[] | undefined;
} {
  const nodes = snapshot.list('Node').map(({ object }) => ({
    labels: stringMap(object.metadata.labels),
    addresses: records(at(object, 'status', 'addresses')).flatMap(
      ([, entry]) => parseIp(text(entry['address']) ?? '') ?? [],
    ),
  }));
  const known = nodes.length > 0 && snapshot.gaps(['Node']).length === 0;
  return {
    all: nodes.flatMap((node) => node.addresses),
    matching: (selector) =>
      known ? nodes.filter((node) => matches(selector, node.labels)).flatMap((node) => node.addresses) : undefined,
  };
}

function memoisedSelector<T>(compute: (selector: LabelSelector) => T): (selector: LabelSelector) => T {
  const known = new Map<string, T>();
  return (selector) => {
    const key = keyOfSelector(selector);
    if (!known.has(key)) known.set(key, compute(selector));
    return known.get(key) as T;
  };
}
