import { becauseOfGap, type Because } from '../../model/because.ts';
import { at, records, stringMap, text } from '../../model/json.ts';
import { formatRef, refOf, type ObjectRef } from '../../model/object.ts';
import { matches } from '../../model/selectors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { createAddressSpace, type AddressBlock } from './address-space.ts';
import { classify, mentionSelector, type Mentioned, type PodClass } from './classes.ts';
import { listConnections, type ConnectionFilter } from './connections.ts';
import { controllerConnections } from './controller.ts';
import { readInhabitants, type NetworkNamespace, type NetworkWorkload } from './endpoints.ts';
import { listExposures } from './exposures.ts';
import { formatIp, parseIp, type IpValue } from './ip.ts';
import { createJudge } from './judge.ts';
import { createMatrix } from './matrix.ts';
import { createClassSelector } from './peer-sets.ts';
import { DIRECTIONS, type Direction, type PeerTerm, type Policy } from './policy.ts';
import { createPortTable } from './port-table.ts';
import { PROFILES, type ProfileName } from './profile.ts';
import { createQuestions, type Questions } from './query.ts';
import { ADMIN_POLICY_KINDS, readAdminPolicy } from './read-admin-policy.ts';
import { readNetworkPolicy } from './read-network-policy.ts';
import { createCompiler } from './rows.ts';
import type { Connection, Exposure, PolicyProblem } from './types.ts';

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
  exposures(): readonly Exposure[];
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

/** Policies of these kinds decide reachability too, and are not evaluated: what they may bear on is unknown. */
const FOREIGN_POLICY_KINDS = [
  'NetworkPolicy.crd.projectcalico.org',
  'GlobalNetworkPolicy.crd.projectcalico.org',
  'NetworkPolicy.projectcalico.org',
  'GlobalNetworkPolicy.projectcalico.org',
  'CiliumNetworkPolicy.cilium.io',
  'CiliumClusterwideNetworkPolicy.cilium.io',
  'AuthorizationPolicy.security.istio.io',
] as const;

const NETWORK_POLICY = 'NetworkPolicy.networking.k8s.io';

