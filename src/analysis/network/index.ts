import { becauseOfGap, type Because } from '../../model/because.ts';
import { at, records, stringMap, text } from '../../model/json.ts';
import { matches, type LabelSelector } from '../../model/selectors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { createAddressSpace, type AddressBlock } from './address-space.ts';
import { classify, mentionSelector, type Mentioned, type PodClass } from './classes.ts';
import { connectionParts, type ConnectionFilter } from './connections.ts';
import { controllerConnections } from './controller.ts';
import { readInhabitants, type NetworkNamespace, type NetworkWorkload } from './endpoints.ts';
import { listExposures } from './exposures.ts';
import { EXTENSION_KINDS, readExtensions } from './extensions/index.ts';
import { groupConnections, type ConnectionGroup } from './groups.ts';
import { formatIp, parseIp, type IpValue } from './ip.ts';
import { createJudge } from './judge.ts';
import { createMatrix } from './matrix.ts';
import { createClassSelector } from './peer-sets.ts';
import { createNodeTraffic } from './node-traffic.ts';
import { DIRECTIONS, type Direction, type PeerTerm, type Policy } from './policy.ts';
import { createPortTable } from './port-table.ts';
import { PROFILES, type Profile, type ProfileName } from './profile.ts';
import { createQuestions, type Questions } from './query.ts';
import { ADMIN_POLICY_KINDS, readAdminPolicy } from './read-admin-policy.ts';
import { readNetworkPolicy } from './read-network-policy.ts';
import { createCompiler } from './rows.ts';
import { createTerms, keyOfSelector } from './terms.ts';
import type { Connection, Exposure, PolicyProblem } from './types.ts';

export { guessProfile, type ProfileGuess } from './guess-profile.ts';
export type { ConnectionGroup } from './groups.ts';
export type { ConnectionFilter } from './connections.ts';
export type { Endpoint, NetworkWorkload } from './endpoints.ts';
export type { ReachPort } from './query.ts';
export { PROFILE_NAMES, isProfileName, type ProfileName } from './profile.ts';
export { formatPorts, parsePorts, type PortSet } from './ports.ts';
export type * from './types.ts';

/** Everything that can be asked about who reaches whom in one snapshot. Built once, then every answer is quick. */
export interface NetworkAnalysis extends Pick<Questions, 'query' | 'reaches' | 'missing'> {
  readonly profile: ProfileName;
  readonly workloads: readonly NetworkWorkload[];
  readonly policies: readonly Policy[];
  readonly namespaces: ReadonlyMap<string, NetworkNamespace>;
  /** What is wrong in the policies read. What such a policy bears on is `unknown`. */
  readonly problems: readonly PolicyProblem[];
  /** Connections that are certainly allowed. What a gap or an open parameter leaves undecided is not among them. */
  connections(filter?: ConnectionFilter): readonly Connection[];
  /** The same in parts, so that a long list need never be held whole. */
  connectionParts(filter?: ConnectionFilter): Iterable<readonly Connection[]>;
  /** The same as products of sets of peers: short however large the cluster is. */
  groups(): readonly ConnectionGroup[];
  exposures(): readonly Exposure[];
  /** Equal for two workloads that every policy treats alike as a source; undefined where the node a pod runs on matters. */
  alike(workload: NetworkWorkload): string | undefined;
  /** Gaps that make answers unknown. */
  readonly gaps: readonly Because[];
  /** Size of the problem after everything alike was put together. */
  readonly size: {
    readonly pods: number;
    readonly classes: number;
    readonly addressClasses: number;
    readonly rows: Readonly<Record<Direction, number>>;
    readonly portSets: number;
  };
}

export interface NetworkOptions {
  /** How the implementation behaves where the API leaves it open; `kubernetes` leaves it open. */
  readonly profile?: ProfileName;
}

const NETWORK_POLICY = 'NetworkPolicy.networking.k8s.io';

