import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecOptions, ExecResult, ExecSession } from '../../../cluster/types.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Cluster } from '../../ports.ts';
import { createPodProber } from '../transport.ts';
import type { ProbeContext } from '../define-probe.ts';

const PROBE = fileURLToPath(new URL('../../../agent/probe.ts', import.meta.url));

export interface ThisMachineOptions {
  /** Directory of the programs a container has; `seaworthy-probe` is there besides when `probe` says so. */
  readonly path: string;
  readonly probe: boolean;
  /** What can be read; everything else is missing. */
  readonly objects?: readonly KubernetesObject[];
}

/**
 * A cluster whose every container is this machine: exec starts a real process here, with the programs of one directory
 * and no others. For tests of what is asked of containers and of how their answers are read.
 */
export function thisMachine({ path, probe, objects = [] }: ThisMachineOptions): {
  readonly at: ProbeContext;
  /** Command lines that were started, in order. */
  readonly started: readonly (readonly string[])[];
} {
  const started: (readonly string[])[] = [];
  const unused = (): never => {
    throw new Error('this machine is no API server');
  };
  const cluster: Cluster = {
    context: 'this-machine',
    server: 'local',
    resourceOf: async (apiVersion, kind) => {
      const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      return { group, version, kind, resource: kind.toLowerCase(), namespaced: true, verbs: ['list'] };
    },
    async *list({ kind }) {
      yield { kind: 'ok', value: objects.filter((object) => object.kind === kind) };
    },
    async get(ref) {
      const found = objects.find(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name);
      return found ? { kind: 'ok', value: found } : { kind: 'missing', because: 'it is not there' };
    },
    as: () => cluster,
    review: unused,
    create: unused,
    patch: unused,
    delete: unused,
    exec: (_pod, command, options) => {
      started.push(command);
      const [program = '', ...rest] = command;
      if (program !== 'seaworthy-probe') return start(program, rest, path, options);
      return probe ? start(process.execPath, [PROBE, ...rest], path, options) : start(program, rest, path, options);
    },
    openExec: async (_pod, command) => {
      started.push(command);
      const [program = '', ...rest] = command;
      const [file, args] = program === 'seaworthy-probe' ? [process.execPath, [PROBE, ...rest]] : [program, rest];
      return keepOpen(spawn(file, args, { env: { PATH: path } }));
    },
  };
  const clock = { now: () => new Date(), sleep: async () => undefined };
  const prober = createPodProber(cluster, { now: clock.now });
  return { at: { cluster, prober, clock, signal: new AbortController().signal }, started };
}

/** The streams of a process as those of an exec session that is kept open. */
export function keepOpen(child: ChildProcessWithoutNullStreams): ExecSession {
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<ExecResult>((resolve) => {
    child.on('error', (error) => resolve({ kind: 'failed', because: error.message }));
    child.on('close', (code) => resolve({ kind: 'exited', code: code ?? 137, stdout: '', stderr }));
  });
  return {
    lines: createInterface({ input: child.stdout }),
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    close: () => void child.kill('SIGKILL'),
    ended,
  };
}

function start(program: string, args: readonly string[], path: string, options: ExecOptions = {}): Promise<ExecResult> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], { env: { PATH: path }, timeout: options.timeoutMs ?? 30_000 });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    child.on('error', (error) => resolve({ kind: 'failed', because: error.message }));
    child.on('close', (code) => resolve({ kind: 'exited', code: code ?? 137, ...text }));
  });
}
