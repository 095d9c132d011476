import type { ClusterClient } from '../../cluster/types.ts';
import { createOutside, type Outside } from '../../experiments/probes/outside.ts';
import { API_PORT, networksOf, supervisorAddress } from '../../lab/network/addresses.ts';
import { labPaths, readLabState } from '../../lab/state.ts';
import { openStranger } from '../../lab/strangers.ts';
import type { Io } from '../io.ts';

/** A place outside the cluster of a client: where the lab plays the internet, when the cluster is the lab. */
export function outsideOf({ server }: ClusterClient, io: Io): Outside | undefined {
  const lab = readLabState(io.env);
  if (lab.kind !== 'running' || lab.status.server !== server) return undefined;
  const networks = networksOf(lab.status.families);
  return createOutside({
    open: () => openStranger(labPaths(io.env).outsideSocket),
    controls: networks.map((network) => ({
      kind: 'connect',
      host: supervisorAddress(network),
      port: API_PORT,
      timeoutMs: 1_000,
    })),
    cluster: networks.flatMap(({ nodes, pods, services }) => [nodes, pods, services]),
    now: io.now,
  });
}
