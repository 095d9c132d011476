import type { ClusterClient } from '../../cluster/types.ts';
import { createOutside, type Outside } from '../../experiments/probes/outside.ts';
import { API_PORT, IPV4, supervisorAddress } from '../../lab/network/addresses.ts';
import { labPaths, readLabState } from '../../lab/state.ts';
import { openStranger } from '../../lab/strangers.ts';
import type { Io } from '../io.ts';

/** A place outside the cluster of a client: where the lab plays the internet, when the cluster is the lab. */
export function outsideOf({ server }: ClusterClient, io: Io): Outside | undefined {
  const lab = readLabState(io.env);
  if (lab.kind !== 'running' || lab.status.server !== server) return undefined;
  return createOutside({
    open: () => openStranger(labPaths(io.env).outsideSocket),
    control: { kind: 'connect', host: supervisorAddress(IPV4), port: API_PORT, timeoutMs: 1_000 },
    cluster: [IPV4.nodes, IPV4.pods, IPV4.services],
    now: io.now,
  });
}
