import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `npm run bench` runs what every change should be held against, each beside a baseline in the same run; `npm run bench -- NAME …`
 * one of them, or another, with the rest of the arguments. One line of JSON a case.
 */
const STANDARD = ['verify', 'reading', 'live', 'lab'];

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length));
const [name, ...rest] = process.argv.slice(2);
if (name !== undefined && !names.includes(name)) {
  process.stderr.write(`usage: npm run bench [-- NAME …]\n${names.map((known) => `  ${known}\n`).join('')}`);
  process.exitCode = 2;
} else {
  for (const one of name === undefined ? STANDARD : [name]) {
    const file = join(import.meta.dirname, `${one}.ts`);
    const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...rest], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}
