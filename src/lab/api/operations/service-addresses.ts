import { randomInt } from 'node:crypto';
import { at, list, records, strings, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Core } from '../core.ts';
import { invalid } from '../http/status.ts';
import { child, children, type Draft, type Fields } from '../objects.ts';

const SERVICE = { group: '', resource: 'services', kind: 'Service' };

/** Gives a Service its cluster address and node ports, and keeps those it has. IPv4 only. */
export function allocateServiceAddresses(core: Core, draft: Draft, before: KubernetesObject | undefined): void {
  const spec = child(draft, 'spec');
  if (spec['type'] === 'ExternalName') {
    delete spec['clusterIP'];
    delete spec['clusterIPs'];
    return;
  }
  const had = text(at(before, 'spec', 'clusterIP'));
  const wanted = text(spec['clusterIP']) || strings(spec['clusterIPs'])[0] || had;
  if (had !== undefined && wanted !== had && at(before, 'spec', 'type') !== 'ExternalName') {
    throw invalid(SERVICE, draft.metadata.name, [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ["${wanted}"]: may not change once set`,
        field: 'spec.clusterIPs[0]',
      },
    ]);
  }
  const address = wanted ?? freeAddress(core);
  if (address !== 'None' && address !== had) refuseTaken(core, draft, address);
  spec['clusterIP'] = address;
  spec['clusterIPs'] = [address];
  spec['ipFamilies'] ??= ['IPv4'];
  spec['ipFamilyPolicy'] ??= 'SingleStack';
  if (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer') allocateNodePorts(core, spec, before);
}

function services(core: Core): readonly KubernetesObject[] {
  return core.store.list('services');
}

function refuseTaken(core: Core, draft: Draft, address: string): void {
  const taken = services(core).some((service) => at(service, 'spec', 'clusterIP') === address);
  if (!taken) return;
  throw invalid(SERVICE, draft.metadata.name, [
    {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ["${address}"]: failed to allocate IP ${address}: provided IP is already allocated`,
      field: 'spec.clusterIPs',
    },
  ]);
}

/** The first address that is free, from a point that differs from one service to the next. */
function freeAddress(core: Core): string {
  const taken = new Set(services(core).map((service) => at(service, 'spec', 'clusterIP')));
  const [network = '10.96.0.0', bits = '16'] = core.services.cidr.split('/');
  const first = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  // The low addresses are left to those who ask for one: the API's own service, the cluster's DNS.
  const low = Math.min(256, size >> 2);
  const start = randomInt(low, size - 1);
  for (let step = 0; step < size; step++) {
    const offset = low + ((start - low + step) % (size - low - 1));
    const address = [24, 16, 8, 0].map((shift) => Math.floor((first + offset) / 2 ** shift) % 256).join('.');
    if (!taken.has(address)) return address;
  }
  throw new Error('no Service address is left');
}

function allocateNodePorts(core: Core, spec: Fields, before: KubernetesObject | undefined): void {
  const taken = new Set(
    services(core).flatMap((service) => records(at(service, 'spec', 'ports')).map(([, port]) => port['nodePort'])),
  );
  const [first, last] = core.services.nodePorts;
  for (const [index, port] of children(spec, 'ports').entries()) {
    const had = at(list(at(before, 'spec', 'ports'))[index], 'nodePort');
    port['nodePort'] ??= had;
    for (let tried = 0; port['nodePort'] === undefined && tried < 1000; tried++) {
      const candidate = randomInt(first, last + 1);
      if (!taken.has(candidate)) port['nodePort'] = candidate;
    }
    taken.add(port['nodePort']);
  }
}
