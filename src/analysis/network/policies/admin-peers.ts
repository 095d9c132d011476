import { strings } from '../../../model/json.ts';
import {
  UNKNOWN,
  type Action,
  type Direction,
  type Path,
  type PeerTerm,
  type PodScope,
  type PolicyPeer,
  type PolicyReader,
  type Unknown,
} from './policy.ts';
import { listAt, objectAt, readCidr, type ReadOptions } from './read-network-policy.ts';

/** The peers one entry of an admin policy's rule names. */
export function readPeer(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
  direction: Direction,
  action: Action,
  options: ReadOptions,
): readonly PolicyPeer[] | Unknown {
  const peer = objectAt(reader, raw, path);
  const known =
    direction === 'ingress' ? ['namespaces', 'pods'] : ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'];
  const fields = Object.keys(peer).filter((field) => peer[field] != null);
  const [field] = fields;
  if (field === undefined || fields.length > 1 || !known.includes(field)) {
    reader.warn(
      'SW_POLICY_PEER_UNKNOWN',
      path,
      `a peer has exactly one of ${known.join(', ')}; this one has ${fields.length === 0 ? 'none' : fields.join(', ')}`,
      action === 'allow' ? 'The rule fails closed: it allows nothing.' : 'The rule fails closed: it denies everything.',
    );
    return UNKNOWN;
  }
  const at: Path = [...path, field];
  if (field === 'namespaces') {
    return one(at, {
      kind: 'pods',
      namespaces: { kind: 'labels', selector: reader.selector(peer['namespaces'], at) },
      pods: [],
      podsGiven: false,
      withoutHosts: true,
    });
  }
  if (field === 'pods')
    return one(at, { kind: 'pods', ...readPods(reader, peer['pods'], at), podsGiven: true, withoutHosts: true });
  if (field === 'nodes') return one(at, { kind: 'nodes', selector: reader.selector(peer['nodes'], at) });
  if (field === 'domainNames') {
    if (action !== 'allow')
      reader.error(
        'SW_POLICY_PEER_INVALID',
        at,
        'domainNames go with allowing rules only',
        'Deny by networks instead.',
      );
    return one(at, { kind: 'names', names: strings(peer['domainNames']) });
  }
  return listAt(reader, peer['networks'], at).flatMap((entry, index): PolicyPeer[] => {
    const range = readCidr(reader, entry, [...at, index], options);
    return range ? [{ term: { kind: 'block', range, except: [], pods: 'always' }, path: [...at, index] }] : [];
  });
}

function one(path: Path, term: PeerTerm): readonly PolicyPeer[] {
  return [{ term, path }];
}

/** Pods by the labels of their namespace and their own. */
export function readPods(reader: PolicyReader, raw: unknown, path: Path): PodScope {
  const pods = objectAt(reader, raw, path);
  reader.onlyFields(pods, path, ['namespaceSelector', 'podSelector']);
  return {
    namespaces: {
      kind: 'labels',
      selector: reader.selector(pods['namespaceSelector'], [...path, 'namespaceSelector']),
    },
    pods: reader.selector(pods['podSelector'], [...path, 'podSelector']),
  };
}
