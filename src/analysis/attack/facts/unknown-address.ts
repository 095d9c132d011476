import type { Because } from '../../../model/because.ts';
import type { ReachAnswer } from '../../network/index.ts';
import type { Fact } from '../world/fact.ts';

/** The IPv4 addresses a server may have: without this-network, loopback, link-local, multicast and reserved (RFC 6890). */
const SERVERS = [
  '1.0.0.0/8', '2.0.0.0/7', '4.0.0.0/6', '8.0.0.0/5', '16.0.0.0/4', '32.0.0.0/3', '64.0.0.0/3', '96.0.0.0/4',
  '112.0.0.0/5', '120.0.0.0/6', '124.0.0.0/7', '126.0.0.0/8', '128.0.0.0/3', '160.0.0.0/5', '168.0.0.0/8',
  '169.0.0.0/9', '169.128.0.0/10', '169.192.0.0/11', '169.224.0.0/12', '169.240.0.0/13', '169.248.0.0/14',
  '169.252.0.0/15', '169.255.0.0/16', '170.0.0.0/7', '172.0.0.0/6', '176.0.0.0/4', '192.0.0.0/3',
]; // prettier-ignore

/**
 * Whether a server whose address is in no source can be reached on one of its ports: certain only when every address a server may
 * have, or none, may be reached.
 */
export function toUnknown(ports: readonly number[], ask: (cidr: string, port: number) => ReachAnswer): Fact {
  return best(ports.map((port) => withUnknown((cidr) => ask(cidr, port))));
}

function best(facts: readonly Fact[]): Fact {
  const [first = NOWHERE, ...more] = facts;
  return more.reduce((found, fact) => (rank(fact) > rank(found) ? fact : found), first);
}

const NOWHERE: Fact = { holds: false, because: [] };

function rank({ holds }: Fact): number {
  return holds === true ? 2 : holds === 'unknown' ? 1 : 0;
}

/** Whether a connection with such a server is allowed: certain only when it is with all addresses, or none. */
export function withUnknown(ask: (cidr: string) => ReachAnswer): Fact {
  const whole = ask('0.0.0.0/0');
  if (isForAll(whole)) return { holds: true, because: whole.because };
  const some = [whole, ask('::/0')].find(({ verdict }) => verdict !== 'denied');
  if (!some) return { holds: false, because: whole.because };
  if (SERVERS.every((cidr) => isForAll(ask(cidr)))) return { holds: true, because: some.because };
  return { holds: 'unknown', because: [UNKNOWN, ...some.because] };
}

const UNKNOWN: Because = {
  kind: 'parameter',
  parameter: 'an address',
  says: 'policies let only some addresses through, and the address asked about is not known',
};

function isForAll({ everyPair }: ReachAnswer): boolean {
  return (everyPair.TCP ?? []).length > 0;
}
