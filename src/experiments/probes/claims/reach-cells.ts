import type { ClaimOf } from '../../../claims/claim.ts';
import { namespaceOf, type Facts } from '../../../claims/facts.ts';
import { analysed } from '../../../claims/judge.ts';
import { selectWorkloads } from '../../../claims/select.ts';
import type { DestinationSpec } from '../../../claims/schema/reach.ts';
import type { EndpointSpec, PortSpec } from '../../../claims/schema/selection.ts';
import { becauseOfGap } from '../../../model/because.ts';
import { records, text } from '../../../model/json.ts';
import { formatRef, refId } from '../../../model/object.ts';
import { containersOf, WORKLOAD_KINDS } from '../../../model/pods.ts';
import type { Workload } from '../../../model/workloads.ts';
import type { Snapshot } from '../../../model/snapshot.ts';

/** One connection worth trying, between two workloads, and what the claim says of it. */
export interface ReachCell {
  /** Speaks for its class. */
  readonly from: Workload;
  /** Others of its class, who may speak when nothing in the first one can be run as a probe. */
  readonly substitutes: readonly Workload[];
  readonly to: Workload;
  readonly port: number;
  readonly protocol: Protocol;
  readonly expect: 'open' | 'closed';
}

/** Protocols a connection can be tried with; SCTP is left to the configuration. */
export type Protocol = 'TCP' | 'UDP';

/** A port of a workload that a claim is about. */
export interface Door {
  readonly to: Workload;
  readonly port: number;
  readonly protocol: Protocol;
}

/** A claim as connections that can be tried, and what of it can't. */
export interface ReachCells {
  readonly cells: readonly ReachCell[];
  /** Parts of the claim that no connection from inside pods can show, one sentence each. */
  readonly blind: readonly string[];
  /** Parts that are not tried, and that the analysis of the configuration is certain of, one sentence each. */
  readonly assumed: readonly string[];
}

/** Workloads that every policy treats alike. */
type PodClass = readonly [Workload, ...Workload[]];

/** Most classes of strangers tried against one destination. */
const MAX_STRANGERS = 16;

/**
 * The fewest connections that would show a claim to be false: one workload of each class that no policy can tell apart
 * speaks for its class, and of a range of ports its two ends.
 */
export function cellsOf(claim: ClaimOf<'reach'>, facts: Facts): ReachCells {
  const { from, expect } = claim.spec;
  const blind: string[] = [];
  const assumed: string[] = [];
  const nobodyElse = expect === 'only' || expect === 'atMost';
  // Whether those whom an `atMost` names get in is no part of the claim, so nothing is missed by not trying it.
  const unseen = expect === 'atMost' ? [] : blind;
  const sources = asList<EndpointSpec>(from).flatMap((end) => podsOfEnd(end, 'from', claim, facts, unseen));
  const classOf = classifier(facts.snapshot);
  const cells: ReachCell[] = [];
  for (const { to: destination, port, protocol } of doorsOf(claim, facts, blind, assumed)) {
    const cell = ([speaker, ...substitutes]: PodClass, is: 'open' | 'closed'): ReachCell => ({
      from: speaker,
      substitutes,
      to: destination,
      port,
      protocol,
      expect: is,
    });
    const others = (workload: Workload): boolean => refId(workload.ref) !== refId(destination.ref);
    const named = expect === 'atMost' ? [] : classesOf(sources.filter(others), classOf);
    cells.push(...named.map((source) => cell(source, expect === 'denied' ? 'closed' : 'open')));
    if (!nobodyElse) continue;
    const known = new Set(sources.map(({ ref }) => refId(ref)));
    const strangers = facts.workloads.filter(
      (workload) => others(workload) && !known.has(refId(workload.ref)) && !usesHostNetwork(workload),
    );
    const classes = byDanger(classesOf(strangers, classOf), destination, { port, protocol }, facts);
    cells.push(...classes.slice(0, MAX_STRANGERS).map((source) => cell(source, 'closed')));
    if (classes.length > MAX_STRANGERS) {
      blind.push(
        `${classes.length - MAX_STRANGERS} more classes of pods were not tried against ${formatRef(destination.ref)}`,
      );
    }
  }
  if (nobodyElse) blind.push(...facts.snapshot.gaps(WORKLOAD_KINDS).map((gap) => becauseOfGap(gap).says));
  return { cells, blind: [...new Set(blind)], assumed: [...new Set(assumed)] };
}

/** The ports a claim is about, as far as connections can be opened to them; what is not is said in `blind` and `assumed`. */
export function doorsOf(claim: ClaimOf<'reach'>, facts: Facts, blind: string[], assumed: string[]): readonly Door[] {
  return asList<DestinationSpec>(claim.spec.to).flatMap((end) =>
    podsOfEnd(end, 'to', claim, facts, blind).flatMap((to) => {
      if (!end.ports && claim.spec.expect !== 'allowed')
        leave('ports that no container declares', facts, claim, blind, assumed);
      return portsOf(end.ports, to, blind).map((door) => ({ to, ...door }));
    }),
  );
}

