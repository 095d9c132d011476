import type { PodClass } from '../classes/classes.ts';
import { hasPeer, type PeerSet } from './peer-sets.ts';
import {
  isByPriority,
  STAGES,
  type Action,
  type Direction,
  type Policy,
  type PolicyRule,
  type Stage,
} from '../policies/policy.ts';
import type { CompiledPorts } from './port-terms.ts';
import { ALL, NONE, type PortId, type PortTable } from '../ports/port-table.ts';

export interface CompiledRule {
  readonly action: Action;
  readonly peers: PeerSet;
  readonly ports: CompiledPorts;
}

/** One stage of a chain for one row. */
export interface CompiledStage {
  /**
   * Allowing rules only, so order means nothing and duplicates are dropped; otherwise the rules in the order in
   * which they are tried.
   */
  readonly ordered: boolean;
  readonly rules: readonly CompiledRule[];
  /** The same rules turn by turn, where order counts. */
  readonly turns: readonly Turn<CompiledRule>[];
  /** What matched nothing is denied here. */
  readonly isolates: boolean;
}

/** What the policies of one direction say about every class that is selected by exactly the same ones. */
export interface Row {
  readonly index: number;
  readonly classes: readonly PodClass[];
  readonly policies: readonly Policy[];
  /** Policies of its namespace could not be read. */
  readonly unread: boolean;
  /** A policy of an ordered stage can't be read: nothing is certain here. */
  readonly uncertain: boolean;
}

export interface Rows {
  /** Rows by index. One that has lost all its classes stays until another takes its place. */
  readonly list: readonly Row[];
  /** The row of each class, by class index. */
  readonly of: Int32Array;
  /** What the policies of a row say, compiled when first asked for. */
  readonly body: (row: Row) => RowBody;
}

/** What the policies of a row say, whoever is in it. */
export interface RowBody {
  /** One chain of stages for each layer that has any. */
  readonly layers: readonly (readonly CompiledStage[])[];
  /** The only stage, when it is a plain union of allowing rules that isolates: nearly every row is so. */
  readonly union: CompiledStage | undefined;
}

/** The compiled rules of a policy in one direction. */
export type RulesOf = (policy: Policy, direction: Direction) => readonly CompiledRule[];

/** Compiles the bodies of rows, each list of policies once. */
export function createBodies(direction: Direction, rules: RulesOf, tiesByName: boolean): Rows['body'] {
  const made = new WeakMap<readonly Policy[], RowBody>();
  return ({ policies, unread }) => {
    let body = made.get(policies);
    if (!body) {
      const layers = layersOf(policies, unread).map((stages) =>
        stages.map((stage) => compileStage(stage, direction, rules, tiesByName)),
      );
      const [only] = layers[0] ?? [];
      const single = layers.length === 1 && layers[0]?.length === 1 && only && !only.ordered && only.isolates;
      made.set(policies, (body = { layers, union: single ? only : undefined }));
    }
    return body;
  };
}

export function createRow(row: Omit<Row, 'uncertain'>, tiersUnknown: boolean): Row {
  return {
    ...row,
    uncertain: tiersUnknown || row.policies.some((policy) => policy.invalid && policy.tier !== 'namespace'),
  };
}

/** The policies of one stage, and whether others may be there that were not read. */
export interface StagePolicies {
  readonly stage: Stage;
  readonly policies: readonly Policy[];
  readonly unread: boolean;
}

/** Puts policies into the stages of each layer, in the order in which they decide. */
export function layersOf(policies: readonly Policy[], unread: boolean): readonly (readonly StagePolicies[])[] {
  const [first] = policies;
  if (first && !unread && policies.every(({ tier }) => tier === first.tier) && first.tier !== 'extension')
    return [[{ stage: first.stage, policies, unread }]];
  const stages = new Map<string, { stage: Stage; policies: Policy[]; unread: boolean }>();
  const at = (stage: Stage): { policies: Policy[]; unread: boolean } => {
    const key = `${stage.layer} ${stage.order} ${stage.name}`;
    let known = stages.get(key);
    if (!known) stages.set(key, (known = { stage, policies: [], unread: false }));
    return known;
  };
  for (const policy of policies) at(policy.stage).policies.push(policy);
  if (unread) at(STAGES.namespace).unread = true;
  const layers = Map.groupBy(stages.values(), ({ stage }) => stage.layer);
  return [...layers.values()].map((layer) =>
    layer.sort((a, b) => a.stage.order - b.stage.order || (a.stage.name < b.stage.name ? -1 : 1)),
  );
}

/** A rule with its policy. */
type PlacedRule = readonly [Policy, PolicyRule];

/** Rules tried at one time: a list for each policy of which any may come first. */
export type Turn<Rule> = readonly (readonly Rule[])[];

/** The rules of a stage in the order in which they are tried, each with its policy. Policies that are not valid have their place, too. */
function rulesInOrder(policies: readonly Policy[], direction: Direction): readonly PlacedRule[] {
  const all = [...policies]
    .sort(byOrder)
    .flatMap((policy) => policy.rules[direction].map((rule) => [policy, rule] as const));
  return all.some(([, rule]) => rule.order !== undefined)
    ? all.sort(([p, a], [q, b]) => (a.order ?? orderOf(p)) - (b.order ?? orderOf(q)))
    : all;
}

/**
 * The rules of a stage in turns. Between policies of one priority the API leaves it to the implementation which comes first:
 * they share a turn, unless the profile breaks ties by name.
 */
