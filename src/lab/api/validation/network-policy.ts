import { isIP } from 'node:net';
import { list, record, records, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Cause } from '../http/status.ts';
import { forbiddenField, invalidValue, notSupported, required } from './causes.ts';
import { portName, portNumber } from './names.ts';
import { validateSelector } from './selector.ts';

/** Source: pkg/apis/networking/validation ValidateNetworkPolicySpec. */
export function validateNetworkPolicy(policy: KubernetesObject): readonly Cause[] {
  const spec = record(policy['spec']);
  const rules = (direction: 'ingress' | 'egress', peers: 'from' | 'to'): readonly Cause[] =>
    records(spec[direction]).flatMap(([index, rule]) => {
      const field = `spec.${direction}[${index}]`;
      return [
        ...records(rule['ports']).flatMap(([at, port]) => validatePort(`${field}.ports[${at}]`, port)),
        ...records(rule[peers]).flatMap(([at, peer]) => validatePeer(`${field}.${peers}[${at}]`, peer)),
      ];
    });
  const types = list(spec['policyTypes']);
  return [
    ...validateSelector('spec.podSelector', spec['podSelector']),
    ...rules('ingress', 'from'),
    ...rules('egress', 'to'),
    ...(types.length > 2 ? [invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')] : []),
    ...types.flatMap((type, index) =>
      type === 'Ingress' || type === 'Egress'
        ? []
        : [notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress'])],
    ),
  ];
}

function validatePort(field: string, port: JsonRecord): readonly Cause[] {
  const causes: Cause[] = [];
  const protocol = text(port['protocol']);
  if (protocol !== undefined && !['TCP', 'UDP', 'SCTP'].includes(protocol)) {
    causes.push(notSupported(`${field}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
  }
  const number = port['port'];
  const end = port['endPort'];
  if (number === undefined) {
    if (end !== undefined) causes.push(required(`${field}.port`, 'must be specified when `endPort` is specified'));
    return causes;
  }
  if (typeof number === 'string') {
    causes.push(...portName(`${field}.port`, number));
    if (end !== undefined)
      causes.push(invalidValue(`${field}.endPort`, end, 'may not be specified when `port` is non-numeric'));
    return causes;
  }
  causes.push(...portNumber(`${field}.port`, number));
  if (end !== undefined) {
    if (Number(end) < Number(number)) {
      causes.push(invalidValue(`${field}.endPort`, number, 'must be greater than or equal to `port`'));
    }
    causes.push(...portNumber(`${field}.endPort`, end));
  }
  return causes;
}

function validatePeer(field: string, peer: JsonRecord): readonly Cause[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const causes: Cause[] = [];
  if (podSelector !== undefined) causes.push(...validateSelector(`${field}.podSelector`, podSelector));
  if (namespaceSelector !== undefined)
    causes.push(...validateSelector(`${field}.namespaceSelector`, namespaceSelector));
  if (ipBlock !== undefined) {
    causes.push(...validateBlock(`${field}.ipBlock`, record(ipBlock)));
    if (podSelector !== undefined || namespaceSelector !== undefined) {
      causes.push(forbiddenField(field, 'may not specify both ipBlock and another peer'));
    }
  } else if (podSelector === undefined && namespaceSelector === undefined) {
    causes.push(required(field, 'must specify a peer'));
  }
  return causes;
}

function validateBlock(field: string, block: JsonRecord): readonly Cause[] {
  const cidr = text(block['cidr']) ?? '';
  if (cidr === '') return [required(`${field}.cidr`)];
  const outer = parseCidr(cidr);
  if (!outer) return [invalidValue(`${field}.cidr`, cidr, CIDR_SAYS)];
  return list(block['except']).flatMap((except, index) => {
    const where = `${field}.except[${index}]`;
    const inner = typeof except === 'string' ? parseCidr(except) : undefined;
    if (!inner) return [invalidValue(where, except, CIDR_SAYS)];
    const contained =
      inner.bits === outer.bits &&
      inner.length > outer.length &&
      inner.value >> BigInt(outer.bits - outer.length) === outer.value >> BigInt(outer.bits - outer.length);
    return contained ? [] : [invalidValue(where, except, 'must be a strict subset of `cidr`')];
  });
}

const CIDR_SAYS = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

interface Cidr {
  readonly value: bigint;
  readonly bits: 32 | 128;
  readonly length: number;
}

function parseCidr(written: string): Cidr | undefined {
  const [address = '', length = '', ...more] = written.split('/');
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  if (family === 0 || more.length > 0 || !/^\d+$/.test(length) || Number(length) > bits) return undefined;
  const value =
    family === 4
      ? address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
      : groups(address).reduce((sum, group) => sum * 65_536n + BigInt(group), 0n);
  return { value, bits, length: Number(length) };
}

/** The eight groups of an IPv6 address as numbers. */
function groups(address: string): readonly number[] {
  const v4 = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (a: number, b: number): string => (a * 256 + b).toString(16);
  const plain = v4 ? `${v4[1]}${hex(Number(v4[2]), Number(v4[3]))}:${hex(Number(v4[4]), Number(v4[5]))}` : address;
  const [head = '', tail] = plain.split('::');
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return parse(head);
  const [before, after] = [parse(head), parse(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
