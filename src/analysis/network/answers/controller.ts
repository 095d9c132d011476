import type { Snapshot } from '../../../model/snapshot.ts';
import type { Classes } from '../classes/classes.ts';
import { containerPorts, type Inhabitants, type NetworkWorkload } from '../inhabitants/endpoints.ts';
import type { Matrix } from '../rows/matrix.ts';
import { NONE, type PortId, type PortTable } from '../ports/port-table.ts';
import { intersectPorts, NO_PORTS, singlePort, unionPorts, type PortSet } from '../ports/ports.ts';
import type { Profile } from '../profiles/profile.ts';
import { routeBackends } from '../inhabitants/route-backends.ts';
import { readRoutes } from '../inhabitants/routes.ts';
import type { Connection } from '../types.ts';

export interface ControllerInput {
  readonly snapshot: Snapshot;
  readonly inhabitants: Inhabitants;
  readonly classes: Classes;
  readonly table: PortTable;
  readonly matrix: Matrix;
  readonly profile: Profile;
}

/**
 * Connections from the pod that serves Ingresses and routes, `{ingress-controller}`, to the pods behind them. Which
 * pod that is nobody says, so it stands for a pod without labels in a namespace of which nobody knows the name.
 */
export function controllerConnections(input: ControllerInput): readonly Connection[] {
  const { snapshot, inhabitants, classes, table, matrix, profile } = input;
  const found = new Map<NetworkWorkload, PortId>();
  for (const route of readRoutes(snapshot)) {
    if (route.doubt) continue;
    for (const { endpoint, workload, ports } of routeBackends(
      snapshot,
      inhabitants,
      route,
      profile.declaredPortsOnly,
    )) {
      const wanted = table.id(profile.declaredPortsOnly ? intersectPorts(ports, declared(endpoint)) : ports);
      for (const podClass of classes.ofWorkload[workload.index] ?? []) {
        if (!podClass.members.includes(endpoint)) continue;
        const open = table.intersect(wanted, matrix.between(classes.controller, podClass.index));
        if (open !== NONE) found.set(workload, table.union(found.get(workload) ?? NONE, open));
      }
    }
  }
  return [...found].map(([workload, ports]) => ({
    from: { kind: 'ingressController' },
    to: { kind: 'workload', ref: workload.ref },
    ports: table.set(ports),
  }));
}

/** The TCP ports a pod declares. */
function declared(endpoint: NetworkWorkload['endpoints'][number]): PortSet {
  return containerPorts(endpoint.spec)
    .filter(({ protocol }) => protocol === 'TCP')
    .reduce<PortSet>((sum, { port }) => unionPorts(sum, singlePort('TCP', port)), NO_PORTS);
}
