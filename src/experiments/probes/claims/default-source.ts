import { namespaceOf, type Facts } from '../../../claims/facts.ts';
import { at, number, records, stringMap } from '../../../model/json.ts';
import { refId } from '../../../model/object.ts';
import type { Workload } from '../../../model/workloads.ts';

/** Where a question goes: a name or address, and a TCP port. */
export interface Asked {
  readonly host: string;
  readonly port: number;
}

/** Workloads that ask when a claim names none: so many, so that no single client decides. */
const MOST = 3;

/**
 * Who asks when a claim does not say: workloads of which the analysis says that every policy lets them reach the
 * Service, those of the claim's namespace and of the Service's own first, and never what is behind the Service
 * itself. Nobody for what is no Service of this cluster, and where no workload is known to be let in: then the claim
 * has to name its clients.
 */
export function defaultSources(facts: Facts, { host, port }: Asked, claimNamespace = 'default'): readonly Workload[] {
  const [name = '', home = claimNamespace] = host.split('.');
  const service = facts.snapshot.get('Service', home, name);
  const selector = Object.entries(stringMap(at(service?.object, 'spec', 'selector')));
  if (selector.length === 0) return [];
  const behind = facts.workloads.filter(
    (workload) =>
      namespaceOf(workload) === home && selector.every(([key, value]) => workload.template.labels[key] === value),
  );
  const entry = records(at(service?.object, 'spec', 'ports')).find(([, one]) => one['port'] === port)?.[1];
  const door = number(entry?.['targetPort']) ?? port;
  const servers = new Set(behind.map(({ ref }) => refId(ref)));
  const letIn = facts.workloads.filter(
    (workload) =>
      !servers.has(refId(workload.ref)) &&
      behind.length > 0 &&
      behind.every(({ ref }) => facts.network.reaches(workload.ref, ref, 'TCP', door) === true),
  );
  const nearness = (workload: Workload): number => [claimNamespace, home].indexOf(namespaceOf(workload)) + 1 || 3;
  return [...letIn].sort((a, b) => nearness(a) - nearness(b) || (refId(a.ref) < refId(b.ref) ? -1 : 1)).slice(0, MOST);
}
