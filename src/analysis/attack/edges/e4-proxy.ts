import { matches, parseSelector } from '../../../model/selectors.ts';
import { at, stringMap } from '../../../model/json.ts';
import { refOf, type ObjectRef } from '../../../model/object.ts';
import { containerPorts } from '../../network/inhabitants/endpoints.ts';
import { servicePorts } from '../../network/inhabitants/services.ts';
import { actions, resourceOf } from '../hops/actions.ts';
import { defineEdge, type Hop } from '../hops/define-edge.ts';
import { byTheRight, given } from '../hops/hops.ts';
import { node, type AttackNode } from '../nodes.ts';
import { unitsUnder } from '../hops/rights.ts';
import type { Target } from '../world/target-index.ts';
import type { World } from '../world/world.ts';

export const proxy = defineEdge({
  id: 'E4',
  title: 'reach a pod through the proxy of the API server',
  technique: ['T1090'],
  cost: 1,
  from: actions(['get', 'create'], ['pods/proxy', 'services/proxy']),
  *hops(right, world) {
    const found = resourceOf(right) === 'services/proxy' ? behindServices(right, world) : ofPods(right, world);
    // The packets are the API server's: a policy that does not let it in is in the way, other than for port-forward.
    for (const { target, needs } of found)
      yield* given(world.network.reachedFromApi(target.unit, target.port), hopTo(target, needs));
  },
  fix: 'Remove pods/proxy and services/proxy from the role.',
  prove: 'Ask for an access review of get on pods/proxy or services/proxy.',
});

interface Proxied {
  readonly target: Target;
  readonly needs: readonly ObjectRef[];
}

function hopTo({ unit, port }: Target, needs: readonly ObjectRef[]): Hop {
  return {
    to: node('Reach', `${unit.name}:${port}`, unit.namespace),
    needs: [unit.ref, ...needs],
    because: byTheRight,
  };
}

function* ofPods(right: AttackNode, world: World): Generator<Proxied> {
  const { object, ...everywhere } = right;
  const [name, port] = nameAndPort(object);
  const units = name === undefined ? undefined : new Set(unitsUnder({ ...everywhere, object: name }, world));
  for (const target of world.targets.all) {
    const { unit } = target;
    if (port !== undefined && port !== String(target.port)) continue;
    if (units ? units.has(unit) : (right.namespace ?? unit.namespace) === unit.namespace) yield { target, needs: [] };
  }
}

/** A pod or a Service is named alone, or as `scheme:name:port` (kubernetes pkg/registry/core/service/storage). */
function nameAndPort(object = ''): readonly [name: string | undefined, port: string | undefined] {
  const [, name, port] = /^(?:https?:)?([^:]+)(?::(.*))?$/.exec(object) ?? [];
  return [name, port || undefined];
}

function* behindServices({ namespace, object }: AttackNode, world: World): Generator<Proxied> {
  const [name, port] = nameAndPort(object);
  const targets = Map.groupBy(world.targets.all, ({ unit }) => unit.namespace);
  for (const { object: service } of world.snapshot.list('Service')) {
    const place = service.metadata.namespace ?? 'default';
    const here = targets.get(place);
    if (!here) continue;
    if ((namespace ?? place) !== place || (name ?? service.metadata.name) !== service.metadata.name) continue;
    const selector = stringMap(at(service, 'spec', 'selector'));
    const parsed = parseSelector({ matchLabels: selector });
    if (parsed.kind !== 'ok' || Object.keys(selector).length === 0) continue;
    const ports = servicePorts(service).filter(
      (one) => one.protocol === 'TCP' && (port === undefined || port === one.name || port === String(one.port)),
    );
    for (const target of here) {
      const { unit } = target;
      if (!matches(parsed.selector, unit.workload.template.labels)) continue;
      const leadsThere = ports.some(({ targetPort }) =>
        typeof targetPort === 'number'
          ? targetPort === target.port
          : containerPorts(unit.spec).some((one) => one.name === targetPort && one.port === target.port),
      );
      if (leadsThere) yield { target, needs: [refOf(service)] };
    }
  }
}
