import { CAPABILITIES } from '../../model/capabilities.ts';
import { at, number, record, strings, text, type JsonRecord } from '../../model/json.ts';

/** What the container runtime gives a container that asks for nothing (containerd's default set). */
const DEFAULT_CAPABILITIES = [
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE',
].flatMap((line) => line.split(' ').map((name) => `CAP_${name}`));

/**
 * Capabilities with which root in a container could leave the lab: it shares the machine's kernel and its user
 * namespace. No container of the lab gets them, privileged or not.
 */
const OUT_OF_REACH = new Set(
  [
    'SYS_ADMIN SYS_MODULE SYS_RAWIO SYS_BOOT SYS_TIME MKNOD SYSLOG MAC_ADMIN MAC_OVERRIDE BPF PERFMON WAKE_ALARM',
    'BLOCK_SUSPEND AUDIT_CONTROL AUDIT_READ CHECKPOINT_RESTORE DAC_READ_SEARCH SYS_PTRACE LINUX_IMMUTABLE',
  ].flatMap((line) => line.split(' ').map((name) => `CAP_${name}`)),
);

/** Who a container's process is. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Names as `CAP_NET_RAW`. */
  readonly bounding: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
  readonly privileged: boolean;
}

export type CredentialsResult =
  | { readonly kind: 'ok'; readonly credentials: Credentials }
  /** The kubelet refuses to start such a container (reason CreateContainerConfigError). */
  | { readonly kind: 'refused'; readonly message: string };

/** The user an image names for itself. */
export interface ImageUser {
  readonly uid: number;
  readonly gid: number;
}

/** What pod and container securityContext make of an image's user; the container's fields win over the pod's. */
export function credentialsFor(podSpec: JsonRecord, container: JsonRecord, image: ImageUser): CredentialsResult {
  const pod = record(podSpec['securityContext']);
  const own = record(container['securityContext']);
  const uid = number(own['runAsUser']) ?? number(pod['runAsUser']) ?? image.uid;
  const gid = number(own['runAsGroup']) ?? number(pod['runAsGroup']) ?? image.gid;
  const nonRoot = own['runAsNonRoot'] ?? pod['runAsNonRoot'];
  if (nonRoot === true && uid === 0) {
    const explicit = own['runAsUser'] ?? pod['runAsUser'];
    return {
      kind: 'refused',
      message:
        explicit === 0
          ? "container's runAsUser breaks non-root policy"
          : 'container has runAsNonRoot and image will run as root',
    };
  }
  const fsGroup = number(pod['fsGroup']);
  const supplemental = Array.isArray(pod['supplementalGroups'])
    ? pod['supplementalGroups'].filter((group) => typeof group === 'number')
    : [];
  const privileged = own['privileged'] === true;
  return {
    kind: 'ok',
    credentials: {
      uid,
      gid,
      groups: [...new Set([...(fsGroup === undefined ? [] : [fsGroup]), ...supplemental])],
      bounding: boundingSet(own, privileged),
      noNewPrivileges: own['allowPrivilegeEscalation'] === false,
      readOnlyRoot: own['readOnlyRootFilesystem'] === true,
      privileged,
    },
  };
}

function boundingSet(securityContext: JsonRecord, privileged: boolean): readonly string[] {
  const named = (list: 'add' | 'drop'): ReadonlySet<string> =>
    new Set(
      strings(at(securityContext, 'capabilities', list)).map(
        (name) => `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`,
      ),
    );
  const add = named('add');
  const drop = named('drop');
  const start = privileged || add.has('CAP_ALL') ? CAPABILITIES : drop.has('CAP_ALL') ? [] : DEFAULT_CAPABILITIES;
  const wanted = new Set(privileged ? start : [...start.filter((name) => !drop.has(name)), ...add]);
  return CAPABILITIES.filter((name) => wanted.has(name) && !OUT_OF_REACH.has(name));
}

/** Arguments of setpriv(1) that turn root into these credentials. A user other than 0 keeps no capability. */
export function setprivArguments(credentials: Credentials): readonly string[] {
  const names = credentials.bounding.map((name) => `+${name.slice('CAP_'.length).toLowerCase()}`);
  return [
    `--reuid=${credentials.uid}`,
    `--regid=${credentials.gid}`,
    credentials.groups.length > 0 ? `--groups=${credentials.groups.join(',')}` : '--clear-groups',
    '--inh-caps=-all',
    '--ambient-caps=-all',
    `--bounding-set=${['-all', ...names].join(',')}`,
    ...(credentials.noNewPrivileges ? ['--no-new-privs'] : []),
  ];
}

/** Whether the kernel's RuntimeDefault seccomp profile is asked for: the lab has none, and its README says so. */
export function asksForSeccomp(podSpec: JsonRecord, container: JsonRecord): boolean {
  const type =
    text(at(container, 'securityContext', 'seccompProfile', 'type')) ??
    text(at(podSpec, 'securityContext', 'seccompProfile', 'type'));
  return type !== undefined && type !== 'Unconfined';
}
