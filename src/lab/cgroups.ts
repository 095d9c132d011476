import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MOUNT = '/sys/fs/cgroup';

export interface ContainerLimits {
  readonly memoryBytes?: number;
  /** Thousandths of a core. */
  readonly cpuMillis?: number;
  readonly maxProcesses?: number;
}

export interface ContainerUsage {
  readonly cpuNanoseconds?: number;
  readonly memoryBytes?: number;
}

/**
 * The control-group hierarchies we may make groups in. Version 1 has one for each controller; version 2 one for
 * all, whose controllers count only where the machine has already handed them to children of the root (we change no
 * group that is not ours).
 */
interface Hierarchy {
  readonly root: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

const WANTED = ['memory', 'cpu', 'pids', 'cpuacct'];

function hierarchies(): readonly Hierarchy[] {
  const unified = [MOUNT, join(MOUNT, 'unified')].find((path) => existsSync(join(path, 'cgroup.controllers')));
  const second =
    unified === undefined ? [] : words(join(unified, 'cgroup.subtree_control')).filter((c) => WANTED.includes(c));
  const first = WANTED.map((controller) => join(MOUNT, controller))
    .filter((root) => existsSync(join(root, 'cgroup.procs')))
    .map((root): Hierarchy => ({ root, version: 1, controllers: words(join(root, 'cgroup.controllers')) }));
  return unified !== undefined && second.length > 0
    ? [...first, { root: unified, version: 2, controllers: second }]
    : first;
}

/** Where the groups of a lab of this name would be, whether they are there or not. */
export function cgroupDirectories(name: string): readonly string[] {
  return hierarchies().map((hierarchy) => join(hierarchy.root, name));
}

/** Makes one container's groups with its limits. Gives the files to write `0` to in order to join them. */
export function createContainerCgroup(name: string, limits: ContainerLimits): readonly string[] {
  return hierarchies().flatMap((hierarchy) => {
    const group = join(hierarchy.root, name);
    try {
      if (hierarchy.version === 2) handDown(hierarchy, name);
      mkdirSync(group, { recursive: true });
      setLimits(group, hierarchy, limits);
      return [join(group, 'cgroup.procs')];
    } catch {
      // A machine that keeps a hierarchy to itself: the container runs without that limit, and status shows no usage.
      return [];
    }
  });
}

/** Removes one container's groups; they must hold no process any more. */
export function removeContainerCgroup(name: string): void {
  for (const group of cgroupDirectories(name)) {
    try {
      rmdirSync(group);
    } catch {
      // Still busy, or never made: the reaper removes it with the rest.
    }
  }
}

/** Removes a group with all below it, as far as they are empty. */
export function removeCgroupTree(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroupTree(join(directory, entry.name));
  }
  try {
    rmdirSync(directory);
  } catch {
    // A process is still in it.
  }
}

/** What a group has used, where the machine measures it. */
export function readUsage(name: string): ContainerUsage {
  const cpu = readNumber(join(MOUNT, 'cpuacct', name, 'cpuacct.usage'));
  const memory = readNumber(join(MOUNT, 'memory', name, 'memory.usage_in_bytes'));
  if (cpu !== undefined || memory !== undefined) {
    return {
      ...(cpu === undefined ? {} : { cpuNanoseconds: cpu }),
      ...(memory === undefined ? {} : { memoryBytes: memory }),
    };
  }
  const unified = join(MOUNT, name);
  const micros = /usage_usec (\d+)/.exec(read(join(unified, 'cpu.stat')) ?? '')?.[1];
  const current = readNumber(join(unified, 'memory.current'));
  return {
    ...(micros === undefined ? {} : { cpuNanoseconds: Number(micros) * 1_000 }),
    ...(current === undefined ? {} : { memoryBytes: current }),
  };
}

/** Whether the kernel ended a process of this group for want of memory. */
export function wasOutOfMemory(name: string): boolean {
  const first = read(join(MOUNT, 'memory', name, 'memory.oom_control'));
  const second = read(join(MOUNT, name, 'memory.events'));
  return /oom_kill [1-9]/.test(first ?? second ?? '');
}

function setLimits(group: string, hierarchy: Hierarchy, limits: ContainerLimits): void {
  const set = (file: string, value: string): void => {
    const path = join(group, file);
    if (existsSync(path)) writeFileSync(path, value);
  };
  const { memoryBytes, cpuMillis, maxProcesses } = limits;
  if (memoryBytes !== undefined)
    set(hierarchy.version === 2 ? 'memory.max' : 'memory.limit_in_bytes', `${memoryBytes}`);
  if (maxProcesses !== undefined) set('pids.max', `${maxProcesses}`);
  if (cpuMillis === undefined) return;
  if (hierarchy.version === 2) set('cpu.max', `${cpuMillis * 100} 100000`);
  else set('cpu.cfs_quota_us', `${cpuMillis * 100}`);
}

/** In version 2 a group must hand its controllers to its children; ours do, the machine's root is left alone. */
function handDown(hierarchy: Hierarchy, name: string): void {
  let path = hierarchy.root;
  for (const part of name.split('/').slice(0, -1)) {
    path = join(path, part);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'cgroup.subtree_control'), hierarchy.controllers.map((c) => `+${c}`).join(' '));
  }
}

/** Groups below a lab's own, for tests that count what is left. */
export function countCgroups(name: string): number {
  const below = (directory: string): number =>
    existsSync(directory)
      ? 1 +
        readdirSync(directory, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .reduce((sum, entry) => sum + below(join(directory, entry.name)), 0)
      : 0;
  return cgroupDirectories(name).reduce((sum, directory) => sum + below(directory), 0);
}

function words(path: string): readonly string[] {
  return (read(path) ?? '').split(/\s+/).filter(Boolean);
}

function readNumber(path: string): number | undefined {
  const written = read(path);
  return written === undefined ? undefined : Number(written);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
