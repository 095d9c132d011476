import { nodeProgram } from './node-program.ts';
import type { LabImage } from './image.ts';

/** Enforces NetworkPolicies on the interfaces of its node's pods. */
export const policyAgent: LabImage = {
  repository: 'seaworthy.dev/policy-agent',
  title: 'NetworkPolicy enforcement with nftables',
  entrypoint: nodeProgram('policy-agent'),
  command: [],
  env: {},
  user: { uid: 0, gid: 0 },
  workingDir: '/',
};
