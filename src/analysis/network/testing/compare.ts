/** Compares the engine with the slow evaluator on every packet worth sending in a cluster. Only for tests. */
import { analyseNetwork, type NetworkAnalysis, type PeerQuery } from '../index.ts';
import { hasPort } from '../ports/ports.ts';
import { formatPeer } from '../answers/report.ts';
import { parseIp } from '../addresses/ip.ts';
import { OUTSIDE, PORTS, PROTOCOLS, snapshotOf } from './clusters.ts';
import { isExtended, passesExtended } from './extension-packet.ts';
import { outcomes, type Cluster, type Manifest, type Packet } from './packet.ts';

export interface Disagreement {
  readonly packet: string;
  readonly slow: string;
  readonly query: string;
  readonly listed: boolean;
}

/** Ports at and beside every bound that a generated policy can name. */
const PROBED = [...PORTS, 200, 444, 65_535];

/** Packets compared, and those on which the engine and the evaluator differ. */
export function compareCluster(
  cluster: Cluster,
  ports: readonly number[] = PROBED,
): { readonly compared: number; readonly different: readonly Disagreement[] } {
  const analysis = analyseNetwork(snapshotOf(cluster));
  const judge = isExtended(cluster)
    ? (packet: Packet): readonly boolean[] => [passesExtended(cluster, packet)]
    : (packet: Packet): readonly boolean[] => outcomes(cluster, packet);
  const listed = index(analysis);
  const peers: (Manifest | string)[] = [...cluster.pods, ...OUTSIDE];
  const different: Disagreement[] = [];
  let compared = 0;
  for (const from of peers) {
    for (const to of peers) {
      if (from === to || (typeof from === 'string' && typeof to === 'string')) continue;
      for (const protocol of PROTOCOLS) {
        for (const port of ports) {
          const outcome = ([4, 6] as const).map((family) => judge({ from, to, family, protocol, port }));
          const slow = outcome.some((one) => !one.includes(false));
          const expected = slow ? 'allowed' : outcome.flat().includes(true) ? 'implementationDefined' : 'denied';
          const answer = analysis.query(queryOf(from), queryOf(to), { protocol, port });
          const inList = listed(from, to).some((set) => hasPort(set, protocol, port));
          compared++;
          if (answer.verdict !== expected || inList !== slow) {
            different.push({
              packet: `${nameOf(from)} -> ${nameOf(to)}:${port}/${protocol}`,
              slow: expected,
              query: answer.verdict,
              listed: inList,
            });
          }
        }
      }
    }
  }
  return { compared, different };
}

function queryOf(peer: Manifest | string): PeerQuery {
  return typeof peer === 'string'
    ? { kind: 'cidr', cidr: peer }
    : { kind: 'workload', namespace: peer.metadata.namespace, name: peer.metadata.name };
}

function nameOf(peer: Manifest | string): string {
  return typeof peer === 'string' ? peer : `${peer.metadata.namespace}/${peer.metadata.name}[Pod]`;
}

/** Finds the listed port sets between two peers; an address is looked up in the listed ranges. */
function index(analysis: NetworkAnalysis) {
  const connections = analysis.connections();
  const covers = (listed: (typeof connections)[number]['from'], peer: Manifest | string): boolean => {
    if (typeof peer !== 'string') return formatPeer(listed) === nameOf(peer);
    if (listed.kind !== 'range') return false;
    const [low, high, value] = [parseIp(listed.from), parseIp(listed.to), parseIp(peer)];
    return (
      low !== undefined &&
      high !== undefined &&
      value !== undefined &&
      typeof low === typeof value &&
      low <= value &&
      value <= high
    );
  };
  return (from: Manifest | string, to: Manifest | string) =>
    connections.filter((c) => covers(c.from, from) && covers(c.to, to)).map(({ ports }) => ports);
}
