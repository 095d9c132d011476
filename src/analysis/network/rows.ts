import { blockId, type AddressSpace } from './address-space.ts';
import type { Classes, PodClass } from './classes.ts';
import { EVERY_PEER, hasPeer, peerSet, type ClassSelector, type PeerSet } from './peer-sets.ts';
import { type Action, type Direction, type PeerTerm, type Policy, type PolicyRule, type PortTerm } from './policy.ts';
import { ALL, NONE, type PortId, type PortTable } from './port-table.ts';
import { singlePort } from './ports.ts';
import type { Profile } from './profile.ts';

/** The ports of a rule; named ones depend on the destination, so they are resolved by its signature. */
export interface CompiledPorts {
  readonly key: string;
  on(signature: number): PortId;
}

export interface CompiledRule {
  readonly action: Action;
  readonly peers: PeerSet;
  readonly ports: CompiledPorts;
}

/** What the policies of one direction say about every class that is selected by exactly the same ones. */
export interface Row {
  readonly index: number;
  readonly classes: readonly PodClass[];
  readonly policies: readonly Policy[];
  /** Some namespace policy isolates, or may isolate without our knowing it. */
  readonly isolated: boolean;
  /** Rules of the namespace tier, duplicates dropped: any of them may allow. */
  readonly rules: readonly CompiledRule[];
  /** Rules of all policies of a tier in the order in which they are tried. */
  readonly admin: readonly CompiledRule[];
  readonly baseline: readonly CompiledRule[];
  /** A policy in an ordered tier can't be read: nothing is certain here. */
  readonly uncertain: boolean;
}

export interface Rows {
  readonly list: readonly Row[];
  /** The row of each class, by class index. */
  readonly of: Int32Array;
}

export interface RowsInput {
  readonly policies: readonly Policy[];
  readonly classes: Classes;
  readonly space: AddressSpace;
  readonly selector: ClassSelector;
  readonly table: PortTable;
  readonly profile: Profile;
  /** Address classes of the nodes whose labels a `nodes` peer picks; undefined when they are not known. */
  readonly nodeAddresses: (term: PeerTerm & { readonly kind: 'nodes' }) => readonly number[] | undefined;
  /** Namespaces with policies that could not be read: their pods count as isolated, so nothing is listed on a guess. */
  readonly maybeIsolated: (namespace: string) => boolean;
  /** An admin or baseline policy could not be read. */
  readonly tiersUnknown: boolean;
}

export interface Compiler {
  readonly universe: number;
  rules(policy: Policy, direction: Direction): readonly CompiledRule[];
  portsOf(ports: 'all' | readonly PortTerm[]): CompiledPorts;
  /** The peers one term certainly names. */
  peersOf(term: PeerTerm): PeerSet;
  /** Classes a policy selects as subject. */
  subjects(policy: Policy): readonly number[];
  rowsOf(direction: Direction): Rows;
}

