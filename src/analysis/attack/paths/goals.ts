import { at, text } from '../../../model/json.ts';
import { shellOn } from '../hops/hops.ts';
import { API_REACH, formatNode, node, type AttackNode } from '../nodes.ts';
import type { ContainerFacts, PodUnit } from '../facts/pod-units.ts';
import type { World } from '../world/world.ts';

/** A node with pods named by their workload, as the engine names them. */
export function canonical(asked: AttackNode, world: World): AttackNode {
  if (asked.kind !== 'Shell' && asked.kind !== 'Code' && asked.kind !== 'Reach') return asked;
  const [unit] = world.pods.at(asked);
  if (!unit || asked.name === undefined) return asked;
  const rest = /[/:].*$/.exec(asked.name)?.[0] ?? '';
  return node(asked.kind, `${unit.name}${rest}`, unit.namespace);
}

/** All that somebody at a foothold holds from the start. */
export function footholdNodes(foothold: AttackNode, world: World): readonly AttackNode[] {
  const start = canonical(foothold, world);
  const units = world.pods.at(start);
  const place = placeOf(foothold, units, world);
  const there = (found: AttackNode): AttackNode => (place === undefined ? found : { ...found, object: place });
  switch (start.kind) {
    case 'Shell':
      return [
        there(start),
        ...units.flatMap((unit) =>
          running(unit).map(({ entry }) => there(node('Code', `${unit.name}/${entry.name}`, unit.namespace))),
        ),
      ];
    case 'Code':
      // A pod that has more than its likes is not entered by being in those.
      return units.length > 0 && units.every((unit) => isAlone(start, unit))
        ? [there(start), there(node('Shell', start.name?.split('/')[0], start.namespace))]
        : [there(start)];
    case 'Root':
    case 'HostRead':
    case 'NodeIdentity': {
      const nodes = start.name === undefined ? world.nodes.names().map((name) => node(start.kind, name)) : [start];
      return start.kind === 'Root' ? nodes : [...nodes, API_REACH];
    }
    case 'Identity': {
      // The name of a node, which is in the group of all nodes, is what the Node authorizer asks for.
      const name = /^system:node:(.+)/.exec(start.name ?? '')?.[1];
      return [start, ...(name === undefined ? [] : [node('NodeIdentity', name)]), API_REACH];
    }
    case 'Token':
    case 'Secret':
    case 'NamespaceAdmin':
    case 'ClusterAdmin':
    case 'SystemMasters':
    case 'CloudPrincipal':
      // Whoever is assumed to have a credential is assumed to have a place to use it from.
      return [start, API_REACH];
    default:
      return [start];
  }
}

function running({ containers }: PodUnit): readonly ContainerFacts[] {
  return containers.filter(({ state }) => state === 'running');
}

/** Whether who runs code in a container has all that runs in its pod. */
function isAlone(code: AttackNode, unit: PodUnit): boolean {
  const [only, ...others] = unit.containers.filter(({ state }) => state !== 'ended');
  return only !== undefined && others.length === 0 && isNamed(only, code);
}

function isNamed({ entry }: ContainerFacts, { name }: AttackNode): boolean {
  return entry.name === name?.split('/')[1];
}

/** The node that somebody is on who starts in a pod of that very name, where the workload has others elsewhere. */
function placeOf({ name = '' }: AttackNode, units: readonly PodUnit[], world: World): string | undefined {
  const [pod] = name.split('/');
  for (const unit of units) {
    const live = unit.workload.pods.find(({ object }) => object.metadata.name === pod);
    const on = live && text(at(live.object, 'spec', 'nodeName'));
    if (on !== undefined) return shellOn(unit, on, world).object;
  }
  return undefined;
}

/**
 * Whether holding a node is holding the goal: any Root for a Root without a name, root of a node for reading its
 * files, a shell in a pod for code in each of its containers and the other way round where there is only one.
 */
export function satisfies(held: AttackNode, goal: AttackNode, world: World): boolean {
  if (formatNode(held) === formatNode(goal)) return true;
  // The pods of one node are pods of the workload.
  if (held.object !== undefined && (held.kind === 'Shell' || held.kind === 'Code'))
    return satisfies(node(held.kind, held.name, held.namespace), goal, world);
  switch (goal.kind) {
    case 'Root':
    case 'NodeIdentity':
    case 'CloudPrincipal':
      if (goal.name !== undefined) return false;
      return held.kind === goal.kind || (goal.kind === 'Root' && isEveryRoot(held));
    case 'HostRead':
      return (held.kind === 'HostRead' || held.kind === 'Root') && (goal.name === undefined || held.name === goal.name);
    case 'Code':
      return (
        held.kind === 'Shell' &&
        held.namespace === goal.namespace &&
        held.name === goal.name?.split('/')[0] &&
        world.pods.at(goal).some((unit) => unit.containers.some((one) => isNamed(one, goal) && one.state !== 'ended'))
      );
    case 'Shell':
      return (
        held.kind === 'Code' &&
        held.namespace === goal.namespace &&
        held.name?.split('/')[0] === goal.name &&
        world.pods.at(goal).some((unit) => isAlone(held, unit))
      );
    default:
      return false;
  }
}

function isEveryRoot({ kind, name }: AttackNode): boolean {
  return kind === 'All' && (name === 'Root' || name === 'SchedulableRoot');
}

/** What the last hop to a goal costs at least: nobody becomes root of a node without an effort. */
export function leastLastHop(goal: AttackNode): number {
  return goal.kind === 'Root' ? 1 : 0;
}
