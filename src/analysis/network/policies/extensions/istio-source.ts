import { strings, type JsonRecord } from '../../../../model/json.ts';
import { SERVICE_ACCOUNT_KEY } from '../../inhabitants/mesh.ts';
import { EVERYONE, type Path, type PeerTerm, type PolicyReader } from '../policy.ts';
import { readCidr } from '../read-network-policy.ts';
import type { KnownValues } from './known-values.ts';

const FIELDS = [
  'principals',
  'notPrincipals',
  'namespaces',
  'notNamespaces',
  'serviceAccounts',
  'notServiceAccounts',
  'ipBlocks',
  'notIpBlocks',
  'remoteIpBlocks',
  'notRemoteIpBlocks',
  'requestPrincipals',
  'notRequestPrincipals',
];

/** Stands for the trust domain of the mesh, whatever its name. Any other may be its name, or that of another mesh. */
const LOCAL = 'cluster.local';
const FOREIGN = /^(?!cluster\.local\/)[^/*]+\/ns\//;

/** What a source means: every field of it, any entry of each. `own` is the policy's namespace; what is about requests goes to `open`. */
export function sourceTerm(
  reader: PolicyReader,
  source: JsonRecord,
  path: Path,
  own: string,
  known: KnownValues,
  open: (what: string) => void,
): PeerTerm {
  reader.onlyFields(source, path, FIELDS);
  const parts: PeerTerm[] = [];
  const add = (field: string, negated: string, terms: (entries: readonly string[], at: Path) => PeerTerm[]): void => {
    const [yes, no] = [strings(source[field]), strings(source[negated])];
    if (yes.length > 0) parts.push({ kind: 'anyOf', terms: terms(yes, [...path, field]) });
    if (no.length > 0) parts.push({ kind: 'not', term: { kind: 'anyOf', terms: terms(no, [...path, negated]) } });
  };
  add('principals', 'notPrincipals', (written) => {
    if (written.some((pattern) => FOREIGN.test(pattern))) open('the trust domain of the mesh');
    const patterns = written.map((pattern) => pattern.replace(FOREIGN, `${LOCAL}/ns/`));
    return known
      .serviceAccounts()
      .filter(({ namespace, name }) => patterns.some((pattern) => fits(pattern, `${LOCAL}/ns/${namespace}/sa/${name}`)))
      .map(({ namespace, name }) => workloads(namespace, name));
  });
  add('serviceAccounts', 'notServiceAccounts', (accounts) =>
    accounts.map((written) => {
      const [namespace = '', name = ''] = written.includes('/') ? written.split('/') : [own, written];
      return workloads(namespace, name);
    }),
  );
  add('namespaces', 'notNamespaces', (patterns) =>
    known
      .namespaces()
      .filter((namespace) => patterns.some((pattern) => fits(pattern, namespace)))
      .map((namespace) => workloads(namespace, undefined)),
  );
  add('ipBlocks', 'notIpBlocks', (blocks, at) =>
    blocks.flatMap((written, index): PeerTerm[] => {
      const cidr = written.includes('/') ? written : `${written}/${written.includes(':') ? 128 : 32}`;
      const range = readCidr(reader, cidr, [...at, index], { strictCidr: false });
      return range ? [{ kind: 'block', range, except: [], pods: 'always' }] : [];
    }),
  );
  if (source['remoteIpBlocks'] != null || source['notRemoteIpBlocks'] != null) open('the address a proxy reports');
  if (source['requestPrincipals'] != null || source['notRequestPrincipals'] != null) open('the identity in a token');
  const [only] = parts;
  if (!only) return EVERYONE;
  return parts.length === 1 ? only : { kind: 'allOf', terms: parts };
}

/** Pods of a namespace, with a service account; they prove both by their certificate, so only in the mesh. */
function workloads(namespace: string, account: string | undefined): PeerTerm {
  return {
    kind: 'pods',
    namespaces: { kind: 'name', name: namespace },
    pods: account === undefined ? [] : [{ operator: 'In', key: SERVICE_ACCOUNT_KEY, values: [account] }],
    podsGiven: true,
    withoutHosts: true,
    inMesh: true,
  };
}

/** A text, `prefix*`, `*suffix` or `*`. */
function fits(pattern: string, value: string): boolean {
  if (pattern === '*') return true;
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return pattern.startsWith('*') ? value.endsWith(pattern.slice(1)) : value === pattern;
}
