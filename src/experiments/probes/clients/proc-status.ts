import { capabilityNames } from '../../../model/capabilities.ts';
import { failedAnswer, type IdentityAnswer, type ProbeClient } from './define-client.ts';

/** Any container with `cat`: a process reads about itself in /proc/self/status. Says nothing of tokens or the root file system. */
export const procStatus: ProbeClient = {
  id: 'proc-status',
  program: 'cat',
  speaks: (request) => request.kind === 'whoami',
  command: () => ['cat', '/proc/self/status'],
  interpret(request, { code, stdout, stderr }) {
    return (
      (code === 0 ? parseStatus(stdout) : undefined) ??
      failedAnswer(request, stderr || '/proc/self/status is not readable')
    );
  },
};

/** What /proc/PID/status says of a process (proc_pid_status(5)); undefined for other text. */
export function parseStatus(status: string): IdentityAnswer | undefined {
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.trim();
  const effective = (name: string): number => Number(field(name)?.split(/\s+/)[1] ?? 'NaN');
  if (field('Uid') === undefined || field('CapEff') === undefined) return undefined;
  return {
    kind: 'whoami',
    uid: effective('Uid'),
    gid: effective('Gid'),
    groups: (field('Groups') ?? '')
      .split(/\s+/)
      .filter((group) => group !== '')
      .map(Number),
    capabilities: {
      effective: capabilityNames(field('CapEff') ?? '0'),
      permitted: capabilityNames(field('CapPrm') ?? '0'),
      bounding: capabilityNames(field('CapBnd') ?? '0'),
    },
    noNewPrivileges: field('NoNewPrivs') === '1',
    seccomp: (['disabled', 'strict', 'filter'] as const)[Number(field('Seccomp') ?? 'NaN')] ?? 'unknown',
  };
}
