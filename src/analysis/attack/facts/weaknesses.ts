import { at, number, records, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { refOf } from '../../../model/object.ts';
import type { Because } from '../../../model/because.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { ContainerFacts, PodUnit } from './pod-units.ts';
import { VULNERABILITY_REPORT } from './reads.ts';

/** A port of a pod behind which a known hole gives code execution. */
export interface Weakness {
  readonly unit: PodUnit;
  readonly container: string;
  readonly port: number;
  readonly because: readonly Because[];
  readonly open?: string;
}

/**
 * Known holes behind the ports of pods, from vulnerability reports in the facts. A hole counts when it can be used over
 * the network by anybody without help (CVSS v3 `AV:N`, `PR:N`, `UI:N`) and is critical or high; without a vector it is
 * an open premise. A report names a workload by its labels, or an image.
 */
export function weaknessesOf(snapshot: Snapshot, units: readonly PodUnit[]): readonly Weakness[] {
  const reports = snapshot.list(VULNERABILITY_REPORT);
  if (reports.length === 0) return [];
  const byNamespace = Map.groupBy(units, ({ namespace }) => namespace);
  const ports = portsBehindServices(snapshot);
  return reports.flatMap(({ object }) => {
    const worst = worstOf(object);
    if (!worst) return [];
    const named = object.metadata.labels?.['trivy-operator.resource.name'] !== undefined;
    const near = named ? (byNamespace.get(object.metadata.namespace ?? '') ?? []) : units;
    return near.flatMap((unit) =>
      unit.containers
        .filter(({ state }) => state !== 'ended')
        .filter(({ entry }) => isAbout(object, unit, entry.name, text(entry.container['image']) ?? ''))
        .flatMap((container) => behindPorts(object, worst, unit, container, ports)),
    );
  });
}

function behindPorts(
  report: KubernetesObject,
  worst: Hole,
  unit: PodUnit,
  { entry: { name, container }, state }: ContainerFacts,
  served: PortsBehindServices,
): readonly Weakness[] {
  const declared = declaredPorts(container);
  // Declaring a port is a matter of taste: where nobody does, it is one that a Service leads to.
  const silent = unit.containers.filter(
    (one) => one.state === 'running' && declaredPorts(one.entry.container).length === 0,
  );
  const taken = new Set(unit.containers.flatMap(({ entry }) => declaredPorts(entry.container)));
  const undeclared = declared.length > 0 || state !== 'running' ? [] : served(unit).filter((port) => !taken.has(port));
  return [...declared, ...undeclared].map((containerPort): Weakness => {
    const image = text(container['image']) ?? 'the image';
    const open =
      worst.vector === undefined
        ? `${worst.id} is given without a vector: whether the network reaches it is not known`
        : undeclared.length > 0 && silent.length > 1
          ? `which container of the pod listens on port ${containerPort} is not written`
          : state === 'starting'
            ? `container ${name} runs only while its pod starts`
            : undefined;
    return {
      unit,
      container: name,
      port: containerPort,
      because: [
        {
          kind: 'field',
          object: refOf(report),
          path: `report.vulnerabilities[${worst.index}]`,
          value: worst.id,
          says: `${image} has ${worst.id} (${worst.severity.toLowerCase()}), usable over the network`,
        },
      ],
      ...(open === undefined ? {} : { open }),
    };
  });
}

function declaredPorts(container: JsonRecord): readonly number[] {
  return records(container['ports']).flatMap(([, port]) => number(port['containerPort']) ?? []);
}

/** The ports, by number, that Services lead to in the pods of a unit. */
type PortsBehindServices = (unit: PodUnit) => readonly number[];

function portsBehindServices(snapshot: Snapshot): PortsBehindServices {
  const services = Map.groupBy(snapshot.list('Service'), ({ object }) => object.metadata.namespace ?? 'default');
  return ({ namespace, workload }) =>
    (services.get(namespace) ?? []).flatMap(({ object }) => {
      const selector = Object.entries(stringMap(at(object, 'spec', 'selector')));
      const { labels } = workload.template;
      if (selector.length === 0 || !selector.every(([key, value]) => labels[key] === value)) return [];
      return records(at(object, 'spec', 'ports')).flatMap(
        ([, port]) => number(port['targetPort'] ?? port['port']) ?? [],
      );
    });
}

/** What closes the hole of a report that counts and all like it; undefined where some are closed by no release. */
export function closedIn(report: KubernetesObject): string | undefined {
  const fixes = usableHoles(report).map(({ id, fixed }) => (fixed === '' ? undefined : `${id} closed (${fixed})`));
  return fixes.length > 0 && !fixes.includes(undefined) ? fixes.join(', ') : undefined;
}

function isAbout(report: KubernetesObject, unit: PodUnit, container: string, image: string): boolean {
  const labels = report.metadata.labels ?? {};
  const workload = labels['trivy-operator.resource.name'];
  if (workload !== undefined) {
    return (
      !isOutdated(report, image) &&
      isNameOf(workload, unit.name) &&
      report.metadata.namespace === unit.namespace &&
      (labels['trivy-operator.container.name'] ?? container) === container
    );
  }
  const server = text(at(report, 'report', 'registry', 'server'));
  const repository = text(at(report, 'report', 'artifact', 'repository')) ?? '';
  const tag = text(at(report, 'report', 'artifact', 'tag'));
  return (
    repository !== '' &&
    short(image) ===
      short(`${server === undefined ? '' : `${server}/`}${repository}${tag === undefined ? '' : `:${tag}`}`)
  );
}

/** Whether a report is about another tag of the image than the one that runs now. */
function isOutdated(report: KubernetesObject, image: string): boolean {
  const repository = text(at(report, 'report', 'artifact', 'repository'));
  const tag = text(at(report, 'report', 'artifact', 'tag'));
  const [, runs, other] = /^(.*):([^:/@]+)$/.exec(short(image)) ?? [];
  if (repository === undefined || tag === undefined || runs === undefined) return false;
  return short(runs).endsWith(short(repository)) && tag !== other;
}

/** Reports name what makes the pods: the workload, its ReplicaSet (a hash has no vowels), the Job of a schedule. */
function isNameOf(reported: string, workload: string): boolean {
  if (reported === workload) return true;
  const behind = reported.startsWith(`${workload}-`) ? reported.slice(workload.length + 1) : '';
  return /^([bcdf-hj-np-tv-xz24-9]{5,10}|[0-9]{8,})$/.test(behind);
}

/** An image as people write it: what stands for Docker Hub is left out. */
function short(image: string): string {
  return image.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}

interface Hole {
  readonly index: number;
  readonly id: string;
  readonly severity: string;
  readonly vector: string | undefined;
  /** The package and its version in which it is closed; empty where there is none. */
  readonly fixed: string;
}

function worstOf(report: KubernetesObject): Hole | undefined {
  return usableHoles(report)[0];
}

/** Worst first. */
function usableHoles(report: KubernetesObject): readonly Hole[] {
  const holes = records(at(report, 'report', 'vulnerabilities')).flatMap(([index, entry]): readonly Hole[] => {
    const severity = text(entry['severity']) ?? '';
    const vector =
      text(at(entry, 'cvss', 'nvd', 'V3Vector')) ??
      text(at(entry, 'cvss', 'ghsa', 'V3Vector')) ??
      text(at(entry, 'cvss', 'redhat', 'V3Vector'));
    const usable = vector === undefined || ['AV:N', 'PR:N', 'UI:N'].every((part) => vector.includes(part));
    const version = text(entry['fixedVersion']) ?? '';
    const fixed = version === '' ? '' : `${text(entry['resource']) ?? 'the package'} ${version}`;
    const id = text(entry['vulnerabilityID']) ?? 'an unnamed hole';
    return usable && ['CRITICAL', 'HIGH'].includes(severity) ? [{ index, id, severity, vector, fixed }] : [];
  });
  return holes.sort(
    (a, b) => Number(a.vector === undefined) - Number(b.vector === undefined) || (a.severity < b.severity ? -1 : 1),
  );
}
