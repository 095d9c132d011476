import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { capabilityNames } from '../model/capabilities.ts';
import type { WhoamiAnswer } from './requests.ts';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Who this process is, as the kernel sees it. Starts nothing and changes nothing. */
export function whoami(): WhoamiAnswer {
  const status = readFileSync('/proc/self/status', 'utf8');
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  const second = (name: string): number => Number(field(name).split(/\s+/)[1] ?? '-1');
  return {
    kind: 'whoami',
    uid: second('Uid'),
    gid: second('Gid'),
    groups: field('Groups').split(/\s+/).filter(Boolean).map(Number),
    capabilities: {
      effective: capabilityNames(field('CapEff')),
      permitted: capabilityNames(field('CapPrm')),
      bounding: capabilityNames(field('CapBnd')),
    },
    noNewPrivileges: field('NoNewPrivs') === '1',
    seccomp: (['disabled', 'strict', 'filter'] as const)[Number(field('Seccomp') || 'NaN')] ?? 'unknown',
    rootWritable: rootWritable(),
    hostname: hostname(),
    tokenMounted: existsSync(TOKEN),
  };
}

/** Asks the kernel (access(2) also answers EROFS) without writing. */
function rootWritable(): boolean {
  try {
    accessSync('/', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