/** Turns policies into rows. Each distinct selector, block and port list is looked at once. */
export function createCompiler(input: RowsInput): Compiler {
  const { classes, space, selector, profile, policies } = input;
  const universe = classes.all.length + space.size;
  const blockMembers = blockMembership(classes, space);
  const memo = new Map<string, PeerSet>();
  const remember = (key: string, make: () => PeerSet): PeerSet => {
    let known = memo.get(key);
    if (!known) memo.set(key, (known = make()));
    return known;
  };
  const termSet = (term: PeerTerm): PeerSet => {
    switch (term.kind) {
      case 'everyone':
        return EVERY_PEER;
      case 'nobody':
      case 'names':
        return NOBODY_SET;
      case 'pods': {
        const key = `p${JSON.stringify([term.namespaces, term.pods, profile.hostNetworkPeersNeedPodSelector && term.podsGiven])}`;
        const withHosts = profile.hostNetworkPeersNeedPodSelector && term.podsGiven;
        return remember(key, () => peerSet(selector.select(term.namespaces, term.pods, withHosts), universe));
      }
      case 'block': {
        const hitsPods = profile.ipBlockSelectsPods || (term.everywhere && profile.networksSelectPods);
        const key = `b${hitsPods}${blockId(term)}`;
        return remember(key, () => peerSet(blockMembers(space.inside(term), hitsPods), universe));
      }
      case 'nodes': {
        const key = `n${JSON.stringify(term.selector)}`;
        return remember(key, () => peerSet(blockMembers(input.nodeAddresses(term) ?? [], false), universe));
      }
    }
  };
  const compilePorts = portCompiler(input);
  // A rule with several peers is as many rules with one: in a union anyway, and in an ordered tier because they
  // follow each other with the same action and ports.
  const compileRule = (rule: PolicyRule): readonly CompiledRule[] => {
    const ports = compilePorts(rule.ports);
    return rule.peers.map(({ term }) => ({ action: rule.action, peers: termSet(term), ports }));
  };
  const compiled = new Map<Policy, Readonly<Record<Direction, readonly CompiledRule[]>>>();
  const rules = (policy: Policy, direction: Direction): readonly CompiledRule[] => {
    let known = compiled.get(policy);
    if (!known) {
      known = { ingress: policy.rules.ingress.flatMap(compileRule), egress: policy.rules.egress.flatMap(compileRule) };
      compiled.set(policy, known);
    }
    return known[direction];
  };
  const subjectMemo = new Map<string, readonly number[]>();
  const subjects = (policy: Policy): readonly number[] => {
    const key = JSON.stringify([policy.subject.namespaces, policy.subject.pods]);
    let found = subjectMemo.get(key);
    if (!found) {
      found = selector.select(policy.subject.namespaces, policy.subject.pods);
      // Admin tiers never have a host-network pod as subject.
      subjectMemo.set(key, found);
    }
    if (policy.tier === 'namespace') return found;
    return found.filter(
      (index) =>
        index !== classes.controller && (classes.all[index]?.hostNetwork !== true || profile.hostNetworkPods === 'pod'),
    );
  };
  const rowsOf = (direction: Direction): Rows => {
    const selecting: number[][] = classes.all.map(() => []);
    policies.forEach((policy, index) => {
      if (!bearsOn(policy, direction)) return;
      for (const subject of subjects(policy)) selecting[subject]?.push(index);
    });
    const byKey = new Map<string, PodClass[]>();
    for (const podClass of classes.all) {
      const unread = podClass.reading === 'pod' && input.maybeIsolated(podClass.namespace.name);
      const key = `${selecting[podClass.index]?.join() ?? ''}${unread ? '?' : ''}`;
      const known = byKey.get(key);
      if (known) known.push(podClass);
      else byKey.set(key, [podClass]);
    }
    const of = new Int32Array(classes.all.length);
    const list = [...byKey].map(([key, members], index): Row => {
      for (const member of members) of[member.index] = index;
      const mine = (selecting[members[0]?.index ?? 0] ?? []).flatMap((i) => policies[i] ?? []);
      return createRow(index, members, mine, key.endsWith('?'), direction, rules, input.tiersUnknown);
    });
    return { list, of };
  };
  return { universe, rules, peersOf: termSet, portsOf: compilePorts, subjects, rowsOf };
}

const NOBODY_SET: PeerSet = { ids: new Int32Array(), bits: undefined, everyone: false };

function bearsOn(policy: Policy, direction: Direction): boolean {
  return policy.tier === 'namespace'
    ? policy.isolates[direction] || policy.invalid
    : policy.rules[direction].length > 0 || policy.invalid;
}

function createRow(
  index: number,
  members: readonly PodClass[],
  policies: readonly Policy[],
  unread: boolean,
  direction: Direction,
  rules: Compiler['rules'],
  tiersUnknown: boolean,
): Row {
  const ofTier = (tier: Policy['tier']): readonly Policy[] => policies.filter((policy) => policy.tier === tier);
  const ordered = (tier: 'admin' | 'baseline'): readonly CompiledRule[] =>
    [...ofTier(tier)].sort(byPriority).flatMap((policy) => rules(policy, direction));
  const namespaced = ofTier('namespace');
  const distinct = new Map<PeerSet, Map<string, CompiledRule>>();
  for (const policy of namespaced) {
    if (policy.invalid) continue;
    for (const rule of rules(policy, direction)) {
      let ports = distinct.get(rule.peers);
      if (!ports) distinct.set(rule.peers, (ports = new Map()));
      ports.set(rule.ports.key, rule);
    }
  }
  return {
    index,
    classes: members,
    policies,
    isolated: unread || namespaced.length > 0,
    rules: [...distinct.values()].flatMap((ports) => [...ports.values()]),
    admin: ordered('admin'),
    baseline: ordered('baseline'),
    uncertain: tiersUnknown || policies.some((policy) => policy.invalid && policy.tier !== 'namespace'),
  };
}

