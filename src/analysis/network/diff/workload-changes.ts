import { formatPath } from '../../../model/because.ts';
import type { Labels } from '../../../model/selectors.ts';
import { containerPorts, type Endpoint, type NetworkWorkload } from '../inhabitants/endpoints.ts';
import { formatIp } from '../addresses/ip.ts';
import type { FieldChange, ObjectChange } from './object-change.ts';

/** What policies and Services see of a workload, compared: pods may differ, so each is the set of what they have. */
export function compareWorkloads(
  was: NetworkWorkload | undefined,
  is: NetworkWorkload | undefined,
): ObjectChange | undefined {
  if (!was || !is) {
    const [ref, change] = is ? ([is.ref, 'added'] as const) : ([was?.ref, 'removed'] as const);
    return ref && { ref, change, fields: [] };
  }
  const above = is.ref.kind === 'Pod' ? [] : ['spec', 'template'];
  const fields: readonly FieldChange[] = [
    ...changedLabels(labelsOf(was), labelsOf(is), [...above, 'metadata', 'labels']),
    ...ASPECTS.flatMap(({ aspect, path, of, name }) => {
      const [before, after] = [was, is].map((workload) => distinct(workload.endpoints.map(of)));
      if (before === after) return [];
      return [
        { aspect, path: formatPath([...(path[0] === 'status' ? [] : above), ...path]), says: `its ${name} changed` },
      ];
    }),
  ];
  return fields.length === 0 ? undefined : { ref: is.ref, change: 'changed', fields };
}

const ASPECTS: readonly {
  readonly aspect: FieldChange['aspect'];
  readonly name: string;
  readonly path: readonly string[];
  readonly of: (endpoint: Endpoint) => string;
}[] = [
  {
    aspect: 'addresses',
    name: 'addresses',
    path: ['status', 'podIPs'],
    of: ({ addresses }) => addresses.map(formatIp).join(),
  },
  {
    aspect: 'ports',
    name: 'container ports',
    path: ['spec', 'containers'],
    of: ({ spec }) =>
      containerPorts(spec)
        .map(({ name, port, protocol }) => `${name ?? ''}:${port}/${protocol}`)
        .join(),
  },
  { aspect: 'node', name: 'nodes', path: ['spec', 'nodeName'], of: ({ node }) => node ?? '' },
  {
    aspect: 'hostNetwork',
    name: "use of the host's network",
    path: ['spec', 'hostNetwork'],
    of: ({ hostNetwork }) => String(hostNetwork),
  },
  {
    aspect: 'identity',
    name: 'service account or place in the mesh',
    path: ['spec', 'serviceAccountName'],
    of: ({ identity, labels }) =>
      Object.entries(identity)
        .filter(([key]) => !Object.hasOwn(labels, key))
        .join(),
  },
];

/** The labels of a workload's pods; where pods differ, all values of a key. */
function labelsOf({ endpoints }: NetworkWorkload): Labels {
  const keys = new Set(endpoints.flatMap(({ labels }) => Object.keys(labels)));
  return Object.fromEntries(
    [...keys].map((key) => [key, distinct(endpoints.map(({ labels }) => labels[key] ?? '(absent)'))]),
  );
}

function distinct(values: readonly string[]): string {
  return [...new Set(values)].sort().join(' or ');
}

/** Labels that are not what they were, one by one. */
export function changedLabels(was: Labels, is: Labels, path: readonly string[]): readonly FieldChange[] {
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return keys
    .filter((key) => was[key] !== is[key])
    .map((key) => {
      const [before, after] = [was[key], is[key]];
      const says =
        before === undefined
          ? `label ${key}=${after} is new`
          : after === undefined
            ? `label ${key}=${before} is gone`
            : `label ${key} was ${before} and is ${after}`;
      return { aspect: 'labels', path: formatPath([...path, key]), key, says };
    });
}
