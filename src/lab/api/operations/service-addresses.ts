import { randomInt } from 'node:crypto';
import { at, list, records, strings, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { addressIn, familyOf, ofFamily } from '../../network/ip.ts';
import type { Core } from '../core.ts';
import { invalid, type Cause } from '../http/status.ts';
import { child, children, sameJson, type Draft, type Fields } from '../objects.ts';
import { invalidValue } from '../validation/causes.ts';
import { chooseFamilies } from './service-families.ts';

const SERVICE = { group: '', resource: 'services', kind: 'Service' };

/** Gives a Service its cluster addresses, one of each of its families, and node ports, and keeps those it has. */
export function allocateServiceAddresses(core: Core, draft: Draft, before: KubernetesObject | undefined): void {
  const spec = child(draft, 'spec');
  if (spec['type'] === 'ExternalName') {
    delete spec['clusterIP'];
    delete spec['clusterIPs'];
    return;
  }
  const had = at(before, 'spec', 'type') === 'ExternalName' ? [] : strings(at(before, 'spec', 'clusterIPs'));
  releaseSecond(spec, before, had);
  const wanted = wantedAddresses(spec, had);
  if (had.length > 0 && wanted[0] !== had[0])
    refuse(draft, [invalidValue('spec.clusterIPs[0]', wanted, 'may not change once set')]);
  const chosen = chooseFamilies(spec, wanted, before, core.services.cidrs.map(familyOf));
  if (chosen.kind === 'invalid') refuse(draft, chosen.causes);
  const addresses =
    wanted[0] === 'None'
      ? ['None']
      : chosen.families.map(
          (family, index) => wanted[index] ?? freeAddress(core, ofFamily(core.services.cidrs, family)),
        );
  for (const address of addresses) if (address !== 'None' && !had.includes(address)) refuseTaken(core, draft, address);
  spec['clusterIP'] = addresses[0];
  spec['clusterIPs'] = addresses;
  spec['ipFamilies'] = chosen.families;
  spec['ipFamilyPolicy'] = chosen.policy;
  if (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer') allocateNodePorts(core, spec, before);
}

/** A Service that becomes single-stack gives its second address back, also where the writer left it standing. */
function releaseSecond(spec: Fields, before: KubernetesObject | undefined, had: readonly string[]): void {
  const becomes = spec['ipFamilyPolicy'] === 'SingleStack' && at(before, 'spec', 'ipFamilyPolicy') !== 'SingleStack';
  if (!becomes) return;
  const families = strings(at(before, 'spec', 'ipFamilies'));
  if (sameJson(spec['clusterIPs'], had)) spec['clusterIPs'] = had.slice(0, 1);
  if (sameJson(spec['ipFamilies'], families)) spec['ipFamilies'] = families.slice(0, 1);
}

/** The addresses asked for, by whichever of the two fields was changed; those it had where nothing is said of them. */
function wantedAddresses(spec: Fields, had: readonly string[]): readonly string[] {
  const many = strings(spec['clusterIPs']);
  const one = text(spec['clusterIP']) ?? '';
  if (many.length > 0 && !sameJson(many, had)) return many;
  if (one !== '' && one !== had[0]) return [one];
  return many.length > 0 ? many : had.slice(0, spec['ipFamilyPolicy'] === 'SingleStack' ? 1 : 2);
}

function refuse(draft: Draft, causes: readonly Cause[]): never {
  throw invalid(SERVICE, draft.metadata.name, causes);
}

function services(core: Core): readonly KubernetesObject[] {
  return core.store.list('services');
}

function takenAddresses(core: Core): ReadonlySet<string> {
  return new Set(services(core).flatMap((service) => strings(at(service, 'spec', 'clusterIPs'))));
}

function refuseTaken(core: Core, draft: Draft, address: string): void {
  if (!takenAddresses(core).has(address)) return;
  const says = `failed to allocate IP ${address}: provided IP is already allocated`;
  refuse(draft, [invalidValue('spec.clusterIPs', [address], says)]);
}

/** The first address of a block that is free, from a point that differs from one service to the next. */
function freeAddress(core: Core, cidr: string | undefined): string {
  if (cidr === undefined) throw new Error('the cluster has no Service addresses of this family');
  const taken = takenAddresses(core);
  const size = 2 ** ((familyOf(cidr) === 'IPv4' ? 32 : 128) - Number(cidr.split('/')[1]));
  // The low addresses are left to those who ask for one: the API's own service, the cluster's DNS.
  const low = Math.min(256, Math.floor(size / 4));
  const start = randomInt(low, size - 1);
  for (let step = 0; step < size; step++) {
    const address = addressIn(cidr, low + ((start - low + step) % (size - low - 1)));
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
