import {
  isProfileName,
  PROFILE_NAMES,
  type PeerQuery,
  type ProfileName,
  type Protocol,
  type ReachPort,
} from '../../analysis/network/index.ts';
import { parseCidr, parseIp } from '../../analysis/network/addresses/ip.ts';
import { SeaworthyError } from '../../model/errors.ts';

const HINT = 'Use ns/name, ns/, internet, a CIDR or svc/ns/name; after the second also :PORT or :PORT/PROTOCOL.';

/** Reads one end of a question. Throws SW_REACH_PEER_INVALID. */
export function parsePeer(text: string): PeerQuery {
  if (text === 'internet') return { kind: 'internet' };
  if (parseIp(text) !== undefined || parseCidr(text).kind !== 'invalid')
    return { kind: 'cidr', cidr: text, withPods: true };
  const [, kind, namespace, name] =
    /^(?:(svc|service)\/)?([a-z0-9]([-a-z0-9]*[a-z0-9])?)\/([^/]*)$/.exec(text)?.filter((_, i) => i !== 3) ?? [];
  if (namespace === undefined || name === undefined)
    throw new SeaworthyError('SW_REACH_PEER_INVALID', `${JSON.stringify(text)} names no peer`, { hint: HINT });
  if (kind !== undefined && name !== '') return { kind: 'service', namespace, name };
  if (name === '') return { kind: 'namespace', namespace };
  const typed = /^(.+)\[(\w+)\]$/.exec(name);
  if (typed) return { kind: 'workload', namespace, name: typed[1] ?? '', workloadKind: typed[2] ?? '' };
  return { kind: 'workload', namespace, name };
}

/** Reads the far end: a peer, with `:PORT` and `/PROTOCOL` when one port is asked for. Throws SW_REACH_PEER_INVALID. */
export function parseTarget(text: string): { readonly peer: PeerQuery; readonly port?: ReachPort } {
  const found = /^(.*):(\d+)(?:\/([A-Za-z]+))?$/.exec(text);
  // A bare IPv6 address ends in digits after a colon, too.
  if (!found || parseIp(text) !== undefined) return { peer: parsePeer(text) };
  const [, peer = '', digits, written = 'TCP'] = found;
  const port = Number(digits);
  const protocol = written.toUpperCase();
  if (port < 1 || port > 65_535)
    throw new SeaworthyError('SW_REACH_PEER_INVALID', `${port} is no port`, { hint: 'A port is 1 to 65535.' });
  if (!isProtocol(protocol))
    throw new SeaworthyError('SW_REACH_PEER_INVALID', `${JSON.stringify(written)} is no protocol`, {
      hint: 'Use TCP, UDP or SCTP.',
    });
  return { peer: parsePeer(peer.replace(/^\[(.*)\]$/, '$1')), port: { port, protocol } };
}

function isProtocol(text: string): text is Protocol {
  return text === 'TCP' || text === 'UDP' || text === 'SCTP';
}

/** Reads `--profile`. Throws SW_REACH_PROFILE_UNKNOWN. */
export function parseProfile(text: string): ProfileName | 'auto' {
  if (text === 'auto' || isProfileName(text)) return text;
  throw new SeaworthyError('SW_REACH_PROFILE_UNKNOWN', `there is no profile ${JSON.stringify(text)}`, {
    hint: `Profiles: ${PROFILE_NAMES.join(', ')}; auto takes the one the cluster looks like.`,
  });
}
