import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { SeaworthyError } from '../model/errors.ts';
import { SYSTEM_PATH } from './network/commands.ts';

/** What the lab runs, and the Debian package each program comes in. */
export const LAB_PROGRAMS: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  pivot_root: 'util-linux',
  mount: 'mount',
  ps: 'procps',
};

/** The programs of a table that are not on this machine. */
export function missingPrograms(programs: Readonly<Record<string, string>>): readonly string[] {
  const directories = SYSTEM_PATH.split(':');
  return Object.keys(programs).filter((program) => !directories.some((directory) => canRun(join(directory, program))));
}

/** Throws what keeps the lab from running here, with what to do about it. */
export function requireLab(): void {
  if (process.platform !== 'linux') {
    throw new SeaworthyError('SW_LAB_NEEDS_LINUX', `the lab needs Linux; this is ${process.platform}`, {
      hint: 'Analysis runs everywhere: seaworthy verify -f examples/shop.',
    });
  }
  const missing = missingPrograms(LAB_PROGRAMS);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => LAB_PROGRAMS[program]))].join(' ');
    throw new SeaworthyError('SW_LAB_MISSING_PROGRAM', `the lab needs ${missing.join(', ')}`, {
      hint: `On Debian: apt-get install ${packages}, or node scripts/system-packages.ts lab.`,
    });
  }
  if (process.getuid?.() !== 0) {
    throw new SeaworthyError('SW_LAB_NEEDS_ROOT', 'the lab makes network namespaces and runs pods as their own users', {
      hint: 'Run it as root (sudo). Everything it makes is in namespaces of its own; your network is not touched.',
    });
  }
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
