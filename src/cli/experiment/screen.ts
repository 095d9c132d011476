import type { RunEvent } from '../../experiments/conductor/run-event.ts';
import type { ExperimentPlan, ExperimentRun } from '../../experiments/design/run-record.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Styles } from '../output.ts';

const MARKS = { holds: '✓', violated: '✗', unknown: '?' } as const;

/** What would be done, for the person who says yes or no: what is touched stands first. */
export function planScreen(plan: ExperimentPlan, styles: Styles): string {
  const { touched, within, because } = plan.blastRadius;
  const lines = [
    styles.bold(`Experiment ${plan.metadata.name}`),
    `  context     ${plan.context} (${plan.server})`,
    `  touches     ${counted(touched.pods.length, 'pod')}${touched.pods.length === 0 ? '' : `: ${touched.pods.join(', ')}`}`,
    `              namespaces ${touched.namespaces.join(', ') || 'none'}; nodes ${touched.nodes.join(', ') || 'none'}`,
    `  limit       ${counted(plan.blastRadius.limit.maxPods, 'pod')}, ${counted(plan.blastRadius.limit.maxNodes, 'node')}, namespaces ${plan.blastRadius.limit.namespaces.join(', ')}: ${within ? 'within' : styles.red('EXCEEDED')}`,
    ...because.map((why) => `              ${styles.red(why)}`),
    `  lasts       ${formatDuration(plan.lastsMs)} (${plan.design.kind})`,
    '  faults',
    ...plan.faults.flatMap(({ fault, says, endsBy }) => [`    ${fault}: ${says}`, `      if killed: ${endsBy.says}`]),
    '  must keep holding',
    ...plan.hypothesis.flatMap(({ claim, statement, looks }) => [
      `    ${claim}: ${statement}`,
      ...looks.slice(0, 6).map((look) => `      looks: ${look}`),
      ...(looks.length > 6 ? [`      and ${looks.length - 6} more`] : []),
    ]),
    ...plan.stopWhen.map(({ claim, violatedFor }) => `  stops when  ${claim} has not held for ${violatedFor}`),
    ...plan.notes.map((note) => `  note        ${note}`),
  ];
  return `${lines.join('\n')}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What was found. The verdicts first, then what became of the faults, then what is left behind. */
export function runScreen(run: ExperimentRun, styles: Styles): string {
  const colour = { holds: styles.green, violated: styles.red, unknown: styles.yellow };
  const lines = [
    styles.bold(`Experiment ${run.metadata.name}: ${run.state}${run.because === undefined ? '' : ` (${run.because})`}`),
    ...run.verdicts.flatMap(({ claim, statement, verdict, level, because }) => [
      `${colour[verdict](`${MARKS[verdict]} ${verdict}`)}  ${claim}: ${statement} [${level}]`,
      ...because.map(({ says }) => `    because ${says}`),
    ]),
    'Faults',
    ...run.faults.flatMap(({ says, bit, undoneAt }) => [
      `  ${says}`,
      `    ${bit.bit === true ? 'bit' : bit.bit === false ? 'DID NOT BITE' : 'unknown whether it bit'}: ${bit.says}; ${undoneAt === undefined ? 'NOT TAKEN BACK' : 'taken back'}`,
    ]),
    ...(run.residue.length === 0
      ? ['Nothing is left behind.']
      : [styles.red('Left behind:'), ...run.residue.map(({ what, remedy }) => `  ${what}\n    ${remedy}`)]),
    `run ${run.metadata.run}, seed ${run.seed}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** One line for what happens while a run goes on; looks that hold are not worth one. */
export function eventLine(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'phase':
      return `${event.phase}${event.block === undefined ? '' : ` (block ${event.block + 1})`} for ${formatDuration(event.lastsMs)}`;
    case 'injected':
      return `fault: ${event.says}`;
    case 'takenBack':
      return `taken back: ${event.says}${event.residue > 0 ? ` (${event.residue} things left)` : ''}`;
    case 'bit':
      return `${event.check.bit === true ? 'it bit' : event.check.bit === false ? 'it did not bite' : 'unknown whether it bit'}: ${event.check.says}`;
    case 'ending':
      return `${event.state}: ${event.because}`;
    case 'point':
      if (event.group !== 'all' || event.point.verdict === 'holds') return undefined;
      return `${MARKS[event.point.verdict]} ${event.claim}: ${event.point.says ?? event.point.verdict}`;
  }
}