/** What is left to the analysis: assumed when it is certain that the whole claim holds, else nobody has seen it. */
function leave(what: string, facts: Facts, claim: ClaimOf<'reach'>, blind: string[], assumed: string[]): void {
  if (analysed(claim, facts).verdict === 'holds')
    assumed.push(`${what} were not tried; by the configuration they are closed`);
  else blind.push(`${what} were not tried`);
}

/** Those first that the analysis says may reach the destination, then the neighbours of the destination. */
function byDanger(
  strangers: readonly PodClass[],
  destination: Workload,
  at: Omit<Door, 'to'>,
  facts: Facts,
): readonly PodClass[] {
  const danger = ([stranger]: PodClass): number => {
    const open = facts.network.reaches(stranger.ref, destination.ref, at.protocol, at.port);
    return (
      (open === true ? 0 : open === 'unknown' ? 1 : 2) * 2 +
      (namespaceOf(stranger) === namespaceOf(destination) ? 0 : 1)
    );
  };
  return strangers
    .map((stranger) => ({ stranger, danger: danger(stranger) }))
    .sort((a, b) => a.danger - b.danger)
    .map(({ stranger }) => stranger);
}

/**
 * Names the class of a workload: its namespace, and its labels as far as any policy looks at them. Two workloads of
 * one class are treated alike by every NetworkPolicy, so one speaks for both.
 */
function classifier(snapshot: Snapshot): (workload: Workload) => string {
  const keys = new Set<string>();
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const entry of value) collect(entry);
    else if (typeof value === 'object' && value !== null) {
      for (const [field, inner] of Object.entries(value)) {
        if (field === 'matchLabels' && typeof inner === 'object' && inner !== null)
          for (const key of Object.keys(inner)) keys.add(key);
        if (field === 'key' && typeof inner === 'string') keys.add(inner);
        collect(inner);
      }
    }
  };
  for (const kind of snapshot.kinds().filter((name) => /NetworkPolicy/.test(name)))
    for (const { object } of snapshot.list(kind)) collect(object['spec']);
  // A policy that could not be read may look at any label.
  const unread = snapshot.gaps(['NetworkPolicy.networking.k8s.io']).length > 0;
  return (workload) => {
    const labels = Object.entries(workload.template.labels).filter(([key]) => unread || keys.has(key));
    return `${namespaceOf(workload)} ${JSON.stringify(labels.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  };
}

function classesOf(workloads: readonly Workload[], classOf: (workload: Workload) => string): readonly PodClass[] {
  const classes = new Map<string, [Workload, ...Workload[]]>();
  for (const workload of workloads) {
    const known = classes.get(classOf(workload));
    if (known) known.push(workload);
    else classes.set(classOf(workload), [workload]);
  }
  return [...classes.values()];
}

function podsOfEnd(
  end: EndpointSpec,
  side: 'from' | 'to',
  claim: ClaimOf<'reach'>,
  facts: Facts,
  blind: string[],
): readonly Workload[] {
  const outside = end.internet === true ? 'the internet' : end.nodes === true ? 'nodes' : end.cidr;
  if (outside !== undefined) {
    // Those who come from there are strangers: see strangers.ts.
    if (side === 'to') blind.push(`connections to ${outside} are not tried: nobody there is known to answer`);
    return [];
  }
  const { found, open } = selectWorkloads(facts, end, claim.namespace);
  blind.push(...open.map(({ says }) => says));
  const host = found.filter(usesHostNetwork);
  if (host.length > 0)
    blind.push(
      `${host.map(({ ref }) => formatRef(ref)).join(', ')} share the network of their nodes and are not tried`,
    );
  return found.filter((workload) => !usesHostNetwork(workload));
}

function portsOf(
  ports: readonly PortSpec[] | undefined,
  workload: Workload,
  blind: string[],
): readonly { port: number; protocol: Protocol }[] {
  const declared = containersOf(workload.template.spec).flatMap(({ container }) =>
    records(container['ports']).map(([, port]) => ({
      name: text(port['name']),
      port: Number(port['containerPort']),
      protocol: text(port['protocol']) ?? 'TCP',
    })),
  );
  const wanted = ports
    ? ports.flatMap(({ port, endPort, protocol }): readonly { port: number; protocol: string }[] => {
        if (typeof port === 'string')
          return declared.filter((known) => known.name === port && known.protocol === protocol);
        return [port, ...(endPort === undefined || endPort === port ? [] : [endPort])].map((number) => ({
          port: number,
          protocol,
        }));
      })
    : declared;
  if (wanted.length === 0) blind.push(`${formatRef(workload.ref)} states no port that could be tried`);
  return wanted.flatMap(({ port, protocol }) => {
    if (protocol === 'TCP' || protocol === 'UDP') return [{ port, protocol }];
    blind.push(`${protocol} ${port} can't be tried`);
    return [];
  });
}

/** Whether pods of a workload are on the network of their node. */
export function usesHostNetwork(workload: Workload): boolean {
  return workload.template.spec['hostNetwork'] === true;
}

/** What is written once or as a list, as a list. */
export function asList<T extends object>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
