import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { connect } from '../../cluster/connect.ts';
import { startLab } from '../../lab/lab.ts';
import { labPaths } from '../../lab/state.ts';
import { allReady, deploy, SHOP } from '../demo/shop.ts';
import type { Io } from '../io.ts';
import { repeated } from '../input/option-values.ts';
import { ensureWritable, formatOfFile } from '../report-file.ts';
import { runVerify } from '../verify/run.ts';

const REPORT = 'seaworthy-demo.html';

interface DemoOptions {
  readonly report?: readonly string[];
}

/** `demo`: the main job on the embedded lab, from nothing to nothing. */
export function registerDemo(program: Command, io: Io): void {
  program
    .command('demo')
    .description(
      'a shop in the lab, what its owners believe proven with packets and faults, a report; all is taken away again',
    )
    .option('--report <file>', `where the report goes (repeatable; default: ${REPORT})`, repeated)
    .action((options: DemoOptions) => runDemo(options, program, io));
}

async function runDemo({ report = [REPORT] }: DemoOptions, program: Command, io: Io): Promise<void> {
  // Before the long work: a place that can't be written is said now.
  for (const file of report) {
    formatOfFile(file);
    await ensureWritable(file, io);
  }
  const begun = performance.now();
  const say = (text: string): void => {
    if (io.stderr.isTTY === true) io.stderr.write(`${seconds(begun).padStart(5)} s  ${text}\n`);
  };
  say('starting a cluster in a box: three nodes, real processes, real packets');
  const lab = await startLab({ env: io.env, progress: say, signal: io.signal });
  try {
    const client = connect({ labKubeconfig: lab.kubeconfigPath }, io.env, io.cwd);
    try {
      say('deploying the demo shop');
      await deploy(client);
      await allReady(client, io.signal);
    } finally {
      client.close();
    }
    say('the shop is up; judging what its owners believe');
    // What an experiment notes down of this cluster is of no use once the cluster is gone.
    const state = join(labPaths(io.env).directory, 'state');
    await runVerify(
      {
        lab: true,
        // What an image scanner wrote of the shop: no cluster holds that by itself.
        with: [join(SHOP, 'reports')],
        claims: [join(SHOP, 'claims.yaml')],
        experiments: [join(SHOP, 'experiments')],
        derive: true,
        level: 'proven',
        output: 'table',
        report,
      },
      program,
      { ...io, env: { ...io.env, SEAWORTHY_STATE: state } },
    );
  } finally {
    await lab.stop();
    say('the lab is gone; nothing is left of it');
  }
  io.stdout.write(
    `\nThe report: ${report.map((file) => resolve(io.cwd, file)).join(', ')}\nAll of it took ${seconds(begun)} s, and the lab is gone.\n`,
  );
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(0);
}
