import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './testing/connect.ts';

/** Addresses and families of Services, as Kubernetes gives them (KEP-563; pkg/registry/core/service/storage). */
const SERVICES = '/api/v1/namespaces/default/services';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const FOUR = expect.stringMatching(/^10\.96\./);
const SIX = expect.stringMatching(/^fd00:10:96::/);
let dual: TestServer;
let single: TestServer;
beforeAll(async () => {
  dual = await startTestServer({ serviceCidrs: ['10.96.0.0/16', 'fd00:10:96::/112'] });
  single = await startTestServer();
});
afterAll(() => Promise.all([dual.api.close(), single.api.close()]));

let serial = 0;
/** What came of creating a Service: its addresses, families and policy, or what was refused. */
async function create(server: TestServer, spec: object): Promise<unknown> {
  const body = {
    metadata: { name: `s-${serial++}` },
    spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec },
  };
  return shown(await server.send('POST', SERVICES, body));
}

function shown({ code, body }: Awaited<ReturnType<TestServer['send']>>): unknown {
  if (code >= 300)
    return body['details'].causes.map(({ field, message }: Record<string, string>) => `${field}: ${message}`);
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = body['spec'];
  expect(clusterIP).toBe(clusterIPs[0]);
  return [clusterIPs, ipFamilies, ipFamilyPolicy];
}

describe('a dual-stack cluster', () => {
  test.each([
    ['nothing said', {}, [[FOUR], ['IPv4'], 'SingleStack']],
    ['a family', { ipFamilies: ['IPv6'] }, [[SIX], ['IPv6'], 'SingleStack']],
    ['preferred', { ipFamilyPolicy: 'PreferDualStack' }, [[FOUR, SIX], ['IPv4', 'IPv6'], 'PreferDualStack']],
    ['required', { ipFamilyPolicy: 'RequireDualStack' }, [[FOUR, SIX], ['IPv4', 'IPv6'], 'RequireDualStack']],
    [
      'IPv6 first',
      { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] },
      [[SIX, FOUR], ['IPv6', 'IPv4'], 'RequireDualStack'],
    ],
    ['an address', { clusterIP: 'fd00:10:96::77' }, [['fd00:10:96::77'], ['IPv6'], 'SingleStack']],
    [
      'one address of two',
      { clusterIP: '10.96.7.7', ipFamilyPolicy: 'PreferDualStack' },
      [['10.96.7.7', SIX], ['IPv4', 'IPv6'], 'PreferDualStack'],
    ],
    [
      'both addresses',
      { clusterIPs: ['fd00:10:96::78', '10.96.7.8'], ipFamilyPolicy: 'RequireDualStack' },
      [['fd00:10:96::78', '10.96.7.8'], ['IPv6', 'IPv4'], 'RequireDualStack'],
    ],
    ['headless', { clusterIP: 'None' }, [['None'], ['IPv4'], 'SingleStack']],
    [
      'headless, for endpoints of one’s own',
      { clusterIP: 'None', selector: {} },
      [['None'], ['IPv4', 'IPv6'], 'RequireDualStack'],
    ],
  ])('%s', async (_title, spec, expected) => {
    expect(await create(dual, spec)).toEqual(expected);
  });

  test.each([
    [
      { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] },
      'spec.ipFamilyPolicy: Invalid value: "SingleStack": must be RequireDualStack or PreferDualStack when multiple ipFamilies are specified',
    ],
    [
      { ipFamilies: ['IPv4'], clusterIP: 'fd00:10:96::79' },
      'spec.clusterIPs[0]: Invalid value: "fd00:10:96::79": expected an IPv4 value as indicated by `ipFamilies[0]`',
    ],
    [
      { clusterIP: 'fd00:10:96::77' },
      'spec.clusterIPs: Invalid value: ["fd00:10:96::77"]: failed to allocate IP fd00:10:96::77: provided IP is already allocated',
    ],
  ])('%j is refused', async (spec, cause) => {
    expect(await create(dual, spec)).toEqual([cause]);
  });

  test('a change of policy adds the second address and releases it; the first one stays', async () => {
    const body = { metadata: { name: 'changing' }, spec: { selector: { app: 'a' }, ports: [{ port: 80 }] } };
    const first = (await dual.send('POST', SERVICES, body)).body['spec'].clusterIP;
    const become = async (ipFamilyPolicy: string) =>
      shown(await dual.send('PATCH', `${SERVICES}/changing`, { spec: { ipFamilyPolicy } }, MERGE));
    expect(await become('PreferDualStack')).toEqual([[first, SIX], ['IPv4', 'IPv6'], 'PreferDualStack']);
    expect(await become('SingleStack')).toEqual([[first], ['IPv4'], 'SingleStack']);
    expect(await become('RequireDualStack')).toEqual([[first, SIX], ['IPv4', 'IPv6'], 'RequireDualStack']);
    const moved = await dual.send('PATCH', `${SERVICES}/changing`, { spec: { clusterIPs: ['10.96.9.9'] } }, MERGE);
    expect(moved.code).toBe(422);
  });
});

describe('a single-stack cluster', () => {
  test.each([
    [{ ipFamilyPolicy: 'PreferDualStack' }, [[FOUR], ['IPv4'], 'PreferDualStack']],
    [{ clusterIP: 'None', selector: {} }, [['None'], ['IPv4', 'IPv6'], 'RequireDualStack']],
    [
      { ipFamilyPolicy: 'RequireDualStack' },
      [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      ],
    ],
    [{ ipFamilies: ['IPv6'] }, ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster']],
  ])('%j', async (spec, expected) => {
    expect(await create(single, spec)).toEqual(expected);
  });
});
