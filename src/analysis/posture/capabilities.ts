import { list, record } from '../../model/json.ts';
import type { PodContainer } from './pod-subject.ts';

/** `SYS_ADMIN` of `CAP_SYS_ADMIN` or `sys_admin`: some runtimes take all three for the same. */
function capabilityName(written: unknown): string {
  return String(written).toUpperCase().replace(/^CAP_/, '');
}

/** The capabilities a container asks for, by name, with their index in `capabilities.add`. */
export function addedCapabilities(
  container: PodContainer,
): readonly { readonly name: string; readonly index: number }[] {
  return list(record(container.securityContext['capabilities'])['add']).map((written, index) => ({
    name: capabilityName(written),
    index,
  }));
}

/** The capabilities a container gives up, by name. `ALL` stands for every one. */
export function droppedCapabilities(container: PodContainer): ReadonlySet<string> {
  return new Set(list(record(container.securityContext['capabilities'])['drop']).map(capabilityName));
}
