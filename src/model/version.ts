import type { KubernetesVersion } from './snapshot.ts';

/** Reads `1.36`, `v1.36`, `v1.36.3+k3s1` or `1.36+`; undefined for anything else (`latest` included). */
export function parseKubernetesVersion(written: string): KubernetesVersion | undefined {
  const found = /^v?(\d+)\.(\d+)(?:[.+-].*)?$/.exec(written.trim());
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}

/** The newest minor version whose rules are built in; used when a source states none. */
export const NEWEST_KUBERNETES: KubernetesVersion = { major: 1, minor: 36 };

/** `v1.34`. */
export function formatKubernetesVersion(version: KubernetesVersion): string {
  return `v${version.major}.${version.minor}`;
}

/** Whether a version is this minor version or a later one. */
export function atLeast(version: KubernetesVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}