/** Equal priorities are undefined; by name, as kube-network-policies breaks the tie. Reported as a problem elsewhere. */
export function byPriority(a: Policy, b: Policy): number {
  return a.priority - b.priority || (a.ref.name < b.ref.name ? -1 : a.ref.name > b.ref.name ? 1 : 0);
}

/** From address classes to peers: the classes outside the cluster, and the pods with such an address. */
function blockMembership(
  classes: Classes,
  space: AddressSpace,
): (addresses: readonly number[], hitsPods: boolean) => readonly number[] {
  const podsAt: number[][] = Array.from({ length: space.size }, () => []);
  for (const podClass of classes.all) if (podClass.address >= 0) podsAt[podClass.address]?.push(podClass.index);
  const first = classes.all.length;
  return (addresses, hitsPods) => {
    const outside = addresses.map((address) => first + address);
    if (!hitsPods) return outside;
    return [...addresses.flatMap((address) => podsAt[address] ?? []), ...outside].sort((a, b) => a - b);
  };
}

function portCompiler({ classes, table }: RowsInput): (ports: 'all' | readonly PortTerm[]) => CompiledPorts {
  const memo = new Map<string, CompiledPorts>();
  const everything: CompiledPorts = { key: '*', on: () => ALL };
  return (ports) => {
    if (ports === 'all') return everything;
    let fixed: PortId = NONE;
    const named: string[] = [];
    for (const port of ports) {
      if (port.kind === 'numbers') fixed = table.union(fixed, table.id(port.ports));
      else named.push(`${port.name}/${port.protocol ?? ''}`);
    }
    const key = `${fixed},${named.sort().join()}`;
    const known = memo.get(key);
    if (known) return known;
    const bySignature: PortId[] = [];
    const compiled: CompiledPorts =
      named.length === 0
        ? { key, on: () => fixed }
        : {
            key,
            on: (signature) =>
              (bySignature[signature] ??= (classes.signatures[signature] ?? []).reduce(
                (sum, port) =>
                  named.includes(`${port.name}/${port.protocol}`) || named.includes(`${port.name}/`)
                    ? table.union(sum, table.id(singlePort(port.protocol, port.port)))
                    : sum,
                fixed,
              )),
          };
    memo.set(key, compiled);
    return compiled;
  };
}

/** What an ordered tier does with each port of one connection. */
export interface Folded {
  readonly allowed: PortId;
  readonly denied: PortId;
  /** Passed on or never matched: the next tier decides. */
  readonly rest: PortId;
}

/** First match decides, port by port. */
export function fold(rules: readonly CompiledRule[], peer: number, signature: number, table: PortTable): Folded {
  let open: PortId = ALL;
  let allowed: PortId = NONE;
  let denied: PortId = NONE;
  let passed: PortId = NONE;
  for (const rule of rules) {
    if (open === NONE) break;
    if (!hasPeer(rule.peers, peer)) continue;
    const hit = table.intersect(open, rule.ports.on(signature));
    if (hit === NONE) continue;
    if (rule.action === 'allow') allowed = table.union(allowed, hit);
    else if (rule.action === 'deny') denied = table.union(denied, hit);
    else passed = table.union(passed, hit);
    open = table.subtract(open, hit);
  }
  return { allowed, denied, rest: table.union(passed, open) };
}

/** The ports the namespace tier allows with one peer; everything when the row is not isolated. */
export function namespacePorts(row: Row, peer: number, signature: number, table: PortTable): PortId {
  let allowed: PortId = NONE;
  for (const rule of row.rules) {
    if (allowed === ALL) break;
    if (hasPeer(rule.peers, peer)) allowed = table.union(allowed, rule.ports.on(signature));
  }
  return allowed;
}

/** The ports one direction allows with one peer: admin, then namespace policies where they isolate, else baseline. */
export function portsWith(row: Row, peer: number, signature: number, table: PortTable): PortId {
  if (row.uncertain) return NONE;
  if (row.admin.length === 0 && row.baseline.length === 0)
    return row.isolated ? namespacePorts(row, peer, signature, table) : ALL;
  const admin = fold(row.admin, peer, signature, table);
  if (admin.rest === NONE) return admin.allowed;
  const below = row.isolated
    ? namespacePorts(row, peer, signature, table)
    : table.subtract(ALL, fold(row.baseline, peer, signature, table).denied);
  return table.union(admin.allowed, table.intersect(admin.rest, below));
}