export function rulesInTurns(
  policies: readonly Policy[],
  direction: Direction,
  tiesByName: boolean,
): readonly Turn<PlacedRule>[] {
  const inOrder = rulesInOrder(policies, direction);
  if (tiesByName || !policies.some(isByPriority) || inOrder.every(([, { action }]) => action === 'allow'))
    return [[inOrder]];
  const turns = Map.groupBy(inOrder, ([policy]) => orderOf(policy));
  return [...turns.values()].map((turn) => [...Map.groupBy(turn, ([policy]) => policy).values()]);
}

/** Whether any two of some policies that are tried by priority would be tried in the same turn. */
export function haveTies(ranked: ReadonlySet<Policy>): boolean {
  return new Set([...ranked].map((policy) => `${policy.tier} ${orderOf(policy)}`)).size < ranked.size;
}

function compileStage(
  { policies, unread }: StagePolicies,
  direction: Direction,
  rules: RulesOf,
  tiesByName: boolean,
): CompiledStage {
  const valid = policies.filter(({ invalid }) => !invalid);
  const isolates = unread || policies.some((policy) => policy.isolates[direction] || policy.invalid);
  const ordered = valid.some((policy) => policy.rules[direction].some(({ action }) => action !== 'allow'));
  if (ordered) {
    const mixed = valid.some((policy) => policy.rules[direction].some(({ order }) => order !== undefined));
    const turns = rulesInTurns(valid, direction, tiesByName).map((turn) =>
      turn.map((list) =>
        mixed
          ? list.flatMap(([policy, rule]) => rulesOfOne(policy, rule, direction, rules))
          : [...new Set(list.map(([policy]) => policy))].flatMap((policy) => rules(policy, direction)),
      ),
    );
    return { ordered, rules: turns.flat(2), turns, isolates };
  }
  const distinct = new Map<PeerSet, Map<string, CompiledRule>>();
  for (const policy of valid) {
    for (const rule of rules(policy, direction)) {
      let ports = distinct.get(rule.peers);
      if (!ports) distinct.set(rule.peers, (ports = new Map()));
      ports.set(rule.ports.key, rule);
    }
  }
  return { ordered, rules: [...distinct.values()].flatMap((ports) => [...ports.values()]), turns: [], isolates };
}

/** The compiled rules of one rule of a policy. */
function rulesOfOne(policy: Policy, rule: PolicyRule, direction: Direction, rules: RulesOf): readonly CompiledRule[] {
  const alone: Policy = { ...policy, rules: { ingress: [], egress: [], [direction]: [rule] } };
  return rules(alone, direction);
}

/** By order; what is equal, by name, as kube-network-policies and Calico break the tie. */
function byOrder(a: Policy, b: Policy): number {
  return orderOf(a) - orderOf(b) || (a.ref.name < b.ref.name ? -1 : a.ref.name > b.ref.name ? 1 : 0);
}

function orderOf(policy: Policy): number {
  return policy.order ?? policy.priority;
}

/** The ports one direction allows with one peer, for certain. */
export function portsWith(rows: Rows, row: Row, peer: number, signature: number, table: PortTable): PortId {
  if (row.uncertain) return NONE;
  const { layers, union } = rows.body(row);
  if (union) return unionWith(union.rules, peer, signature, table);
  let ports: PortId = ALL;
  for (const stages of layers) {
    ports = table.intersect(ports, throughStages(stages, peer, signature, table));
    if (ports === NONE) break;
  }
  return ports;
}

/** The ports a union of allowing rules opens to one peer. */
export function unionWith(rules: readonly CompiledRule[], peer: number, signature: number, table: PortTable): PortId {
  let allowed: PortId = NONE;
  for (const rule of rules) {
    if (allowed === ALL) break;
    if (hasPeer(rule.peers, peer)) allowed = table.union(allowed, rule.ports.on(signature));
  }
  return allowed;
}

/** First match decides, port by port; stage by stage. */
function throughStages(stages: readonly CompiledStage[], peer: number, signature: number, table: PortTable): PortId {
  let rest: PortId = ALL;
  let allowed: PortId = NONE;
  for (const stage of stages) {
    let passed: PortId = NONE;
    if (stage.ordered) {
      for (const turn of stage.turns) {
        const said = { allow: NONE, deny: NONE, pass: NONE };
        for (const list of turn) {
          let left = rest;
          for (const rule of list) {
            if (left === NONE) break;
            if (!hasPeer(rule.peers, peer)) continue;
            const hit = table.intersect(left, rule.ports.on(signature));
            if (hit === NONE) continue;
            said[rule.action] = table.union(said[rule.action], hit);
            left = table.subtract(left, hit);
          }
        }
        // Where policies of a turn differ, only what the worst of them leaves is certain.
        const passes = table.subtract(said.pass, said.deny);
        allowed = table.union(allowed, table.subtract(table.subtract(said.allow, said.deny), said.pass));
        passed = table.union(passed, passes);
        rest = table.subtract(table.subtract(table.subtract(rest, said.allow), said.deny), said.pass);
        if (rest === NONE) break;
      }
    } else {
      const hit = table.intersect(rest, unionWith(stage.rules, peer, signature, table));
      allowed = table.union(allowed, hit);
      rest = table.subtract(rest, hit);
    }
    rest = stage.isolates ? passed : table.union(passed, rest);
    if (rest === NONE) break;
  }
  return table.union(allowed, rest);
}

/** Nothing restricts this row. */
export function isOpen(row: Row): boolean {
  return row.policies.length === 0 && !row.unread && !row.uncertain;
}
