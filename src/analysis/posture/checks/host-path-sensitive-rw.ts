import { defineCheck } from '../define-check.ts';
import { hostPathMounts, isWithin } from '../host-paths.ts';
import { everyPod } from '../subjects.ts';

/** Directories a node trusts: whoever can write anywhere in them controls the node. */
const TRUSTED_TREES = [
  '/etc',
  '/proc',
  '/sys',
  '/dev',
  '/boot',
  '/root',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/opt/cni',
  '/run/containerd',
  '/run/systemd',
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/docker',
  '/var/lib/etcd',
  '/var/lib/rancher',
  '/var/spool/cron',
] as const;

/** The kubelet follows links in these when it serves logs, so a link to any file of the node is read back by it. */
const LOG_DIRECTORIES = ['/var/log', '/var/log/pods', '/var/log/containers'] as const;

/** A writable mount of the root, or of a directory the node trusts, is a way to become root on the node. */
export const hostPathSensitiveRw = defineCheck({
  id: 'host-path-sensitive-rw',
  title: 'A container may write where its node trusts what it finds',
  holds: 'No container may write to a directory its node trusts',
  severity: 'critical',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.11'], nsa: ['pods'], attack: ['T1611', 'T1543.005'], owasp: ['K01'] },
  messages: {
    writable: ({ name, path, trusted }: { readonly name: string; readonly path: string; readonly trusted: string }) =>
      `container ${name} may write to ${path} of the node${trusted === path ? '' : `, which ${isWithin(trusted, path) ? 'holds' : 'lies in'} ${trusted}`}`,
  },
  *run(pod, report) {
    for (const mount of hostPathMounts(pod)) {
      const trusted = mount.readOnly ? undefined : trustedDirectory(mount.hostPath);
      if (trusted === undefined) continue;
      yield report('writable', { name: mount.container.name, path: mount.hostPath, trusted }, mount.place);
    }
  },
});

/** The trusted directory a path shows or lies in; for `/`, that is `/` itself. A socket is no place to write to. */
function trustedDirectory(path: string): string | undefined {
  if (path.endsWith('.sock')) return undefined;
  if (path === '/') return path;
  const tree = TRUSTED_TREES.find((tree) => isWithin(path, tree)) ?? TRUSTED_TREES.find((tree) => isWithin(tree, path));
  return tree ?? LOG_DIRECTORIES.find((directory) => isWithin(directory, path));
}
