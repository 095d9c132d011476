import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { WhoamiAnswer } from './requests.ts';

/** Linux capabilities by number (linux/capability.h). */
export const CAPABILITIES = [
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE',
  'NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE',
  'SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE',
  'AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF',
  'CHECKPOINT_RESTORE',
].flatMap((line) => line.split(' ').map((name) => `CAP_${name}`));

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

/** The names in a mask as /proc writes it, in hexadecimal. */
export function capabilityNames(hex: string): readonly string[] {
  const mask = BigInt(`0x${hex === '' ? '0' : hex}`);
  return CAPABILITIES.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
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
