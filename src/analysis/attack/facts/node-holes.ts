import { at, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';

/** A version as far as holes are told by it. */
type Version = readonly [major: number, minor: number, patch: number];

/** A known hole in what a node runs, by the version the node itself reports. */
export interface NodeHole {
  readonly id: string;
  /** The edge it belongs to. */
  readonly edge: 'B19' | 'B20';
  /** What is holed, as `status.nodeInfo` names it. */
  readonly component: 'containerd' | 'cri-o' | 'kernel' | 'kubelet';
  /** Releases in which it was closed: the first patch of each minor that has it closed; later minors never had it. */
  readonly fixed: readonly Version[];
  /** The first release that has it. */
  readonly since: Version;
  readonly os?: 'windows';
  /** What must be true of the container, or of the pod that is made. */
  readonly needs: 'any container' | 'root on the network of the node' | 'any pod that is made';
  readonly gives: 'Root' | 'HostRead';
  readonly says: string;
  /** The version does not settle it. */
  readonly open?: string;
}

const NODE_HOLES: readonly NodeHole[] = [
  {
    id: 'CVE-2020-15257',
    edge: 'B19',
    component: 'containerd',
    since: [1, 0, 0],
    fixed: [[1, 3, 9], [1, 4, 3]], // prettier-ignore
    needs: 'root on the network of the node',
    gives: 'Root',
    says: 'its shims listen on abstract sockets, which root on the network of the node may use',
  },
  {
    id: 'CVE-2022-23648',
    edge: 'B19',
    component: 'containerd',
    since: [1, 0, 0],
    fixed: [[1, 4, 13], [1, 5, 10], [1, 6, 1]], // prettier-ignore
    needs: 'any pod that is made',
    gives: 'HostRead',
    says: 'the volumes an image declares may be links to files of the node',
  },
  {
    id: 'CVE-2022-0811',
    edge: 'B19',
    component: 'cri-o',
    since: [1, 19, 0],
    fixed: [[1, 19, 6], [1, 20, 7], [1, 21, 6], [1, 22, 3], [1, 23, 2]], // prettier-ignore
    needs: 'any pod that is made',
    gives: 'Root',
    says: 'the value of a safe sysctl may carry kernel.core_pattern with it',
  },
  {
    id: 'CVE-2023-3676',
    edge: 'B19',
    component: 'kubelet',
    since: [1, 0, 0],
    fixed: [[1, 24, 17], [1, 25, 13], [1, 26, 8], [1, 27, 5], [1, 28, 1]], // prettier-ignore
    os: 'windows',
    needs: 'any pod that is made',
    gives: 'Root',
    says: 'the kubelet of a Windows node runs what the subPath of a volume mount says',
  },
  {
    id: 'CVE-2024-10220',
    edge: 'B20',
    component: 'kubelet',
    since: [1, 0, 0],
    fixed: [[1, 28, 12], [1, 29, 7], [1, 30, 3]], // prettier-ignore
    needs: 'any pod that is made',
    gives: 'Root',
    says: 'it mounts gitRepo volumes unsafely',
  },
  {
    id: 'CVE-2021-25741',
    edge: 'B20',
    component: 'kubelet',
    since: [1, 0, 0],
    fixed: [[1, 19, 15], [1, 20, 11], [1, 21, 5], [1, 22, 2]], // prettier-ignore
    needs: 'any pod that is made',
    gives: 'Root',
    says: 'it mounts subPath volumes unsafely',
  },
  {
    id: 'CVE-2022-0847',
    edge: 'B19',
    component: 'kernel',
    since: [5, 8, 0],
    fixed: [[5, 10, 102], [5, 15, 25], [5, 16, 11]], // prettier-ignore
    needs: 'any container',
    gives: 'Root',
    says: 'files that are only readable can be written, the container runtime among them',
    open: 'whether the maker of the kernel closed the hole in a build of this number is not in the facts',
  },
];

/** A hole of one node, with the version that has it. */
export interface NodeHoleFound {
  readonly hole: NodeHole;
  readonly version: string;
}

export function holesOf(node: KubernetesObject): readonly NodeHoleFound[] {
  const info = at(node, 'status', 'nodeInfo');
  const windows = text(at(info, 'operatingSystem')) === 'windows';
  return NODE_HOLES.flatMap((hole) => {
    const version = versionOf(hole.component, info);
    const parsed = parse(version);
    if (!parsed || (hole.os === 'windows') !== windows || !isHoled(parsed, hole)) return [];
    return [{ hole, version }];
  });
}

function versionOf(component: NodeHole['component'], info: unknown): string {
  const runtime = text(at(info, 'containerRuntimeVersion')) ?? '';
  switch (component) {
    case 'kernel': {
      // A distribution that stays at patch 0 counts its corrections elsewhere: the number says nothing.
      const kernel = text(at(info, 'kernelVersion')) ?? '';
      return /^\d+\.\d+\.0\b/.test(kernel) ? '' : kernel;
    }
    case 'kubelet':
      return text(at(info, 'kubeletVersion')) ?? '';
    default:
      return runtime.startsWith(`${component}://`) ? runtime.slice(component.length + 3) : '';
  }
}

function parse(version: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

function isHoled(version: Version, { since, fixed }: NodeHole): boolean {
  if (isBefore(version, since)) return false;
  const own = fixed.find(([major, minor]) => major === version[0] && minor === version[1]);
  const last = fixed.at(-1);
  return own ? isBefore(version, own) : last !== undefined && isBefore(version, last);
}

function isBefore(a: Version, b: Version): boolean {
  for (const [index, part] of a.entries()) if (part !== b[index]) return part < (b[index] ?? 0);
  return false;
}
