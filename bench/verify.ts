/**
 * `verify -f` of whole applications, from the command line to the last byte printed: seconds and peak memory, beside the start of
 * the program alone and the time another parser takes for the same files.
 *
 *     npm run bench -- verify [DIRECTORY…]     the applications of ../shared/fixtures where they are, else the demo shop
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { print } from './support/print.ts';

const ROOT = join(import.meta.dirname, '..');
const APPS = join(ROOT, '..', 'shared', 'fixtures', 'apps');
const MAIN = join(ROOT, 'src', 'cli', 'main.ts');

/** The best of three: what else the machine did in the meantime is not of interest. */
const RUNS = 3;

const given = process.argv.slice(2);
const apps = existsSync(APPS) ? readdirSync(APPS).map((name) => join(APPS, name)) : [join(ROOT, 'examples', 'shop')];

print({ case: 'verify (start of the program)', ...best(['--version']) });
for (const directory of given.length > 0 ? given : apps) {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .map((file) => join(directory, file));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  print({
    case: `verify ${basename(directory)}`,
    files: files.length,
    kilobytes: Math.round(bytes / 1e3),
    ...best(['verify', '-f', directory, '-o', 'json']),
    yamlAloneSeconds: parsed(files),
  });
}

function best(args: readonly string[]): { readonly seconds: number; readonly rssMB: number } {
  const runs = Array.from({ length: RUNS }, () => once(args));
  return runs.reduce((one, other) => (other.seconds < one.seconds ? other : one));
}

function once(args: readonly string[]): { readonly seconds: number; readonly rssMB: number } {
  const report = `process.on('exit', () => process.stderr.write('\\n' + process.resourceUsage().maxRSS))`;
  const preload = `data:text/javascript,${encodeURIComponent(report)}`;
  const begun = performance.now();
  const ended = spawnSync(process.execPath, ['--import', preload, MAIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - begun) / 1000;
  if (ended.status !== 0) throw new Error(`seaworthy ${args.join(' ')} ended with ${ended.status}:\n${ended.stderr}`);
  return { seconds, rssMB: Math.round(Number(ended.stderr.trim().split('\n').at(-1)) / 1e3) };
}

/** Seconds the library `yaml` takes for these files, in this process, warm. */
function parsed(files: readonly string[]): number {
  const begun = performance.now();
  for (const file of files) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'), { logLevel: 'silent' }))
      if (document.errors.length === 0) document.toJS();
  }
  return (performance.now() - begun) / 1000;
}
