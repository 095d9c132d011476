import { after, formatRange, parseIp, type IpRange } from '../addresses/ip.ts';

/** One line of a connection list: source, destination, ports. */
export type Line = readonly [from: string, to: string, ports: string];

/** The lines `SRC => DST : CONN` of netpol-analyzer's text output; other sections end the list. */
export function parseLines(text: string): readonly Line[] {
  return text.split('\n').flatMap((line): Line[] => {
    const found = /^(\S+) => (\S+) : (.+)$/.exec(line.trim());
    return found ? [[found[1] ?? '', found[2] ?? '', found[3] ?? '']] : [];
  });
}

/** The lines of netpol-analyzer's text diff; ports are `KIND BEFORE | AFTER`. */
export function parseDiffLines(text: string): readonly Line[] {
  const pattern =
    /diff-type: (\w+), source: (\S+), destination: (\S+), ref1: (.+?), ref2: (.+?)(?:, workloads-diff-info: .*)?$/;
  return text.split('\n').flatMap((line): Line[] => {
    const found = pattern.exec(line.trim());
    return found ? [[found[2] ?? '', found[3] ?? '', `${found[1]} ${found[4]} | ${found[5]}`]] : [];
  });
}

/**
 * Lines with neighbouring address ranges of equal ports merged, sorted. netpol-analyzer splits the addresses at
 * every bound of every policy and doesn't merge them again; both sides of a comparison go through this.
 */
export function normalised(lines: readonly Line[]): readonly string[] {
  const groups = new Map<string, IpRange[]>();
  const rest: string[] = [];
  for (const [from, to, ports] of lines) {
    const source = rangeOf(from);
    const destination = rangeOf(to);
    if (!source && !destination) {
      rest.push(`${from} => ${to} : ${ports}`);
      continue;
    }
    const key = source ? `% => ${to} : ${ports}` : `${from} => % : ${ports}`;
    const group = groups.get(key);
    const range = source ?? destination;
    if (!range) continue;
    if (group) group.push(range);
    else groups.set(key, [range]);
  }
  for (const [key, ranges] of groups)
    for (const range of merge(ranges)) rest.push(key.replace('%', formatRange(range)));
  return rest.sort();
}

function rangeOf(peer: string): IpRange | undefined {
  const found = /^([0-9a-f.:]+)-([0-9a-f.:]+)(\[External\])?$/.exec(peer);
  const from = parseIp(found?.[1] ?? '');
  const to = parseIp(found?.[2] ?? '');
  return from === undefined || to === undefined ? undefined : { from, to };
}

function merge(ranges: readonly IpRange[]): readonly IpRange[] {
  const merged: IpRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (last && typeof last.to === typeof range.from && after(last.to) >= range.from)
      merged[merged.length - 1] = { from: last.from, to: last.to > range.to ? last.to : range.to };
    else merged.push(range);
  }
  return merged;
}
