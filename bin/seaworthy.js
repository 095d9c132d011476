#!/usr/bin/env node
// Plain JavaScript for any Node: starts the program with a Node that is new enough, or says what to install.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FLOOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const published = join(root, 'dist', 'cli', 'main.js');
const source = join(root, 'src', 'cli', 'main.ts');
const program = existsSync(source) ? source : published;

function bundledNode() {
  try {
    const require = createRequire(import.meta.url);
    const packageFile = require.resolve(`node-${process.platform}-${process.arch}/package.json`);
    const node = join(dirname(packageFile), 'bin', 'node');
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

// What Node compiles is kept, which halves the time to start: in the person's own folder, because who writes it decides what runs.
function compiledCode() {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const home = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  if (!home) return undefined;
  const folders = [home, join(home, 'seaworthy'), join(home, 'seaworthy', 'compiled')];
  return folders.every(isOurs) ? folders[2] : undefined;
}

/** Whether a folder is there, or could be made, and is nobody else's: under sudo HOME may still be another person's. */
function isOurs(folder) {
  try {
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    return process.getuid === undefined || statSync(folder).uid === process.getuid();
  } catch {
    return false;
  }
}

const compiled = compiledCode();
process.env.SEAWORTHY_CALLED_AS ??= basename(process.argv[1] ?? 'seaworthy').replace(/\.js$/, '');
if (Number(process.versions.node.split('.')[0]) >= FLOOR) {
  if (compiled) module.enableCompileCache?.(compiled);
  await import(pathToFileURL(program).href);
} else {
  const node = bundledNode();
  if (!node) {
    process.stderr.write(
      `error SW_NODE_TOO_OLD: this is Node ${process.versions.node}, seaworthy needs Node ${FLOOR} or newer\n` +
        `  hint: install Node ${FLOOR} or newer, or run 'npm ci' without --omit=optional on 64-bit Linux.\n`,
    );
    process.exit(2);
  }
  const env = compiled ? { NODE_COMPILE_CACHE: compiled, ...process.env } : process.env;
  const done = spawnSync(node, [program, ...process.argv.slice(2)], { stdio: 'inherit', env });
  process.exit(done.status ?? (done.signal === 'SIGINT' ? 130 : 1));
}
