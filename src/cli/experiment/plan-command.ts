import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { addOutputOption, printDocument, stylesFor, write } from '../output.ts';
import {
  addExperimentOptions,
  preparedExperiments,
  readFiles,
  withCluster,
  type ExperimentOptions,
} from './context.ts';
import { planScreen } from './screen.ts';

/** `experiment plan`: what an experiment would touch and look at. */
export function registerPlan(experiment: Command, io: Io): void {
  const plan = experiment
    .command('plan')
    .description('show what an experiment would touch and look at; changes nothing');
  addOutputOption(addExperimentOptions(plan), ['table', 'json', 'yaml']).action((options: ExperimentOptions) =>
    showPlans(options, io),
  );
}

async function showPlans(options: ExperimentOptions, io: Io): Promise<void> {
  const files = await readFiles(options, io);
  await withCluster(options, io, async (client) => {
    for await (const { prepared } of preparedExperiments(files, options, client, io)) {
      const { plan } = prepared;
      if (!(await printDocument(io, options.output, plan))) await write(io.stdout, planScreen(plan, stylesFor(io)));
    }
  });
}
