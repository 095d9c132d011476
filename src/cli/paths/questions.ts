import type { Command } from 'commander';
import { defaultFootholds, DEFAULT_GOALS } from '../../analysis/attack/index.ts';
import { parseNode, type AttackNode } from '../../analysis/attack/nodes.ts';
import { quoted } from '../print-report.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** The flags that ask: a foothold and a goal, each optional. */
export interface QuestionOptions {
  readonly from?: string;
  readonly to?: string;
}

/** A foothold and a goal. */
export interface Pair {
  readonly from: AttackNode;
  readonly to: AttackNode;
}

/** Adds `--from` and `--to`, the same for every subcommand. */
export function addQuestionOptions(command: Command): Command {
  return command
    .option(
      '--from <foothold>',
      'Kind[:[namespace/]name], e.g. Internet or Shell:shop/web (default: Internet, then every workload)',
    )
    .option('--to <goal>', 'the same, e.g. Root or ClusterAdmin (default: ClusterAdmin, then Root)');
}

/** Foothold and goal as written; throws SW_ATTACK_NODE before any source is read. */
export function readQuestion({ from, to }: QuestionOptions): Partial<Pair> {
  return {
    ...(from === undefined ? {} : { from: parseNode(from) }),
    ...(to === undefined ? {} : { to: parseNode(to) }),
  };
}

/** The flags of a question as they were written, for the commands that are suggested. */
export function asWritten({ from, to }: QuestionOptions): readonly string[] {
  return [
    ...(from === undefined ? [] : [`--from ${quoted(from)}`]),
    ...(to === undefined ? [] : [`--to ${quoted(to)}`]),
  ];
}

/** Every foothold with every goal; the usual ones where one is left out. */
export function pairsOf({ from, to }: Partial<Pair>, ...snapshots: readonly Snapshot[]): readonly Pair[] {
  const footholds = from ? [from] : defaultFootholds(...snapshots);
  return (to ? [to] : DEFAULT_GOALS).flatMap((goal) => footholds.map((foothold) => ({ from: foothold, to: goal })));
}
