import { createHash } from 'node:crypto';

/** Name of a pod's interface on its node, from its uid: what the policy agent goes by, as CNI plugins do. */
export function podInterface(uid: string): string {
  return `pod${createHash('sha256').update(uid).digest('hex').slice(0, 11)}`;
}
