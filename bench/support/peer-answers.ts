import type { KubernetesObject } from '../../src/model/object.ts';
import { containerPorts } from '../../src/analysis/network/inhabitants/endpoints.ts';
import { at, record, text } from '../../src/model/json.ts';

/** Whether one pod (`namespace/name`) may open a TCP connection to another on the port asked about; undefined: no answer. */
export type Answers = (from: string, to: string) => boolean | undefined;

/** The model cyclonus probes: every pod with its labels, address and ports. */
export function cyclonusModel(objects: readonly KubernetesObject[], port: number): string {
  const pods = objects.filter(({ kind }) => kind === 'Pod');
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  return JSON.stringify({
    Probes: [{ Protocol: 'TCP', Port: port }],
    Resources: {
      Namespaces: Object.fromEntries(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
      Pods: pods.map(({ metadata, spec, status }) => ({
        Namespace: metadata.namespace,
        Name: metadata.name,
        Labels: metadata.labels ?? {},
        IP: text(at(status, 'podIPs', 0, 'ip')),
        Containers: containerPorts(record(spec)).map(({ name, port: number, protocol }, i) => ({
          Name: `c${i}`,
          Port: number,
          PortName: name ?? '',
          Protocol: protocol,
        })),
      })),
    },
  });
}

/** Reads the last table of `cyclonus analyze --mode probe`: `.` is allowed, `X` is blocked. Its heading is in capitals. */
export function readCyclonus(output: string): Answers {
  const table = output.slice(output.indexOf('Combined:')).split('\n\n')[0] ?? '';
  const [heading = [], ...rows] = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const column = new Map(heading.map((name, i) => [name.toLowerCase(), i]));
  const row = new Map(rows.map((cells) => [cells[0] ?? '', cells]));
  return (from, to) => {
    const cell = row.get(from)?.[column.get(to) ?? -1];
    return cell === '.' ? true : cell === 'X' ? false : undefined;
  };
}

/** Reads the lines `SOURCE => DESTINATION : CONNECTIONS` of network-config-analyzer; a pair without a line is closed. */
export function readNca(output: string, port: number): Answers {
  const open = new Set<string>();
  const known = new Set<string>();
  for (const line of output.split('\n')) {
    const [, from, to, connections] =
      /^(\S+\/\S+?)(?:\[.*?\])? => (\S+\/\S+?)(?:\[.*?\])? : (.*)$/.exec(line.trim()) ?? [];
    if (from === undefined || to === undefined || connections === undefined) continue;
    known.add(from).add(to);
    if (allows(connections, port)) open.add(`${from} ${to}`);
  }
  return (from, to) => (known.has(from) && known.has(to) ? open.has(`${from} ${to}`) : undefined);
}

/** `All connections`, or `{protocols:TCP,dst_ports:80,8000-8080},{protocols:UDP}`. */
function allows(connections: string, port: number): boolean {
  if (/^all connections$/i.test(connections.trim())) return true;
  return [...connections.matchAll(/\{protocols:([A-Z0-9,-]+?)(?:,dst_ports:([\d,-]+))?\}/g)].some(
    ([, protocols = '', ports]) =>
      protocols.split(',').includes('TCP') &&
      (ports === undefined ||
        ports.split(',').some((range) => {
          const [first = 0, last = first] = range.split('-').map(Number);
          return first <= port && port <= last;
        })),
  );
}
