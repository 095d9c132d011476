import type { Command } from 'commander';
import { registerPlan } from '../experiment/plan-command.ts';
import { registerRecover } from '../experiment/recover-command.ts';
import { registerRun } from '../experiment/run-command.ts';
import { registerAbort, registerList, registerStatus } from '../experiment/runs-commands.ts';
import type { Io } from '../io.ts';

/** `experiment`: a hypothesis under fault, and the guaranteed way back. */
export function registerExperiment(program: Command, io: Io): void {
  const experiment = program.command('experiment').description('try claims while something is broken on purpose');
  registerPlan(experiment, io);
  registerRun(experiment, io);
  registerRecover(experiment, io);
  registerStatus(experiment, io);
  registerList(experiment, io);
  registerAbort(experiment, io);
}
