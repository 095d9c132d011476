import { cpSync, existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTAINER_NODE, CONTAINER_SOURCE } from '../images/node-program.ts';
import { programFile, SOURCE_ROOT } from '../programs.ts';
import { runCommand } from '../network/commands.ts';

/** The machine's directories that hold programs and libraries. Containers see them read-only; nothing else of the machine. */
const SYSTEM_DIRECTORIES = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

export interface BaseRoot {
  /** Small files and empty directories that every container gets a copy of. */
  readonly skeleton: string;
  /** `/dev` as every container sees it. */
  readonly dev: string;
  /** Read-only binds: machine path to path in the container. */
  readonly binds: readonly (readonly [from: string, to: string])[];
}

/** Prepares, once per node, what all its containers' root file systems are made from. */
export async function createBaseRoot(directory: string): Promise<BaseRoot> {
  const skeleton = join(directory, 'skeleton');
  const dev = join(directory, 'dev');
  for (const path of [
    'usr',
    'dev',
    'proc',
    'root',
    'home',
    'srv',
    'mnt',
    'var/run',
    'var/log',
    'var/tmp',
    'var/lib',
    'etc',
    'run',
  ]) {
    mkdirSync(join(skeleton, path), { recursive: true });
  }
  mkdirSync(join(skeleton, 'tmp'), { mode: 0o1777 });
  const binds: (readonly [string, string])[] = [['/usr', '/usr']];
  for (const name of SYSTEM_DIRECTORIES) {
    const path = `/${name}`;
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(skeleton, name));
    else {
      mkdirSync(join(skeleton, name));
      binds.push([path, path]);
    }
  }
  writeEtc(join(skeleton, 'etc'));
  // Resolves symlinks of /usr/bin, such as Debian's alternatives.
  if (existsSync('/etc/alternatives'))
    cpSync('/etc/alternatives', join(skeleton, 'etc/alternatives'), { recursive: true, verbatimSymlinks: true });
  if (existsSync('/etc/ld.so.cache')) cpSync('/etc/ld.so.cache', join(skeleton, 'etc/ld.so.cache'));
  writePrograms(skeleton);
  binds.push([process.execPath, CONTAINER_NODE], [SOURCE_ROOT.replace(/\/$/, ''), CONTAINER_SOURCE]);
  await createDev(dev);
  await runCommand('chmod', ['1777', join(skeleton, 'tmp'), join(skeleton, 'var/tmp')]);
  return { skeleton, dev, binds };
}

function writeEtc(etc: string): void {
  const write = (name: string, text: string): void => writeFileSync(join(etc, name), text);
  write('passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n');
  write('group', 'root:x:0:\nnogroup:x:65534:\n');
  write('nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  write('os-release', 'NAME="Seaworthy lab"\nID=seaworthy-lab\n');
  write('services', 'domain 53/udp\ndomain 53/tcp\nhttp 80/tcp\nhttps 443/tcp\n');
}

function writePrograms(skeleton: string): void {
  const home = join(skeleton, 'opt/seaworthy');
  mkdirSync(join(home, 'bin'), { recursive: true });
  mkdirSync(join(home, 'src'));
  writeFileSync(join(home, 'node'), '');
  writeFileSync(join(home, 'package.json'), '{"type":"module"}\n');
  const script = `#!/bin/sh\nexec ${CONTAINER_NODE} --max-semi-space-size=1 ${CONTAINER_SOURCE}/${programFile('agent/probe')} "$@"\n`;
  writeFileSync(join(home, 'bin/seaworthy-probe'), script, { mode: 0o755 });
  writeFileSync(join(home, 'bin/node'), `#!/bin/sh\nexec ${CONTAINER_NODE} "$@"\n`, { mode: 0o755 });
}

/** Character devices that any program may have. */
const DEVICES = { null: 3, zero: 5, full: 7, random: 8, urandom: 9 } as const;

async function createDev(dev: string): Promise<void> {
  for (const path of ['shm', 'pts', 'mqueue']) mkdirSync(join(dev, path), { recursive: true });
  for (const [name, minor] of Object.entries(DEVICES)) {
    await runCommand('mknod', ['-m', '666', join(dev, name), 'c', '1', String(minor)]);
  }
  await runCommand('mknod', ['-m', '666', join(dev, 'tty'), 'c', '5', '0']);
  symlinkSync('/proc/self/fd', join(dev, 'fd'));
  for (const [n, name] of ['stdin', 'stdout', 'stderr'].entries()) symlinkSync(`/proc/self/fd/${n}`, join(dev, name));
  symlinkSync('pts/ptmx', join(dev, 'ptmx'));
}