/** Analyses who can reach whom. Pure; the cost grows with classes of pods, not with pairs of pods. */
export function analyseNetwork(snapshot: Snapshot, options: NetworkOptions = {}): NetworkAnalysis {
  const profile = PROFILES[options.profile ?? 'kubernetes'];
  const inhabitants = readInhabitants(snapshot, profile);
  const { policies, problems } = readPolicies(snapshot, profile.name);
  const nodes = nodeAddresses(snapshot, policies);
  const leaves = policies.flatMap(termsOf);
  const blocks = leaves.filter((term) => term.kind === 'block');
  const space = createAddressSpace([...blocks, ...nodes.all.map(hostBlock)], profile.families);
  const mentioned = mentionedBy(
    policies,
    leaves.some((term) => hitsPods(term, profile)),
  );
  const classes = classify(inhabitants, mentioned, space, profile);
  const selector = createClassSelector(classes, mentioned.labels.keys());
  const table = createPortTable();

  const tierGaps = snapshot.gaps([...ADMIN_POLICY_KINDS, ...EXTENSION_KINDS]).map(becauseOfGap);
  const namespaceGaps = memoised((namespace: string) => snapshot.gaps([NETWORK_POLICY], namespace).map(becauseOfGap));
  const labelsUnknown = [...inhabitants.namespaces.values()].some(({ labelsKnown }) => !labelsKnown);
  const labelledSubjects = policies.some(
    (policy) =>
      policy.tier !== 'namespace' &&
      [policy.subject, ...(policy.subject.alternatives ?? [])].some(
        ({ namespaces }) => namespaces.kind === 'labels' && namespaces.selector.length > 0,
      ),
  );

  const terms = createTerms({
    classes,
    space,
    selector,
    profile,
    nodeAddresses: memoisedSelector((asked) => {
      const found = nodes.matching(asked)?.map((value) => space.classOf(value));
      return found && [...new Set(found)].filter((address) => address >= 0).sort((a, b) => a - b);
    }),
  });
  const compiler = createCompiler({
    policies,
    classes,
    space,
    selector,
    table,
    profile,
    terms,
    maybeIsolated: (namespace) => namespaceGaps(namespace).length > 0,
    tiersUnknown: tierGaps.length > 0 || (labelsUnknown && labelledSubjects),
  });
  const ingress = compiler.rowsOf('ingress');
  const egress = compiler.rowsOf('egress');
  const nodeTraffic = createNodeTraffic(snapshot, classes);
  const matrix = createMatrix({ classes, space, table, ingress, egress, nodes: nodeTraffic });

  const describe = (peer: number): string => {
    const podClass = classes.all[peer];
    if (podClass) return describeClass(podClass);
    const interval = space.intervals.find(({ address }) => address === peer - classes.all.length);
    return interval ? `${formatIp(interval.from)}-${formatIp(interval.to)}` : 'outside';
  };
  const labelGaps = labelledSubjects ? snapshot.gaps(['Namespace']).map(becauseOfGap) : [];
  const judge = createJudge({
    snapshot,
    classes,
    table,
    terms,
    compiler,
    rows: { ingress, egress },
    namespaceGaps,
    tierGaps: (_direction, subject) => (subject.namespace.labelsKnown ? tierGaps : [...tierGaps, ...labelGaps]),
    describe,
  });
  const bothReadings = profile.hostNetworkPods === undefined;
  const doubtful =
    tierGaps.length > 0 ||
    labelsUnknown ||
    snapshot.gaps([NETWORK_POLICY]).length > 0 ||
    policies.some((policy) => policy.invalid || hasOpenRules(policy)) ||
    classes.all.some(
      (podClass) =>
        (podClass.hostNetwork && bothReadings) ||
        (mentioned.blocksHitPods && podClass.address < 0 && podClass.index !== classes.controller),
    );
  const questions = createQuestions({
    snapshot,
    inhabitants,
    classes,
    space,
    table,
    matrix,
    judge,
    nodes: nodeTraffic,
    profile,
    bothReadings,
    doubtful,
  });

  const listing = { workloads: inhabitants.workloads, classes, space, table, matrix, bothReadings };
  const fromController = (): readonly Connection[] =>
    controllerConnections({ snapshot, inhabitants, classes, table, matrix, profile });
  function* parts(filter?: ConnectionFilter): Generator<readonly Connection[]> {
    yield* connectionParts(listing, filter);
    yield fromController().filter(({ from, to }) => (filter?.from?.(from) ?? true) && (filter?.to?.(to) ?? true));
  }

  return {
    profile: profile.name,
    workloads: inhabitants.workloads,
    policies,
    namespaces: inhabitants.namespaces,
    problems,
    connections: (filter) => [...parts(filter)].flat(),
    connectionParts: parts,
    groups: () => [
      ...groupConnections(listing),
      ...fromController().map(({ from, to, ports }) => ({ from: [from], to: [to], ports })),
    ],
    query: questions.query,
    reaches: questions.reaches,
    missing: questions.missing,
    alike: ({ index }) => {
      const own = classes.ofWorkload[index] ?? [];
      return own.some(({ hostNetwork }) => hostNetwork) ? undefined : own.map((one) => one.index).join(' ');
    },
    exposures: () => listExposures({ snapshot, inhabitants, classes, space, questions }),
    gaps: [...tierGaps, ...snapshot.gaps([NETWORK_POLICY, 'Namespace', 'Pod']).map(becauseOfGap)],
    size: {
      pods: inhabitants.workloads.reduce((sum, workload) => sum + workload.endpoints.length, 0),
      classes: classes.all.length,
      addressClasses: space.size,
      rows: { ingress: ingress.list.length, egress: egress.list.length },
      portSets: table.size(),
    },
  };
}

