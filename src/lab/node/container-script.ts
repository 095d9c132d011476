import type { BaseRoot } from './base-root.ts';
import { setprivArguments, type Credentials } from './security.ts';

export interface Mount {
  /** A directory or file of the node. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ContainerPlan {
  /** An empty directory that becomes the container's root. */
  readonly root: string;
  readonly base: BaseRoot;
  readonly mounts: readonly Mount[];
  readonly credentials: Credentials;
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** `cgroup.procs` files to join. */
  readonly cgroups: readonly string[];
}

/** Files of /proc through which root without capabilities could still change or read the machine. */
const PROC_READ_ONLY = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs'];
const PROC_HIDDEN = ['kcore', 'keys', 'timer_list', 'kmsg', 'kallsyms'];

/**
 * The shell script that runs as first process of a container's mount and PID namespaces: it builds the root file
 * system, moves into it, lets go of everything else, and becomes the container's program.
 */
export function containerScript(plan: ContainerPlan): string {
  const root = quote(plan.root);
  const inRoot = (path: string): string => quote(`${plan.root}${path}`);
  const bind = ([from, to]: readonly [string, string]): string => `mount --bind -o ro ${quote(from)} ${inRoot(to)}`;
  const { credentials } = plan;
  return [
    'set -e',
    'umask 022',
    // A volume may hold a symbolic link where another is to be mounted: it must not lead out of the container.
    `inside() { case $(readlink -m "$1") in ${root}/*) ;; *) echo "$1 leads out of the container" >&2; exit 126 ;; esac; }`,
    ...plan.cgroups.map((file) => `echo 0 > ${quote(file)} || :`),
    `mount -t tmpfs -o size=256m,mode=755 root ${root}`,
    `cp -a ${quote(`${plan.base.skeleton}/.`)} ${root}`,
    ...plan.base.binds.map(bind),
    `mount --bind -o ro ${quote(plan.base.dev)} ${inRoot('/dev')}`,
    `mount -t tmpfs -o size=64m,mode=1777 shm ${inRoot('/dev/shm')}`,
    `mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts ${inRoot('/dev/pts')}`,
    `mount -t proc -o nosuid,nodev,noexec proc ${inRoot('/proc')}`,
    ...PROC_READ_ONLY.map(
      (name) =>
        `[ ! -e ${inRoot(`/proc/${name}`)} ] || mount --bind -o ro ${inRoot(`/proc/${name}`)} ${inRoot(`/proc/${name}`)}`,
    ),
    ...PROC_HIDDEN.map(
      (name) => `[ ! -e ${inRoot(`/proc/${name}`)} ] || mount --bind /dev/null ${inRoot(`/proc/${name}`)}`,
    ),
    ...plan.mounts.flatMap((mount) => mountLines(plan.root, mount)),
    `mkdir -p ${inRoot(plan.workingDir)} ${inRoot('/.old')}`,
    `cd ${root}`,
    'pivot_root . .old',
    'cd /',
    'umount -l /.old',
    'rmdir /.old',
    ...(credentials.readOnlyRoot ? ['mount -o remount,bind,ro /'] : []),
    `cd ${quote(plan.workingDir)}`,
    `exec /usr/bin/setpriv ${words([...setprivArguments(credentials), '--', ...withEnvironment(plan.env, plan.command)])}`,
    '',
  ].join('\n');
}

function mountLines(root: string, mount: Mount): readonly string[] {
  const target = quote(`${root}${mount.target}`);
  const source = quote(mount.source);
  return [
    `inside ${target}`,
    `if [ -d ${source} ]; then mkdir -p ${target}; else mkdir -p "$(dirname ${target})"; [ -e ${target} ] || : > ${target}; fi`,
    `mount --rbind${mount.readOnly ? ' -o ro' : ''} ${source} ${target}`,
  ];
}

/** A command with exactly this environment. It is set last, so that nothing of it (LD_PRELOAD) works on the node. */
export function withEnvironment(env: Readonly<Record<string, string>>, command: readonly string[]): readonly string[] {
  return ['/usr/bin/env', '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...command];
}

/** One word for the shell, whatever is in it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function words(list: readonly string[]): string {
  return list.map(quote).join(' ');
}
