import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunCommand } from './faults/define-fault.ts';
import type { Clock } from './ports.ts';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(milliseconds, signal) {
    await wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};

/** Runs a program without a shell and gives its exit status and what it printed. Never rejects. */
export const runCommand: RunCommand = ([program = '', ...args], { timeoutMs }) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, maxBuffer: 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, output: `${stdout}${stderr}${code === 127 && error ? error.message : ''}` });
    });
  });
