import { spawn } from 'node:child_process';
import type { IpFamily } from './ip.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the programs of iproute2, nftables and util-linux are, also for users whose PATH leaves sbin out. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a program to its end. Rejects only when it could not be started. */
export function tryRun(program: string, args: readonly string[], stdin = ''): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe', env: { PATH: SYSTEM_PATH } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.end(stdin);
  });
}

/** Runs a program that must succeed and gives what it printed. */
export async function runCommand(program: string, args: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await tryRun(program, args, stdin);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${code}: ${stderr.trim()}`);
  return stdout;
}

export interface IpBatchOptions {
  /** The named network namespace they are about. */
  readonly namespace?: string;
  /** The family of what does not tell it by an address: `default`, rules. */
  readonly family?: IpFamily;
}

/** Many `ip` commands in one process. */
export function ipBatch(lines: readonly string[], { namespace, family }: IpBatchOptions = {}): Promise<string> {
  const inside = namespace === undefined ? [] : ['-n', namespace];
  const of = family === undefined ? [] : [family === 'IPv6' ? '-6' : '-4'];
  return runCommand('ip', [...of, ...inside, '-batch', '-'], `${lines.join('\n')}\n`);
}

/** Replaces rules in one transaction: all of it takes effect, or nothing. */
export function applyNft(ruleset: string): Promise<string> {
  return runCommand('nft', ['-f', '-'], ruleset);
}
