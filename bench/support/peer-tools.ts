import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where programs to compare with are looked for, beside the PATH: `bin/` of it, and `bin/` of each Python environment in it. */
export const PEERS = process.env['SEAWORTHY_PEERS'];

/** The path of a program, or undefined where it is not installed. */
export function findTool(name: string, environment?: string): string | undefined {
  const directories = [
    ...(PEERS === undefined
      ? []
      : [join(PEERS, 'bin'), ...(environment === undefined ? [] : [join(PEERS, environment, 'bin')])]),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** A program that ran to its end: its output, and the processor time of it and its children. */
export interface Ran {
  readonly output: string;
  readonly cpuSeconds: number;
}

/** Runs a program and counts its processor time, which a busy machine does not change. The reason where it fails or takes too long. */
export function runTool(
  command: readonly string[],
  outputFile: string,
  limitSeconds: number,
): Ran | { readonly failed: string } {
  // `times` of a POSIX shell: its own time on the first line, that of what it ran on the second.
  const script = '"$@" > "$OUTPUT" 2> "$OUTPUT.err"; code=$?; times; exit $code';
  const { status, stdout, signal } = spawnSync('sh', ['-c', script, 'sh', ...command], {
    encoding: 'utf8',
    env: { ...process.env, OUTPUT: outputFile },
    timeout: limitSeconds * 1_000,
  });
  if (signal !== null) return { failed: `not done after ${limitSeconds} s` };
  if (status !== 0)
    return { failed: `exit ${status}: ${readFileSync(`${outputFile}.err`, 'utf8').trim().slice(-200)}` };
  const seconds = [...(stdout.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuSeconds = seconds.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return { output: readFileSync(outputFile, 'utf8'), cpuSeconds };
}