function readPolicies(
  snapshot: Snapshot,
  profile: ProfileName,
): { readonly policies: readonly Policy[]; readonly problems: readonly PolicyProblem[] } {
  const version = snapshot.kubernetesVersion;
  const old = version !== undefined && version.major === 1 && version.minor < 36;
  const options = { strictCidr: !old && profile !== 'netpol-analyzer' };
  const read = [
    ...snapshot.list(NETWORK_POLICY).map((resource) => readNetworkPolicy(snapshot, resource, options)),
    ...ADMIN_POLICY_KINDS.flatMap((kind) => snapshot.list(kind)).map((resource) =>
      readAdminPolicy(snapshot, resource, options),
    ),
    // netpol-analyzer knows none of these.
    ...(profile === 'netpol-analyzer' ? [] : readExtensions(snapshot)),
  ];
  return { policies: read.map(({ policy }) => policy), problems: read.flatMap(({ problems }) => problems) };
}

/** The terms of a policy's peers that are no combination of others. */
function termsOf(policy: Policy): readonly PeerTerm[] {
  return DIRECTIONS.flatMap((direction) =>
    policy.rules[direction].flatMap((rule) => rule.peers.flatMap(({ term }) => leavesOf(term))),
  );
}

function leavesOf(term: PeerTerm): readonly PeerTerm[] {
  if (term.kind === 'allOf' || term.kind === 'anyOf') return term.terms.flatMap(leavesOf);
  return term.kind === 'not' ? leavesOf(term.term) : [term];
}

/** Whether a term picks pods by their addresses. */
function hitsPods(term: PeerTerm, profile: Profile): boolean {
  if (term.kind === 'nodes') return profile.nodePeers;
  if (term.kind !== 'block' || term.pods === 'never') return false;
  return term.pods === 'always' ? profile.networksSelectPods : profile.ipBlockSelectsPods;
}

/** Whether some rule depends on what the configuration doesn't hold. */
function hasOpenRules(policy: Policy): boolean {
  return (
    policy.stage.layer === 'mesh' ||
    DIRECTIONS.some((direction) =>
      policy.rules[direction].some(
        (rule) => rule.conditional !== undefined || rule.peers.some(({ term }) => term.kind === 'names'),
      ),
    )
  );
}

function mentionedBy(policies: readonly Policy[], blocksHitPods: boolean): Mentioned {
  const labels = new Map<string, Set<string>>();
  const portNames = new Set<string>();
  for (const policy of policies) {
    for (const { pods } of [policy.subject, ...(policy.subject.alternatives ?? [])]) mentionSelector(labels, pods);
    for (const direction of DIRECTIONS) {
      for (const rule of policy.rules[direction]) {
        for (const { term } of rule.peers)
          for (const leaf of leavesOf(term)) if (leaf.kind === 'pods') mentionSelector(labels, leaf.pods);
        if (rule.ports !== 'all') for (const port of rule.ports) if (port.kind === 'named') portNames.add(port.name);
      }
    }
  }
  return { labels, portNames, blocksHitPods };
}

function hostBlock(value: IpValue): AddressBlock {
  return { range: { from: value, to: value }, except: [] };
}

/** Addresses of the nodes, when some policy asks for nodes by their labels. */
function nodeAddresses(
  snapshot: Snapshot,
  policies: readonly Policy[],
): {
  readonly all: readonly IpValue[];
  readonly matching: (selector: LabelSelector) => readonly IpValue[] | undefined;
} {
  const asked = policies.some((policy) => termsOf(policy).some((term) => term.kind === 'nodes'));
  const nodes = snapshot.list('Node').map(({ object }) => ({
    labels: stringMap(object.metadata.labels),
    addresses: records(at(object, 'status', 'addresses')).flatMap(
      ([, entry]) => parseIp(text(entry['address']) ?? '') ?? [],
    ),
  }));
  const known = nodes.length > 0 && snapshot.gaps(['Node']).length === 0;
  return {
    all: asked ? nodes.flatMap((node) => node.addresses) : [],
    matching: (selector) =>
      known ? nodes.filter((node) => matches(selector, node.labels)).flatMap((node) => node.addresses) : undefined,
  };
}

function describeClass(podClass: PodClass): string {
  const workloads = [...new Set(podClass.members.map((member) => member.workload.id))];
  return workloads.length <= 3
    ? workloads.join(', ')
    : `${workloads.slice(0, 2).join(', ')} and ${workloads.length - 2} more`;
}

function memoisedSelector<T>(compute: (selector: LabelSelector) => T): (selector: LabelSelector) => T {
  const known = new Map<string, T>();
  return (selector) => {
    const key = keyOfSelector(selector);
    if (!known.has(key)) known.set(key, compute(selector));
    return known.get(key) as T;
  };
}

function memoised<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}
