import { existsSync } from 'node:fs';
import { SeaworthyError } from '../model/errors.ts';
import { createClusterClient, type ClientOptions } from './client.ts';
import { findConnection, type ConnectionChoice } from './kubeconfig.ts';
import type { ClusterClient } from './types.ts';

/** Which cluster is meant, and as whom. */
export interface ConnectOptions extends ConnectionChoice {
  /** Talk to the lab, whose kubeconfig is here. */
  readonly labKubeconfig?: string;
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] };
}

/** Opens a client to the cluster that the flags, the environment and the kubeconfig name. */
export function connect(
  options: ConnectOptions,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  client: ClientOptions = {},
): ClusterClient {
  const { labKubeconfig, impersonate, ...choice } = options;
  if (labKubeconfig !== undefined && !existsSync(labKubeconfig)) {
    throw new SeaworthyError('SW_LAB_NOT_RUNNING', 'the embedded cluster is not running', {
      hint: 'Start it with: seaworthy lab up',
      exit: 4,
    });
  }
  const connection = findConnection(labKubeconfig === undefined ? choice : { kubeconfig: labKubeconfig }, env, cwd);
  return createClusterClient(impersonate ? { ...connection, impersonate } : connection, { env, ...client });
}
