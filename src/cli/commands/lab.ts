import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { IMAGES } from '../../lab/images/catalogue.ts';
import { startLab, stopLab } from '../../lab/lab.ts';
import { labKubeconfigPath, readLabState } from '../../lab/state.ts';
import type { Io } from '../io.ts';

/** `lab`: the embedded cluster, up and down. */
export function registerLab(program: Command, io: Io): void {
  const lab = program
    .command('lab')
    .description('a cluster in a box on this machine: real packets, processes and failures');
  lab
    .command('up')
    .description('start it, and return when it is ready')
    .option('--port <port>', 'loopback port of the API server; a free one when absent', toPort)
    .option('--nodes <count>', 'how many nodes', toNodes, 3)
    .option('--dual-stack', 'IPv6 beside IPv4, for pods, nodes and Services')
    .option(
      '--slow-policy <milliseconds>',
      'delay of the policy agents before they program a change',
      toMilliseconds,
      0,
    )
    .option('--foreground', 'stay until Ctrl-C, then take it down')
    .action((options: UpOptions) => up(options, io));
  lab
    .command('down')
    .description('end it; nothing is left behind')
    .action(() => down(io));
  lab
    .command('status')
    .description('whether it runs, and where')
    .option('-o, --output <format>', 'table or json', toFormat, 'table')
    .action((options: { readonly output: StatusFormat }) => status(options.output, io));
  lab
    .command('images')
    .description('the images a pod of the lab may name')
    .action(() => {
      for (const image of IMAGES) io.stdout.write(`${image.repository.padEnd(30)}${image.title}\n`);
    });
  lab
    .command('kubectl')
    .description('run the installed kubectl on the lab')
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .action((args: readonly string[]) => kubectl(args, io));
}

type StatusFormat = 'table' | 'json';

interface UpOptions {
  readonly port?: number;
  readonly nodes: number;
  readonly dualStack?: boolean;
  readonly slowPolicy: number;
  readonly foreground?: boolean;
}

async function up(options: UpOptions, io: Io): Promise<void> {
  const foreground = options.foreground === true;
  const lab = await startLab({
    env: io.env,
    ...(options.port === undefined ? {} : { port: options.port }),
    nodes: options.nodes,
    dualStack: options.dualStack === true,
    slowPolicyMs: options.slowPolicy,
    detached: !foreground,
    signal: io.signal,
    progress: (says) => {
      if (io.stderr.isTTY === true) io.stderr.write(`${says}\n`);
    },
  });
  io.stdout.write(`The lab is ready after ${(lab.status.readyAfterMs / 1_000).toFixed(1)} s: ${lab.server}\n`);
  io.stdout.write(`  export KUBECONFIG=${lab.kubeconfigPath}\n`);
  io.stdout.write('  seaworthy verify --lab\n  seaworthy lab down\n');
  if (!foreground) return;
  if (!io.signal.aborted) await once(io.signal, 'abort');
  await lab.stop();
}

async function down(io: Io): Promise<void> {
  const before = readLabState(io.env);
  await stopLab(io.env);
  io.stdout.write(before.kind === 'absent' ? 'No lab was running.\n' : 'The lab is gone; nothing is left of it.\n');
}

function status(format: StatusFormat, io: Io): void {
  const state = readLabState(io.env);
  if (format === 'json') {
    io.stdout.write(`${JSON.stringify({ apiVersion: API_VERSION, kind: 'LabStatus', state }, undefined, 2)}\n`);
    return;
  }
  switch (state.kind) {
    case 'absent':
      io.stdout.write('No lab is running. seaworthy lab up starts one.\n');
      return;
    case 'stale':
      io.stdout.write(`A lab was ended by force; ${state.directory} is left of it. seaworthy lab down removes it.\n`);
      return;
    case 'starting':
      io.stdout.write(`A lab is starting (process ${state.pid}).\n`);
      return;
    case 'running': {
      const { server, kubeconfig, nodes, families, startedAt } = state.status;
      io.stdout.write(
        `running since ${startedAt}\nserver     ${server}\nkubeconfig ${kubeconfig}\nnodes      ${nodes.join(', ')}\naddresses  ${families.join(', ')}\n`,
      );
    }
  }
}

async function kubectl(args: readonly string[], io: Io): Promise<void> {
  if (readLabState(io.env).kind !== 'running') {
    throw new SeaworthyError('SW_LAB_NOT_RUNNING', 'no lab is running', { hint: 'Start one: seaworthy lab up.' });
  }
  const child = spawn('kubectl', args, {
    stdio: 'inherit',
    env: { ...io.env, KUBECONFIG: labKubeconfigPath(io.env) },
  });
  io.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('exit', (code) => resolve(code ?? 1));
    child.on('error', () =>
      reject(
        new SeaworthyError('SW_LAB_NO_KUBECTL', 'kubectl is not installed on this machine', {
          hint: 'Install kubectl, or use any Kubernetes client with the kubeconfig of seaworthy lab status.',
        }),
      ),
    );
  });
}

function toPort(written: string): number {
  const port = Number(written);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SeaworthyError('SW_USAGE', `--port ${written}: a number from 0 to 65535`);
}

function toNodes(written: string): number {
  const count = Number(written);
  if (Number.isInteger(count) && count >= 1 && count <= 9) return count;
  throw new SeaworthyError('SW_USAGE', `--nodes ${written}: a number from 1 to 9`);
}

function toMilliseconds(written: string): number {
  const milliseconds = Number(written);
  if (Number.isInteger(milliseconds) && milliseconds >= 0) return milliseconds;
  throw new SeaworthyError('SW_USAGE', `--slow-policy ${written}: milliseconds, 0 or more`);
}

function toFormat(written: string): StatusFormat {
  if (written === 'table' || written === 'json') return written;
  throw new SeaworthyError('SW_USAGE', `-o ${written}: table or json`);
}
