import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/object.ts';
import { RCODE, TYPE, writeReply, type DnsRecord } from './message.ts';
import { buildZone } from './zone.ts';

const service = (name: string, spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { ports: [{ name: 'http', port: 80 }], ...spec },
});
const slice = (family: 'IPv4' | 'IPv6', address: string): KubernetesObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `each-${family}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': 'each' } },
  addressType: family,
  endpoints: [{ addresses: [address], hostname: 'db-0' }],
  ports: [{ name: 'http', port: 8080 }],
});
const zone = buildZone({
  domain: 'cluster.local',
  services: [
    service('web', { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd00:96::7'] }),
    service('each', { clusterIP: 'None', clusterIPs: ['None'] }),
  ],
  slices: [slice('IPv4', '10.244.1.7'), slice('IPv6', 'fd00:244:1::7')],
});
const answers = (name: string, type: number): readonly string[] =>
  zone.answer({ name, type }).answers.map((record) => ('address' in record ? record.address : record.target));

test('a Service has an A record for its IPv4 address and an AAAA record for its IPv6 address', () => {
  expect(answers('web.shop.svc.cluster.local', TYPE.A)).toEqual(['10.96.0.7']);
  expect(answers('web.shop.svc.cluster.local', TYPE.AAAA)).toEqual(['fd00:96::7']);
  expect(answers('web.shop.svc.cluster.local', TYPE.ANY)).toEqual(['10.96.0.7', 'fd00:96::7']);
});

test('endpoints of both families share their host name, and have one SRV record', () => {
  expect(answers('each.shop.svc.cluster.local', TYPE.AAAA)).toEqual(['fd00:244:1::7']);
  expect(answers('db-0.each.shop.svc.cluster.local', TYPE.ANY)).toEqual(['10.244.1.7', 'fd00:244:1::7']);
  expect(answers('_http._tcp.each.shop.svc.cluster.local', TYPE.SRV)).toEqual(['db-0.each.shop.svc.cluster.local']);
});

test.each([
  ['7.0.96.10.in-addr.arpa', 'web.shop.svc.cluster.local'],
  [`7.${'0.'.repeat(23)}6.9.0.0.0.0.d.f.ip6.arpa`, 'web.shop.svc.cluster.local'],
  [`7.${'0.'.repeat(19)}1.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa`, 'db-0.each.shop.svc.cluster.local'],
])('%s is %s', (name, target) => {
  expect(answers(name, TYPE.PTR)).toEqual([target]);
});

test('names of pods are their addresses with dashes', () => {
  expect(answers('10-244-1-7.shop.pod.cluster.local', TYPE.A)).toEqual(['10.244.1.7']);
  expect(answers('fd00-244-1--7.shop.pod.cluster.local', TYPE.AAAA)).toEqual(['fd00:244:1::7']);
  expect(answers('fd00-244-1--7.shop.pod.cluster.local', TYPE.A)).toEqual([]);
  expect(zone.answer({ name: 'no-address.shop.pod.cluster.local', type: TYPE.A }).rcode).toBe(RCODE.noSuchName);
});

test('an AAAA record is sixteen bytes on the wire', () => {
  const record: DnsRecord = { type: 'AAAA', name: 'a', address: 'fd00::1' };
  const query = { id: 1, recursionDesired: false, name: 'a', type: TYPE.AAAA, question: Buffer.alloc(0) };
  const reply = writeReply(query, { rcode: RCODE.ok, answers: [record] }, 'udp');
  expect(reply.subarray(-18).toString('hex')).toBe(`0010fd00${'0'.repeat(26)}01`.slice(0, 36));
});
