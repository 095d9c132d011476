import { becauseOfGap, type Because } from '../../model/because.ts';
import { memoised, once } from '../../model/memoised.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { PodClass } from './classes/classes.ts';
import { connectionParts, type ConnectionFilter } from './answers/connections.ts';
import { controllerConnections } from './answers/controller.ts';
import { inhabited, type NetworkWorkload } from './inhabitants/endpoints.ts';
import type { NetworkNamespace } from './inhabitants/namespaces.ts';
import { listExposures } from './answers/exposures.ts';
import { extensionGaps } from './policies/extensions/index.ts';
import { labelsUnknown, layFoundation, type Foundation } from './foundation.ts';
import { groupConnections, type ConnectionGroup } from './answers/groups.ts';
import { formatIp } from './addresses/ip.ts';
import { createJudge } from './answers/judge.ts';
import { createMatrix } from './rows/matrix.ts';
import { addressOfPeer } from './rows/peer-sets.ts';
import type { Direction, Policy } from './policies/policy.ts';
import { PROFILES, type ProfileName } from './profiles/profile.ts';
import { listProducts } from './answers/products.ts';
import { createQuestions, type Questions } from './answers/query.ts';
import { createRanges } from './answers/ranges.ts';
import { readPolicies } from './policies/read-policies.ts';
import { haveTies, type Rows } from './rows/rows.ts';
import type { Connection, Exposure, PolicyProblem } from './types.ts';
import { updateFoundation } from './update.ts';
import { NETWORK_POLICY, ADMIN_POLICY_KINDS } from '../../model/policy-kinds.ts';

export { guessProfile, type ProfileGuess } from './profiles/guess-profile.ts';
export type { ConnectionGroup } from './answers/groups.ts';
export type { ConnectionFilter } from './answers/connections.ts';
export type { Endpoint, NetworkWorkload } from './inhabitants/endpoints.ts';
export type { ReachPort } from './answers/parties.ts';
export { PROFILE_NAMES, isProfileName, type ProfileName } from './profiles/profile.ts';
export { formatPorts, parsePorts, type PortSet, type Protocol } from './ports/ports.ts';
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
  /**
   * The same as products of sets of peers: short however large the cluster is. A pair may be in several groups, and
   * ranges of different groups may overlap: it may use the ports of all of them. `connectionParts` sums them up.
   */
  groups(): readonly ConnectionGroup[];
  exposures(): readonly Exposure[];
  /** Equal for two workloads that every policy treats alike as a source; undefined where the node a pod runs on matters. */
  alike(workload: NetworkWorkload): string | undefined;
  /**
   * The analysis of a later snapshot. It shares all that the two snapshots have in common with this one, which stays as
   * it is: a change of policies, of pods and their owners, of namespaces, of nodes, or of what no policy looks at costs
   * what it touches. After what `updateFoundation` names all is analysed anew.
   */
  update(after: Snapshot): NetworkAnalysis;
  /** Gaps that make answers unknown. */
  readonly gaps: readonly Because[];
  /** Size of the problem after everything alike was put together. */
  readonly size: {
    readonly pods: number;
    readonly classes: number;
    readonly addressClasses: number;
    readonly rows: Readonly<Record<Direction, number>>;
    /** Port sets met so far. */
    readonly portSets: number;
  };
}

export interface NetworkOptions {
  /** How the implementation behaves where the API leaves it open; `kubernetes` leaves it open. */
  readonly profile?: ProfileName;
}

/** Analyses who can reach whom. Pure; the cost grows with classes of pods, not with pairs of pods. */
export function analyseNetwork(snapshot: Snapshot, options: NetworkOptions = {}): NetworkAnalysis {
  const profile = PROFILES[options.profile ?? 'kubernetes'];
  return analysisOn(layFoundation(snapshot, profile, readPolicies(snapshot, profile)));
}

