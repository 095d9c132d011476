/**
 * Installs the Debian packages that the lab (or `all`: the browser tests as well) needs and that are not there.
 * As root on a system with apt-get it installs them; otherwise it says which are missing, and fails. Does nothing,
 * quickly, when all are there.
 */
import { spawnSync } from 'node:child_process';
import { LAB_PROGRAMS, missingPrograms } from '../src/lab/prerequisites.ts';

const BROWSER_PROGRAMS = { chromium: 'chromium' };

const wanted = process.argv[2];
if (wanted !== 'lab' && wanted !== 'all') {
  process.stderr.write('usage: node scripts/system-packages.ts lab|all\n');
  process.exit(2);
}
const programs: Readonly<Record<string, string>> =
  wanted === 'all' ? { ...LAB_PROGRAMS, ...BROWSER_PROGRAMS } : LAB_PROGRAMS;
const packages = [...new Set(missingPrograms(programs).flatMap((program) => programs[program] ?? []))].sort();
if (packages.length > 0) install(packages);

function install(names: readonly string[]): void {
  const advice = `missing packages: ${names.join(' ')} (on Debian: apt-get install ${names.join(' ')})\n`;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || missingPrograms({ 'apt-get': 'apt' }).length > 0) {
    process.stderr.write(advice);
    process.exit(1);
  }
  process.stderr.write(`installing ${names.join(' ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: readonly string[]): number =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 2, 2] }).status ?? 1;
  const options = ['install', '-y', '--no-install-recommends', ...names];
  // The package lists may be absent or old: fetch them only when the first try shows it.
  if (apt(...options) === 0) return;
  apt('update');
  if (apt(...options) === 0) return;
  process.stderr.write(advice);
  process.exit(1);
}
