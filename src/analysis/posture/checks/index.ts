import type { Check } from '../define-check.ts';
import { allowPrivEscalation } from './allow-priv-escalation.ts';
import { capsBeyondBaseline } from './caps-beyond-baseline.ts';
import { capsDangerous } from './caps-dangerous.ts';
import { clusterAdminBinding } from './cluster-admin-binding.ts';
import { hostIpc } from './host-ipc.ts';
import { hostNetwork } from './host-network.ts';
import { hostPathSensitiveRw } from './host-path-sensitive-rw.ts';
import { hostPathVolume } from './host-path-volume.ts';
import { hostPid } from './host-pid.ts';
import { hostPort } from './host-port.ts';
import { nsNoDefaultDeny } from './ns-no-default-deny.ts';
import { nsNoNetpol } from './ns-no-netpol.ts';
import { privilegedContainer } from './privileged-container.ts';
import { runAsNonRoot } from './run-as-non-root.ts';
import { runtimeSocketMount } from './runtime-socket-mount.ts';
import { saTokenAutomount } from './sa-token-automount.ts';

/** Every check, sorted by id. Adding one is adding a file, a page in docs/checks and a line here. */
export const CHECKS: readonly Check[] = [
  allowPrivEscalation,
  capsBeyondBaseline,
  capsDangerous,
  clusterAdminBinding,
  hostIpc,
  hostNetwork,
  hostPathSensitiveRw,
  hostPathVolume,
  hostPid,
  hostPort,
  nsNoDefaultDeny,
  nsNoNetpol,
  privilegedContainer,
  runAsNonRoot,
  runtimeSocketMount,
  saTokenAutomount,
];
