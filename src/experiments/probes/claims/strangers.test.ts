import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp, parseCidr, parseIp, type IpRange } from '../../../analysis/network/addresses/ip.ts';
import type { ClaimOf } from '../../../claims/claim.ts';
import { createFacts } from '../../../claims/facts.ts';
import { parseClaims } from '../../../claims/read-claims.ts';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import type { ConnectCell } from '../connect.ts';
import { classesOfAddresses } from './address-classes.ts';
import { judgeStranger, type TriedWay } from './stranger-look.ts';
import { describeStrangerCell, strangerCells, targetsOf, withOwnWays, type StrangerCell } from './strangers.ts';
import { waysIn } from './ways-in.ts';

const SHOP = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, tier: front } }
    spec: { containers: [{ name: main, image: a, ports: [{ name: http, containerPort: 8080 }, { containerPort: 9000, hostPort: 90 }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: twin, namespace: shop }
spec:
  selector: { matchLabels: { app: twin } }
  template:
    metadata: { labels: { app: twin, tier: front } }
    spec: { containers: [{ name: main, image: a, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: kube-system }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { hostNetwork: true, containers: [{ name: main, image: a }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, targetPort: http, nodePort: 30080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: front, namespace: shop }
spec: { type: LoadBalancer, selector: { tier: front }, ports: [{ port: 443, targetPort: 8080 }] }
status: { loadBalancer: { ingress: [{ ip: 192.0.2.9 }] } }
---
apiVersion: v1
kind: Node
metadata: { name: one }
status: { addresses: [{ type: InternalIP, address: 172.16.0.1 }, { type: Hostname, address: one }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24, except: [198.51.100.128/25] } }] }]
`;
const facts = createFacts(snapshotOfYaml(SHOP));
const anywhere = { canBe: (address: string) => !address.includes(':') };

function claim(from: string, expected: string): ClaimOf<'reach'> {
  const [found] = parseClaims(
    `apiVersion: seaworthy.dev/v1alpha1
kind: Claim
metadata: { name: c, namespace: shop }
spec: { reach: { from: ${from}, to: { pods: { matchLabels: { app: web } }, ports: [{ port: 8080 }] }, expect: ${expected} } }`,
    'claim.yaml',
  );
  if (found?.kind !== 'reach') throw new Error('no claim of reach');
  return found;
}
const cellsFor = (from: string, expected: string): readonly string[] =>
  strangerCells(claim(from, expected), facts, anywhere).cells.map(describeStrangerCell);

describe('one address speaks for all that policies treat alike', () => {
  test('the internet falls into as many classes as blocks cut it into', () => {
    expect(cellsFor('{ internet: true }', 'denied')).toEqual([
      '1.0.0.1 (outside) to Deployment shop/web:8080/TCP is closed',
      '198.51.100.1 (outside) to Deployment shop/web:8080/TCP is closed',
      '198.51.100.129 (outside) to Deployment shop/web:8080/TCP is closed',
    ]);
  });

  test('whom a claim names is apart from whom it leaves out', () => {
    expect(cellsFor('{ cidr: 198.51.100.0/25 }', 'only')).toEqual([
      '198.51.100.1 (outside) to Deployment shop/web:8080/TCP is open',
      '1.0.0.1 (outside) to Deployment shop/web:8080/TCP is closed',
      '198.51.100.129 (outside) to Deployment shop/web:8080/TCP is closed',
    ]);
    expect(cellsFor('{ internet: true }', 'atMost')).toEqual([]);
    expect(strangerCells(claim('{ cidr: 198.51.100.0/25 }', 'only'), facts, anywhere).blind).toEqual([]);
  });

  test('nodes are asked by the pods on their network; claims about pods alone ask nobody outside', () => {
    expect(cellsFor('{ nodes: true }', 'denied')).toEqual(['node one to Deployment shop/web:8080/TCP is closed']);
    expect(cellsFor('{ pods: { matchLabels: { app: twin } } }', 'denied')).toEqual([]);
  });

  test('where nobody can be asked, that is said', () => {
    const { cells, blind } = strangerCells(claim('{ internet: true }', 'denied'), facts, undefined);
    expect({ cells, blind }).toEqual({
      cells: [],
      blind: ['connections from the internet are not tried: probes run inside pods'],
    });
    const without = createFacts(snapshotOfYaml(SHOP.replace('hostNetwork: true, ', '')));
    expect(strangerCells(claim('{ nodes: true }', 'denied'), without, anywhere)).toMatchObject({
      cells: [],
      blind: ['connections from nodes are not tried: no pod runs on the network of its node'],
    });
    expect(strangerCells(claim('{ cidr: "2001:db8::/32" }', 'denied'), facts, anywhere).blind).toEqual([
      'connections from 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff are not tried: nobody outside has such an address here',
    ]);
  });

  test('what was not read leaves the claim open', () => {
    const unread = (kind: string) => {
      const snapshot = snapshotOfYaml(SHOP, {
        gaps: [{ kind, reason: 'forbidden', detail: `no ${kind}`, remedy: `list ${kind}` }],
      });
      return strangerCells(claim('{ internet: true }', 'denied'), createFacts(snapshot), anywhere).blind;
    };
    for (const kind of ['Service', 'Node', 'NetworkPolicy.networking.k8s.io']) expect(unread(kind)).toHaveLength(1);
  });

  /** Every single address asked which blocks it is in. */
  test('each address has exactly one that speaks for it', () => {
    const base = parseIp('198.51.100.0') as number;
    const range = fc
      .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 63 }))
      .map(([a, b]): IpRange => ({ from: base + Math.min(a, b), to: base + Math.max(a, b) }));
    const inBlocks = (blocks: readonly IpRange[], value: number): string =>
      blocks.map(({ from, to }) => Number(from <= value && value <= to)).join('');
    fc.assert(
      fc.property(
        fc.array(range, { minLength: 1, maxLength: 3 }),
        fc.array(range, { maxLength: 5 }),
        (asked, blocks) => {
          const spoken = classesOfAddresses(asked, blocks, () => true).map(({ address }) =>
            inBlocks(blocks, parseIp(address) as number),
          );
          const all = new Set<string>();
          for (let value = base; value < base + 64; value++)
            if (asked.some(({ from, to }) => from <= value && value <= to)) all.add(inBlocks(blocks, value));
          expect([...spoken].sort()).toEqual([...all].sort());
        },
      ),
    );
  });

  test('an address nobody can have speaks for nobody', () => {
    const parsed = parseCidr('198.51.100.0/30');
    if (parsed.kind !== 'ok') throw new Error('no network');
    const second = formatIp((parsed.range.from as number) + 1);
    expect(classesOfAddresses([parsed.range], [], (address) => address === second)).toMatchObject([
      { address: second },
    ]);
    expect(classesOfAddresses([parsed.range], [], () => false)).toEqual([]);
  });
});

test('ways in: node ports, load balancers and host ports; who shares an address is said', () => {
  const web = facts.workloads.find(({ ref }) => ref.name === 'web');
  if (!web) throw new Error('no web');
  expect(waysIn(facts, web, 8080, 'TCP').ways).toEqual([
    { host: '172.16.0.1', port: 30080, through: 'Service shop/web (node port)', shared: false },
    { host: '192.0.2.9', port: 443, through: 'Service shop/front (192.0.2.9)', shared: true },
  ]);
  expect(waysIn(facts, web, 9000, 'TCP').ways).toEqual([{ port: 90, through: 'host port', shared: false }]);
  expect(waysIn(facts, web, 9000, 'UDP').ways).toEqual([]);
});

describe('two families of addresses', () => {
  const both = { canBe: (): boolean => true };
  const cells = strangerCells(claim('{ internet: true }', 'denied'), facts, both).cells;
  const pods = [{ addresses: ['10.0.0.1', 'fd00::1'], hostAddresses: ['172.16.0.1', 'fd00:1::1'] }];
  const dialled = (cell: StrangerCell | undefined): readonly string[] =>
    cell ? targetsOf(withOwnWays(cell), pods, 1).map(({ request }) => `${request.host} ${request.port}`) : [];

  test('who has no address in any block is one class in each', () => {
    const from = cells.map((cell) => describeStrangerCell(cell).split(' ')[0]);
    expect(from).toEqual(['1.0.0.1', '198.51.100.1', '198.51.100.129', '2000::1']);
  });

  test('somebody outside dials the family of its own address', () => {
    expect(dialled(cells[0])).toEqual(['10.0.0.1 8080', '172.16.0.1 30080', '192.0.2.9 443']);
    expect(dialled(cells.at(-1))).toEqual(['fd00::1 8080']);
    const ways = [{ port: 90, through: 'host port', shared: false }];
    expect(dialled({ ...cells.at(-1)!, ways })).toEqual(['fd00::1 8080', 'fd00:1::1 90']);
  });

  test('a node dials both where the way must be closed, and the first where it must be open', () => {
    const of = (expected: string) => strangerCells(claim('{ nodes: true }', expected), facts, both).cells[0];
    expect(dialled(of('denied'))).toEqual(['10.0.0.1 8080', 'fd00::1 8080']);
    expect(dialled(of('allowed'))).toEqual(['10.0.0.1 8080']);
  });
});

describe('what the ways say together', () => {
  const [cell] = strangerCells(claim('{ internet: true }', 'denied'), facts, anywhere).cells;
  const tried = (
    outcome: ConnectCell['outcome'],
    shared = false,
    control: ConnectCell['control'] = 'connected',
  ): TriedWay => ({
    through: 'a way',
    shared,
    result: { outcome, control, detail: '', at: '2026-01-01T00:00:00Z' },
  });
  const verdict = (expected: 'open' | 'closed', ...ways: readonly TriedWay[]): string =>
    judgeStranger({ ...(cell as StrangerCell), expect: expected }, ways).verdict;

  test.each([
    ['closed', 'holds', [tried('timeout'), tried('timeout')]],
    ['closed', 'violated', [tried('timeout'), tried('connected')]],
    ['closed', 'unknown', [tried('timeout'), tried('connected', true)]],
    ['closed', 'unknown', [tried('timeout'), tried('refused')]],
    ['closed', 'unknown', [tried('timeout'), tried('probeError')]],
    ['closed', 'unknown', [tried('timeout', false, 'failed')]],
    ['open', 'holds', [tried('timeout'), tried('connected')]],
    ['open', 'violated', [tried('timeout'), tried('timeout')]],
    ['open', 'unknown', [tried('timeout'), tried('connected', true)]],
    ['open', 'unknown', [tried('timeout'), tried('refused')]],
  ] as const)('%s: %s', (expected, wanted, ways) => {
    expect(verdict(expected, ...ways)).toBe(wanted);
  });

  test('a pod to which nothing leads is not broken for letting in whoever finds it', () => {
    const lonely = { ...(cell as StrangerCell), expect: 'open' as const, ways: [] };
    expect(judgeStranger(lonely, [tried('timeout')]).verdict).toBe('unknown');
  });

  /** An unseen way never makes a claim hold that did not, and taking away a way that says no never breaks one. */
  test('an answer less never moves the verdict towards holds', () => {
    const way = fc.record({
      outcome: fc.constantFrom<ConnectCell['outcome'][]>('connected', 'timeout', 'refused', 'probeError'),
      shared: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(way, { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        fc.constantFrom('open', 'closed'),
        (all, at, is) => {
          const ways = all.map(({ outcome, shared }) => tried(outcome, shared));
          const blinded = ways.map((one, index) =>
            index === at % ways.length ? tried('probeError', one.shared) : one,
          );
          if (verdict(is, ...ways) !== 'holds') expect(verdict(is, ...blinded)).not.toBe('holds');
        },
      ),
    );
  });
});
