import type { Because } from '../../../model/because.ts';
import { memoisedWeakly } from '../../../model/memoised.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { Classes, PodClass } from '../classes/classes.ts';
import type { Compiler } from '../rows/compiler.ts';
import { enrolment } from '../inhabitants/mesh.ts';
import {
  NETWORK_POLICY_ORDER,
  type Action,
  type Direction,
  type Path,
  type Policy,
  type PolicyRule,
} from '../policies/policy.ts';
import { ALL, NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import { layersOf, rulesInTurns, type Rows, type StagePolicies } from '../rows/rows.ts';
import type { Terms } from '../rows/terms.ts';
import { createWording } from './wording.ts';

/**
 * Judges one pair of peers with every reason kept, in three values: what can't be known (a gap, an address nobody
 * gave, a policy the API would refuse) leaves both outcomes open instead of picking one.
 */
export interface Judgement {
  /** Ports that some reading of what is known allows. */
  readonly mayAllow: PortId;
  /** Ports that some reading denies. Allowed for certain: mayAllow without mayDeny. */
  readonly mayDeny: PortId;
  readonly reasons: readonly Reason[];
}

export interface Reason {
  readonly effect: 'allows' | 'denies' | 'open';
  readonly ports: PortId;
  readonly because: Because;
}

/** Whether reasons that are what a policy does are to be told. */
export type About = (policy: Policy) => boolean;

export interface JudgeInput {
  readonly snapshot: Snapshot;
  readonly classes: Classes;
  readonly table: PortTable;
  readonly terms: Terms;
  readonly compiler: Compiler;
  readonly rows: Readonly<Record<Direction, Rows>>;
  /** Why policies of the namespace tier may be missing for pods of a namespace. */
  readonly namespaceGaps: (namespace: string) => readonly Because[];
  /** Why policies of the ordered tiers, or of kinds that are not evaluated, may be missing. */
  readonly tierGaps: (direction: Direction, subject: PodClass) => readonly Because[];
  readonly describe: (peer: number) => string;
  /** Whether admin policies of one priority are tried by name. */
  readonly tiesByName: boolean;
}

export interface Judge {
  /** One direction of a connection: what the policies of `subject` say about `peer`, on ports of the destination. */
  direction(direction: Direction, subject: number, peer: number, about?: About): Judgement;
  /** Both directions. With `about`, reasons that are what other policies do are left out. */
  connection(source: number, destination: number, about?: About): Judgement;
}

/** What a chain of stages, or part of one, may do with ports. */
interface Outcome {
  readonly allow: PortId;
  readonly deny: PortId;
  /** What no stage so far has decided for certain. */
  readonly rest: PortId;
}

/** One direction of a connection that is judged. */
interface Asked {
  readonly dir: Direction;
  readonly subject: number;
  readonly peer: number;
  readonly unread: readonly Because[];
  /** Where reasons are put. */
  readonly reasons: Reason[];
  readonly about: About | undefined;
}

type Said = Readonly<Record<Action, PortId>>;

export function createJudge(input: JudgeInput): Judge {
  const { classes, table, compiler, rows, terms } = input;
  const words = createWording(input);
  // Rows are asked about again and again.
  const layers = {
    read: memoisedWeakly((of: readonly Policy[]) => layersOf(of, false)),
    unread: memoisedWeakly((of: readonly Policy[]) => layersOf(of, true)),
  };
  const turnsIn = (dir: Direction) =>
    memoisedWeakly((policies: readonly Policy[]) => {
      const turns = rulesInTurns(policies, dir, input.tiesByName);
      return { turns, union: turns.flat(2).every(([, { action }]) => action === 'allow') };
    });
  const turnsOf = { ingress: turnsIn('ingress'), egress: turnsIn('egress') };

  const direction: Judge['direction'] = (dir, subject, peer, about) => {
    const podClass = classes.all[subject];
    if (!podClass) return { mayAllow: ALL, mayDeny: NONE, reasons: [] };
    const reasons: Reason[] = [];
    const tierGaps = input.tierGaps(dir, podClass);
    if (tierGaps.length > 0) {
      for (const because of tierGaps) reasons.push({ effect: 'open', ports: ALL, because });
      return { mayAllow: ALL, mayDeny: ALL, reasons };
    }
    const row = rows[dir].list[rows[dir].of[subject] ?? -1];
    const unread = podClass.reading === 'pod' ? input.namespaceGaps(podClass.namespace.name) : [];
    let mayAllow: PortId = ALL;
    let mayDeny: PortId = NONE;
    let networkRest: PortId = ALL;
    for (const layer of layers[unread.length > 0 ? 'unread' : 'read'](row?.policies ?? NO_POLICIES)) {
      const inMesh = layer[0]?.stage.layer === 'mesh';
      const outcome = throughStages(layer, { dir, subject, peer, unread, reasons, about });
      const enrolled = inMesh ? enrolment(podClass) : 'in';
      mayAllow = table.intersect(mayAllow, enrolled === 'in' ? table.union(outcome.allow, outcome.rest) : ALL);
      mayDeny = table.union(mayDeny, outcome.deny);
      if (inMesh && enrolled === 'unknown' && outcome.deny !== NONE)
        reasons.push({ effect: 'open', ports: outcome.deny, because: words.enrolment(subject) });
      if (!inMesh) networkRest = outcome.rest;
    }
    if (networkRest !== NONE)
      reasons.push({ effect: 'allows', ports: networkRest, because: words.default(podClass, dir, subject) });
    return { mayAllow, mayDeny, reasons };
  };

  const throughStages = (stages: readonly StagePolicies[], asked: Asked): Outcome => {
    let before: Outcome = { allow: NONE, deny: NONE, rest: ALL };
    for (const stage of stages) {
      if (before.rest === NONE) break;
      const after = throughStage(stage, before.rest, asked);
      before = {
        allow: table.union(before.allow, after.allow),
        deny: table.union(before.deny, after.deny),
        rest: after.rest,
      };
    }
    return before;
  };

  const throughStage = (
    stage: StagePolicies,
    start: PortId,
    { dir, subject, peer, unread, reasons, about }: Asked,
  ): Outcome => {
    const signature = classes.all[dir === 'ingress' ? subject : peer]?.signature ?? 0;
    const { turns, union } = turnsOf[dir](stage.policies);
    let rest = start;
    const said = { allow: NONE, deny: NONE, pass: NONE };
    for (const turn of turns) {
      const before = { ...said };
      let after = rest;
      for (const list of turn) {
        let left = rest;
        for (const [policy, rule] of list) {
          // In a union every rule that matches is a reason, the first as much as the last.
          const found = matchRule(policy, rule, peer, signature);
          const ports = table.intersect(union ? start : left, found.ports);
          if (found.match === 'no' || ports === NONE) continue;
          for (const because of found.uncertain) reasons.push({ effect: 'open', ports, because });
          said[rule.action] = table.union(said[rule.action], ports);
          if (rule.action !== 'pass' && (!about || about(policy))) {
            const effect = rule.action === 'allow' ? 'allows' : 'denies';
            const because = words.rule(policy, rule, found.path, ports, effect, subject, peer);
            reasons.push({ effect, ports, because });
          }
          if (stage.unread && (rule.order ?? policy.order ?? policy.priority) > NETWORK_POLICY_ORDER) {
            // A NetworkPolicy that could not be read may have decided before.
            for (const because of unread) reasons.push({ effect: 'open', ports, because });
            said.allow = table.union(said.allow, ports);
            said.deny = table.union(said.deny, ports);
          }
          if (found.match === 'yes') left = table.subtract(left, ports);
          else if (policy.invalid && !union) {
            said.allow = table.union(said.allow, ports);
            said.deny = table.union(said.deny, ports);
          }
        }
        after = table.intersect(after, left);
      }
      if (turn.length > 1) {
        const open = disputed(before, said);
        const policies = turn.flatMap(([first]) => (first ? [first[0]] : []));
        if (open !== NONE) reasons.push({ effect: 'open', ports: open, because: words.tie(policies) });
      }
      rest = after;
    }
    const { allow, deny, pass: passed } = said;
    const invalid = stage.policies.filter((policy) => policy.invalid);
    const doubts = [...(stage.unread ? unread : []), ...invalid.map(words.invalid)];
    if (rest === NONE) return { allow, deny, rest: passed };
    for (const because of doubts) reasons.push({ effect: 'open', ports: rest, because });
    const isolating = stage.policies.filter((policy) => policy.isolates[dir] && !policy.invalid);
    if (isolating.length > 0) {
      for (const policy of about ? isolating.filter(about) : isolating)
        reasons.push({ effect: 'denies', ports: rest, because: words.isolation(policy, dir, subject) });
      // A policy that could not be read may allow what the others don't.
      return {
        allow: doubts.length > 0 ? table.union(allow, rest) : allow,
        deny: table.union(deny, rest),
        rest: passed,
      };
    }
    // A policy that could not be read may isolate, and then allow, deny or leave the rest to nobody else.
    const perhaps = doubts.length > 0 ? rest : NONE;
    return { allow: table.union(allow, perhaps), deny: table.union(deny, perhaps), rest: table.union(passed, rest) };
  };

  /** Ports of which the policies of one turn say different things. */
  const disputed = (before: Said, after: Said): PortId => {
    const [allow, deny, pass] = (['allow', 'deny', 'pass'] as const).map((action) =>
      table.subtract(after[action], before[action]),
    ) as [PortId, PortId, PortId];
    const either = table.union(table.intersect(allow, deny), table.intersect(allow, pass));
    return table.union(either, table.intersect(deny, pass));
  };

  const matchRule = (
    policy: Policy,
    rule: PolicyRule,
    peer: number,
    signature: number,
  ): { match: 'yes' | 'no' | 'maybe'; ports: PortId; path: Path; uncertain: readonly Because[] } => {
    const ports = compiler.portsOf(rule.ports).on(signature);
    let maybe: { path: Path; uncertain: Because } | undefined;
    for (const { term, path } of rule.peers) {
      const match = terms.match(term, peer);
      if (match === 'no') continue;
      if (match !== 'yes') {
        maybe ??= { path, uncertain: words.uncertainty(match, policy, path, peer) };
        continue;
      }
      if (policy.invalid) return { match: 'maybe', ports, path, uncertain: [words.invalid(policy)] };
      if (rule.conditional !== undefined)
        return { match: 'maybe', ports, path, uncertain: [words.conditional(policy, rule, rule.conditional)] };
      return { match: 'yes', ports, path, uncertain: [] };
    }
    return maybe
      ? { match: 'maybe', ports, path: maybe.path, uncertain: [maybe.uncertain] }
      : { match: 'no', ports, path: rule.path, uncertain: [] };
  };

  const connection: Judge['connection'] = (source, destination, about) => {
    const out = direction('egress', source, destination, about);
    const into = direction('ingress', destination, source, about);
    return {
      mayAllow: table.intersect(out.mayAllow, into.mayAllow),
      mayDeny: table.union(out.mayDeny, into.mayDeny),
      reasons: [...out.reasons, ...into.reasons],
    };
  };
  return { direction, connection };
}

const NO_POLICIES: readonly Policy[] = [];