function analysisOn(foundation: Foundation): NetworkAnalysis {
  const { snapshot, profile, rows } = foundation;
  const { policies, problems, open, labelled, ranked } = foundation.read;
  const { inhabitants, directory, blocksHitPods, space, classes, table, terms, compiler, nodeTraffic } =
    foundation.ground;
  const { ingress, egress } = rows;
  const matrix = createMatrix({ classes, space, table, ingress, egress });
  const tierGaps = [...snapshot.gaps(ADMIN_POLICY_KINDS), ...extensionGaps(snapshot)].map(becauseOfGap);
  const namespaceGaps = memoised((namespace: string) => snapshot.gaps([NETWORK_POLICY], namespace).map(becauseOfGap));

  const describe = memoised((peer: number): string => {
    const podClass = classes.all[peer];
    if (podClass) return describeClass(podClass);
    const interval = space.intervals.find(({ address }) => address === addressOfPeer(peer));
    return interval ? `${formatIp(interval.from)}-${formatIp(interval.to)}` : 'outside';
  });
  const labelGaps = labelled.size > 0 ? snapshot.gaps(['Namespace']).map(becauseOfGap) : [];
  const judge = createJudge({
    snapshot,
    classes,
    table,
    terms,
    compiler,
    rows,
    namespaceGaps,
    tierGaps: (_direction, subject) => (subject.namespace.labelsKnown ? tierGaps : [...tierGaps, ...labelGaps]),
    describe,
    tiesByName: profile.tiesByName,
  });
  const bothReadings = profile.hostNetworkPods === undefined;
  const doubtful = once(
    () =>
      tierGaps.length > 0 ||
      labelsUnknown(inhabitants) ||
      snapshot.gaps([NETWORK_POLICY]).length > 0 ||
      open.size > 0 ||
      (!profile.tiesByName && haveTies(ranked)) ||
      [...classes.open].some((index) => bothReadings || (blocksHitPods && (classes.all[index]?.address ?? 0) < 0)),
  );
  const questions = createQuestions({
    snapshot,
    inhabitants,
    directory,
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

  const products = once(() => listProducts({ classes, space, table, ingress, egress, matrix, bothReadings }));
  const workloads = once(() => inhabited(inhabitants.workloads));
  const ranges = once(() => createRanges(space));
  const fromController = (): readonly Connection[] =>
    controllerConnections({ snapshot, inhabitants, classes, table, matrix, profile });
  const groups = once((): readonly ConnectionGroup[] => [
    ...groupConnections(products(), inhabitants.workloads, table, ranges()),
    ...fromController().map(({ from, to, ports }) => ({ from: [from], to: [to], ports })),
  ]);
  function* parts(filter?: ConnectionFilter): Generator<readonly Connection[]> {
    const { workloads } = inhabitants;
    yield* connectionParts({ products: products(), workloads, addresses: space.size, table, ranges: ranges() }, filter);
    yield fromController().filter(({ from, to }) => (filter?.from?.(from) ?? true) && (filter?.to?.(to) ?? true));
  }

  return {
    profile: profile.name,
    get workloads() {
      return workloads();
    },
    policies,
    namespaces: inhabitants.namespaces,
    problems,
    connections: (filter) => [...parts(filter)].flat(),
    connectionParts: parts,
    groups,
    query: questions.query,
    reaches: questions.reaches,
    missing: questions.missing,
    alike: ({ index }) => {
      const own = classes.ofWorkload[index] ?? [];
      return own.some(({ hostNetwork }) => hostNetwork) ? undefined : own.map((one) => one.index).join(' ');
    },
    exposures: once(() => listExposures({ snapshot, inhabitants, classes, space, questions })),
    update: (after) => analysisOn(updateFoundation(foundation, after)),
    gaps: [...tierGaps, ...snapshot.gaps([NETWORK_POLICY, 'Namespace', 'Pod']).map(becauseOfGap)],
    size: {
      get pods() {
        return workloads().reduce((sum, workload) => sum + workload.endpoints.length, 0);
      },
      get classes() {
        return classes.all.filter(({ index, members }) => members.length > 0 || index === classes.controller).length;
      },
      addressClasses: space.size,
      get rows() {
        const filled = ({ list }: Rows): number => list.filter((row) => row.classes.length > 0).length;
        return { ingress: filled(ingress), egress: filled(egress) };
      },
      get portSets() {
        return table.size();
      },
    },
  };
}

function describeClass(podClass: PodClass): string {
  const workloads = [...new Set(podClass.members.map((member) => member.workload.id))];
  return workloads.length <= 3
    ? workloads.join(', ')
    : `${workloads.slice(0, 2).join(', ')} and ${workloads.length - 2} more`;
}