/** Analyses who can reach whom. Pure; the cost grows with classes of pods, not with pairs of pods. */
export function analyseNetwork(snapshot: Snapshot, options: NetworkOptions = {}): NetworkAnalysis {
  const profile = PROFILES[options.profile ?? 'kubernetes'];
  const inhabitants = readInhabitants(snapshot, profile);
  const { policies, problems } = readPolicies(snapshot, profile.name);
  const nodes = nodeAddresses(snapshot, policies);
  const blocks = policies.flatMap((policy) => termsOf(policy).filter((term) => term.kind === 'block'));
  const space = createAddressSpace([...blocks, ...nodes.all.map(hostBlock)], profile.families);
  const mentioned = mentionedBy(
    policies,
    profile.ipBlockSelectsPods
      ? blocks.length > 0
      : profile.networksSelectPods && blocks.some((block) => block.everywhere),
  );
  const classes = classify(inhabitants, mentioned, space, profile);
  const selector = createClassSelector(classes, mentioned.labels.keys());
  const table = createPortTable();

  const foreign = profile.name === 'netpol-analyzer' ? [] : foreignPolicies(snapshot);
  const tierGaps = [...snapshot.gaps(ADMIN_POLICY_KINDS).map(becauseOfGap), ...foreign];
  const namespaceGaps = memoised((namespace: string) => snapshot.gaps([NETWORK_POLICY], namespace).map(becauseOfGap));
  const labelsUnknown = [...inhabitants.namespaces.values()].some(({ labelsKnown }) => !labelsKnown);
  const labelledSubjects = policies.some(
    (policy) =>
      policy.tier !== 'namespace' &&
      policy.subject.namespaces.kind === 'labels' &&
      policy.subject.namespaces.selector.length > 0,
  );

  const compiler = createCompiler({
    policies,
    classes,
    space,
    selector,
    table,
    profile,
    nodeAddresses: (term) => nodes.matching(term)?.map((value) => space.classOf(value)),
    maybeIsolated: (namespace) => namespaceGaps(namespace).length > 0,
    tiersUnknown: tierGaps.length > 0 || (labelsUnknown && labelledSubjects),
  });
  const ingress = compiler.rowsOf('ingress');
  const egress = compiler.rowsOf('egress');
  const matrix = createMatrix({ classes, space, table, ingress, egress });

  const describe = (peer: number): string => {
    const podClass = classes.all[peer];
    if (podClass) return describeClass(podClass);
    const interval = space.intervals.find(({ address }) => address === peer - classes.all.length);
    return interval ? `${formatIp(interval.from)}-${formatIp(interval.to)}` : 'outside';
  };
  const labelGaps = labelledSubjects ? snapshot.gaps(['Namespace']).map(becauseOfGap) : [];
  const judge = createJudge({
    snapshot,
    profile,
    classes,
    table,
    compiler,
    rows: { ingress, egress },
    namespaceGaps,
    tierGaps: (_direction, subject) => (subject.namespace.labelsKnown ? tierGaps : [...tierGaps, ...labelGaps]),
    describe,
    nodeAddressesKnown: nodes.known,
  });
  const bothReadings = profile.hostNetworkPods === undefined;
  const doubtful =
    tierGaps.length > 0 ||
    labelsUnknown ||
    snapshot.gaps([NETWORK_POLICY]).length > 0 ||
    policies.some((policy) => policy.invalid) ||
    classes.all.some(
      (podClass) => (podClass.hostNetwork && bothReadings) || (mentioned.blocksHitPods && podClass.address < 0),
    );
  const questions = createQuestions({
    snapshot,
    inhabitants,
    classes,
    space,
    table,
    matrix,
    judge,
    bothReadings,
    doubtful,
  });

  return {
    profile: profile.name,
    workloads: inhabitants.workloads,
    policies,
    namespaces: inhabitants.namespaces,
    problems,
    connections: (filter) => [
      ...listConnections({ workloads: inhabitants.workloads, classes, space, table, matrix, bothReadings }, filter),
      ...controllerConnections({ snapshot, inhabitants, classes, table, matrix, profile }).filter(
        ({ from, to }) => (filter?.from?.(from) ?? true) && (filter?.to?.(to) ?? true),
      ),
    ],
    query: questions.query,
    reaches: questions.reaches,
    missing: questions.missing,
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
  ];
  return { policies: read.map(({ policy }) => policy), problems: read.flatMap(({ problems }) => problems) };
}

function termsOf(policy: Policy): readonly PeerTerm[] {
  return DIRECTIONS.flatMap((direction) =>
    policy.rules[direction].flatMap((rule) => rule.peers.map(({ term }) => term)),
  );
}

function mentionedBy(policies: readonly Policy[], blocksHitPods: boolean): Mentioned {
  const labels = new Map<string, Set<string>>();
  const portNames = new Set<string>();
  for (const policy of policies) {
    mentionSelector(labels, policy.subject.pods);
    for (const direction of DIRECTIONS) {
      for (const rule of policy.rules[direction]) {
        for (const { term } of rule.peers) if (term.kind === 'pods') mentionSelector(labels, term.pods);
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
  readonly known: boolean;
  readonly matching: (term: PeerTerm & { readonly kind: 'nodes' }) => readonly IpValue[] | undefined;
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
    known,
    matching: (term) =>
      known ? nodes.filter((node) => matches(term.selector, node.labels)).flatMap((node) => node.addresses) : undefined,
  };
}

function foreignPolicies(snapshot: Snapshot): readonly Because[] {
  return FOREIGN_POLICY_KINDS.flatMap((kind) => snapshot.list(kind)).map(({ object }): Because => {
    const ref: ObjectRef = refOf(object);
    return {
      kind: 'field',
      object: ref,
      path: 'spec',
      says: `${formatRef(ref)} also decides who reaches whom, and this kind is not evaluated`,
    };
  });
}

function describeClass(podClass: PodClass): string {
  const workloads = [...new Set(podClass.members.map((member) => member.workload.id))];
  return workloads.length <= 3
    ? workloads.join(', ')
    : `${workloads.slice(0, 2).join(', ')} and ${workloads.length - 2} more`;
}

function memoised<T>(compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}
