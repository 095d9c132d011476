import { formatPorts, type PeerQuery, type ReachAnswer } from '../../analysis/network/index.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { formatPosition, SeaworthyError } from '../../model/errors.ts';
import { nearest } from '../../model/suggest.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import type { parseTarget } from './arguments.ts';
import { formatRows } from '../../report/rows.ts';
import { basis, reportBasis, type OpenedNetwork, type ReachOptions } from './options.ts';

/** One question, as asked and as understood. */
export interface Question {
  readonly from: string;
  readonly to: string;
  readonly source: PeerQuery;
  readonly target: ReturnType<typeof parseTarget>;
}

/** Prints the verdict of one question with its reasons. Throws SW_REACH_PEER_NOT_FOUND. */
export async function answer(
  io: Io,
  options: ReachOptions,
  { snapshot, analysis }: OpenedNetwork,
  question: Question,
): Promise<void> {
  const { source, target } = question;
  for (const end of [source, target.peer]) mustBeThere(end, { snapshot, analysis });
  const found = analysis.query(source, target.peer, target.port);
  const document = {
    apiVersion: API_VERSION,
    kind: 'ReachReport',
    from: question.from,
    to: question.to,
    verdict: found.verdict,
    ports: formatPorts(found.ports),
    everyPair: formatPorts(found.everyPair),
    because: found.because,
    ...basis(snapshot, analysis),
  };
  if (await printDocument(io, options.output as OutputFormat, document)) return;
  await write(io.stdout, formatAnswer(options.output, question, found));
  reportBasis(io, snapshot, analysis);
}

/** Something that was not readable may exist: that is an answer (`unknown`), not a mistake of the person who asks. */
export function mustBeThere(end: PeerQuery, { analysis }: OpenedNetwork): void {
  const missing = analysis.missing(end);
  if (missing?.kind !== 'absence') return;
  const meant = likely(end, analysis);
  throw new SeaworthyError('SW_REACH_PEER_NOT_FOUND', missing.says, {
    hint: meant === undefined ? "'reach' without arguments lists what there is." : `Did you mean ${meant}?`,
  });
}

/** The workload or namespace a misspelt one was most likely meant for. */
function likely(end: PeerQuery, { workloads }: OpenedNetwork['analysis']): string | undefined {
  if (end.kind === 'workload')
    return nearest(
      `${end.namespace}/${end.name}`,
      workloads.map(({ namespace, ref }) => `${namespace}/${ref.name}`),
    );
  return end.kind === 'namespace'
    ? nearest(
        `${end.namespace}/`,
        workloads.map(({ namespace }) => `${namespace}/`),
      )
    : undefined;
}

function formatAnswer(format: string, question: Question, found: ReachAnswer): string {
  const { from, to, target } = question;
  const { verdict, ports, everyPair, because } = found;
  if (format === 'csv' || format === 'markdown') {
    const reasons = because.map(({ says }) => says).join('; ');
    return formatRows(
      format,
      ['from', 'to', 'verdict', 'ports', 'because'],
      [[from, to, verdict, formatPorts(ports), reasons]],
    );
  }
  if (format === 'dot' || format === 'svg') {
    throw new SeaworthyError('SW_USAGE', `one answer is no graph: -o ${format} draws lists`, {
      hint: 'Leave the second argument out, or use -o table, json, csv or markdown.',
    });
  }
  const lines = [`${from} -> ${to}  ${verdict}`];
  if (verdict === 'allowed' && !target.port) lines.push(`  ports: ${formatPorts(ports)}`);
  if (verdict === 'allowed' && formatPorts(ports) !== formatPorts(everyPair))
    lines.push(`  not for every pod: all pairs have ${formatPorts(everyPair)}`);
  for (const reason of because) {
    const at = reason.kind === 'field' && reason.at ? ` (${formatPosition(reason.at)})` : '';
    lines.push(`  because ${reason.says}${at}`);
  }
  return `${lines.join('\n')}\n`;
}
