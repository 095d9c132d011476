import { isRecord, strings } from '../../../model/json.ts';
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

/** What is read depends on the kind of admin policy. */
export interface AdminOptions extends ReadOptions {
  readonly kind: string;
}

/** The peers one entry of an admin policy's rule names. */
export function readPeer(
  reader: PolicyReader,
  raw: unknown,
  path: Path,
  direction: Direction,
  action: Action,
  options: AdminOptions,
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
    return one(at, {
      kind: 'pods',
      ...readPods(reader, peer['pods'], at, options),
      podsGiven: true,
      withoutHosts: true,
    });
  if (field === 'nodes') return one(at, { kind: 'nodes', selector: reader.selector(peer['nodes'], at) });
  if (field === 'domainNames') {
    if (action !== 'allow')
      reader.error(
        'SW_POLICY_PEER_INVALID',
        at,
        'domainNames go with allowing rules only',
        'Deny by networks instead.',
      );
    aSet(reader, peer['domainNames'], at, options);
    return one(at, { kind: 'names', names: strings(peer['domainNames']) });
  }
  aSet(reader, peer['networks'], at, options);
  // The schema of these kinds takes bits behind the prefix (isCIDR).
  const lenient = { ...options, strictCidr: false };
  return listAt(reader, peer['networks'], at).flatMap((entry, index): PolicyPeer[] => {
    const range = readCidr(reader, entry, [...at, index], lenient);
    return range ? [{ term: { kind: 'block', range, except: [], pods: 'always' }, path: [...at, index] }] : [];
  });
}

function one(path: Path, term: PeerTerm): readonly PolicyPeer[] {
  return [{ term, path }];
}

/** `networks` and `domainNames`: 1 to 25 different entries. */
function aSet(reader: PolicyReader, raw: unknown, path: Path, options: AdminOptions): void {
  const entries = listAt(reader, raw, path);
  if (!options.schema) return;
  if (entries.length > 25)
    reader.error(
      'SW_POLICY_TOO_MANY',
      path,
      `${entries.length} entries, and no more than 25 are allowed`,
      'Make two entries of the peer.',
    );
  if (entries.length === 0 || new Set(entries).size < entries.length)
    reader.error(
      'SW_POLICY_PEER_INVALID',
      path,
      entries.length === 0 ? 'the list is empty' : 'an entry stands here twice',
      'List each entry once, at least one.',
    );
}

/** Pods by the labels of their namespace and their own. Only v1alpha2 may leave the namespaceSelector out. */
export function readPods(reader: PolicyReader, raw: unknown, path: Path, options: AdminOptions): PodScope {
  const pods = objectAt(reader, raw, path);
  const needed = options.kind === 'ClusterNetworkPolicy' ? ['podSelector'] : ['namespaceSelector', 'podSelector'];
  for (const field of options.schema ? needed : []) {
    if (isRecord(pods[field])) continue;
    reader.error(
      'SW_POLICY_SELECTOR_INVALID',
      path,
      `${field} is missing`,
      `To mean every ${field === 'podSelector' ? 'pod' : 'namespace'} write ${field}: {}.`,
    );
  }
  reader.onlyFields(pods, path, ['namespaceSelector', 'podSelector']);
  return {
    namespaces: {
      kind: 'labels',
      selector: reader.selector(pods['namespaceSelector'], [...path, 'namespaceSelector']),
    },
    pods: reader.selector(pods['podSelector'], [...path, 'podSelector']),
  };
}
