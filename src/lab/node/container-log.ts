import { appendFileSync, closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { LogView } from '../ports.ts';

/**
 * Writes what a container prints to its log file in the format of the Container Runtime Interface: time, stream,
 * `F` (a full line) or `P` (the beginning of one), text.
 */
export function recordOutput(file: string, stdout: Readable, stderr: Readable): void {
  mkdirSync(dirname(file), { recursive: true });
  const log = openSync(file, 'a', 0o640);
  let open = 2;
  for (const [name, stream] of [
    ['stdout', stdout],
    ['stderr', stderr],
  ] as const) {
    let rest = '';
    stream.setEncoding('utf8');
    const write = (flag: 'F' | 'P', line: string): void => {
      writeSync(log, `${new Date().toISOString()} ${name} ${flag} ${line}\n`);
    };
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) write('F', line);
      if (rest.length > 16_384) {
        write('P', rest);
        rest = '';
      }
    });
    stream.on('close', () => {
      if (rest !== '') write('F', rest);
      if (--open === 0) closeSync(log);
    });
    stream.on('error', () => undefined);
  }
}

/** A line of the node's own in a container's log file: why it could not be started. */
export function noteInLog(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${new Date().toISOString()} stderr F ${line}\n`);
}

/** The text a container printed, of whole lines in the log's format. */
export function textOfLog(written: string, view: LogView): string {
  const { sinceMs = 0, tailLines, timestamps = false } = view;
  const entries = written.split('\n').flatMap((line) => {
    const found = /^(\S+) (?:stdout|stderr) ([FP]) (.*)$/s.exec(line);
    const [, time = '', flag, text = ''] = found ?? [];
    return found && Date.parse(time) >= sinceMs ? [{ time, text: `${text}${flag === 'F' ? '\n' : ''}` }] : [];
  });
  const shown = tailLines === undefined ? entries : tailLines === 0 ? [] : entries.slice(-tailLines);
  return shown.map(({ time, text }) => (timestamps ? `${time} ${text}` : text)).join('');
}
