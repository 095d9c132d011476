/** Everything an analysis says, in an order that doesn't depend on its history. Only for tests. */
import type { Because } from '../../../model/because.ts';
import { refId } from '../../../model/object.ts';
import { formatPorts, type Exposure, type NetworkAnalysis, type PeerQuery } from '../index.ts';
import { compare, formatPeer, listed } from '../answers/report.ts';
import { unionPorts, type PortSet } from '../ports/ports.ts';
import { OUTSIDE } from './clusters.ts';

/** Classes that policies no longer tell apart stay apart after an update, so a reason may name fewer who are alike. */
function withoutNames(because: Because): Because {
  const says = because.says
    .replaceAll(/\w+\/\w+\[\w+\](, \w+\/\w+\[\w+\])*( and \d+ more)?/g, 'PODS')
    .replaceAll(/[\da-f.:]+-[\da-f.:]+/g, 'ADDRESSES');
  return { ...because, says };
}

/** What an analysis answers to every question, where pods or workloads of these names are asked about. */
export function everyAnswer(
  analysis: NetworkAnalysis,
  names: readonly { readonly namespace: string; readonly name: string }[],
): { readonly reasons: readonly (readonly string[])[] } & Readonly<Record<string, unknown>> {
  const peers: readonly PeerQuery[] = [
    ...names.map(({ namespace, name }): PeerQuery => ({ kind: 'workload', namespace, name })),
    ...OUTSIDE.map((cidr): PeerQuery => ({ kind: 'cidr', cidr })),
  ];
  const asked = peers.flatMap((from) =>
    peers.map((to) => {
      const { verdict, ports, everyPair, because } = analysis.query(from, to);
      const reasons = new Set(because.map((reason) => JSON.stringify(withoutNames(reason))));
      return { answer: [from, to, verdict, formatPorts(ports), formatPorts(everyPair)], reasons: [...reasons].sort() };
    }),
  );
  // In whichever order pods were listed when they were first read.
  const workloads = [...analysis.workloads].sort((a, b) => compare(a.id, b.id));
  return {
    pairs: asked.map(({ answer }) => answer),
    reasons: asked.map(({ reasons }) => reasons),
    reaches: workloads.flatMap((a) => workloads.map((b) => analysis.reaches(a.ref, b.ref, 'TCP', 80))),
    list: listed(analysis.connections()),
    groups: unfolded(analysis),
    exposures: analysis
      .exposures()
      .map(({ because, ...rest }) => ({
        ...rest,
        because: [...new Set(because.map((reason) => JSON.stringify(withoutNames(reason))))].sort(),
      }))
      .sort((a, b) => compare(placeOf(a), placeOf(b))),
    namespaces: [...analysis.namespaces.values()].sort((a, b) => compare(a.name, b.name)),
    pods: workloads.map(({ id, endpoints }) => [id, endpoints.map(({ pod }) => pod)]),
    problems: analysis.problems,
    policies: analysis.policies.map(({ ref }) => ref),
    gaps: analysis.gaps,
  };
}

function placeOf({ workload, via, by, ports }: Omit<Exposure, 'because'>): string {
  return [workload, by].map(refId).concat(via, formatPorts(ports)).join(' ');
}

/** What the groups say of every pair of workloads. */
function unfolded(analysis: NetworkAnalysis): readonly string[] {
  const found = new Map<string, PortSet>();
  for (const { from, to, ports } of analysis.groups())
    for (const a of from)
      for (const b of to) {
        if (a.kind === 'range' || b.kind === 'range' || a === b) continue;
        const pair = `${formatPeer(a)} ${formatPeer(b)}`;
        found.set(pair, unionPorts(found.get(pair) ?? {}, ports));
      }
  return [...found].map(([pair, ports]) => `${pair} ${formatPorts(ports)}`).sort();
}
