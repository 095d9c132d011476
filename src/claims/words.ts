import { formatSelector, parseSelector } from '../model/selectors.ts';
import type { EndpointSpec, LabelSelectorSpec, NamespacesSpec, PodSelectorSpec, PortSpec } from './schema/selection.ts';

/** Labels whose value is what people call the thing. */
const NAME_LABELS = [
  'app',
  'app.kubernetes.io/name',
  'k8s-app',
  'name',
  'app.kubernetes.io/component',
  'component',
  'service',
];

/** `gateway`, `pods with tier=web in shop`, `every pod in shop and payments`: a selector in the words of its owner. */
export function describePods(spec: PodSelectorSpec, home: string | undefined): string {
  const where = describeNamespaces(spec.namespaces);
  const place = where === undefined || (home !== undefined && where === home) ? '' : ` in ${where}`;
  if (spec.workloads)
    return `${joined(spec.workloads.map((written) => written.replace(/(^|\/)[A-Z]\w*\//, '$1')))}${place}`;
  const selector = spec.pods && parseSelector(spec.pods);
  if (!selector || selector.kind === 'invalid' || selector.selector.length === 0) {
    const here = place !== '' ? place : home === undefined ? ' of the cluster' : ` in ${home}`;
    return where === 'every namespace' ? 'every pod' : `every pod${here}`;
  }
  return `${nickname(spec.pods) ?? `pods with ${formatSelector(selector.selector)}`}${place}`;
}

/** One end of a connection in words. */
export function describeEndpoint(end: EndpointSpec, home: string | undefined): string {
  if (end.internet) return 'the internet';
  if (end.nodes) return 'the nodes';
  if (end.cidr !== undefined) return end.cidr;
  return describePods(end, home);
}

/** ` on TCP 8080 and UDP 53`; empty for every port. */
export function describePorts(ports: readonly PortSpec[] | undefined): string {
  if (!ports) return '';
  const written = ports.map(
    ({ port, endPort, protocol }) => `${protocol} ${port}${endPort === undefined ? '' : `-${endPort}`}`,
  );
  return ` on ${joined(written)}`;
}

/** A selection of namespaces in words; undefined for all of them. */
export function describeNamespaces(spec: NamespacesSpec | undefined): string | undefined {
  if (spec === undefined) return undefined;
  if (Array.isArray(spec)) return joined(spec);
  const name = spec.matchLabels?.['kubernetes.io/metadata.name'];
  if (name !== undefined && Object.keys(spec.matchLabels ?? {}).length === 1 && !spec.matchExpressions) return name;
  const selector = parseSelector(spec);
  if (selector.kind === 'invalid' || selector.selector.length === 0) return 'every namespace';
  return `namespaces with ${formatSelector(selector.selector)}`;
}

/** `a`, `a and b`, `a, b and c`; long lists are cut with a count. */
export function joined(words: readonly string[], most = 4): string {
  const shown = words.length > most ? [...words.slice(0, most - 1), `${words.length - most + 1} more`] : words;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Whether a list of ends means everything there is. */
export function isEverybody(ends: readonly EndpointSpec[]): boolean {
  const everyPod = ends.some(
    ({ pods, workloads, namespaces }) =>
      !pods && !workloads && namespaces && !Array.isArray(namespaces) && Object.keys(namespaces).length === 0,
  );
  return everyPod && ends.some(({ internet }) => internet === true);
}

/** The value of the one label that names the application. */
function nickname(spec: LabelSelectorSpec | undefined): string | undefined {
  const labels = Object.entries(spec?.matchLabels ?? {});
  if ((spec?.matchExpressions?.length ?? 0) > 0) return undefined;
  const named = NAME_LABELS.map((key) => labels.find(([label]) => label === key)).find((entry) => entry !== undefined);
  return named && labels.length <= 3 ? named[1] : undefined;
}
