import type { RenderOptions } from '../report.ts';
import type { ExperimentReport } from '../types.ts';
import { paintVerdict, VERDICT_SIGN, wrap } from '../wording.ts';

/** Looks shown of one stretch of an experiment before they are thinned out. */
const MOST_LOOKS = 20;

/** Each experiment with what it did, and each of its claims with one sign for every look: in calm, under fault, after. */
export function experimentsPart(experiments: readonly ExperimentReport[], options: RenderOptions): string {
  if (experiments.length === 0) return '';
  return `Experiments\n${experiments.map((one) => lines(one, options)).join('')}`;
}

function lines(experiment: ExperimentReport, options: RenderOptions): string {
  const { name, seconds, outcome, outcomeSays, faults, residue, verdicts } = experiment;
  const { paint, width } = options;
  const how = outcome === 'completed' ? '' : `, ${outcome}${outcomeSays === undefined ? '' : `: ${outcomeSays}`}`;
  const left = residue.length === 0 ? 'nothing left behind' : paint.red(`left behind: ${residue.join('; ')}`);
  const head = `  ${paint.bold(name)}  ${paint.dim(`${seconds.toFixed(0)} s${how}, ${left}`)}`;
  const done = faults.map(({ says }) => wrap(says, width, '    ')).join('\n');
  const judged = verdicts.map(({ claim, statement, verdict }) => {
    const sign = paintVerdict(verdict, VERDICT_SIGN[verdict], paint);
    return `    ${sign} ${statement}\n      ${paint.dim(timeline(experiment, claim))}`;
  });
  return `${[head, ...(done === '' ? [] : [done]), ...judged].join('\n')}\n`;
}

/** `calm ✓✓✓ │ fault ✗✗✗✗ │ after ✗✓✓`: a sign for each look that could decide and lay within its stretch. */
function timeline({ curves, faults, phases }: ExperimentReport, claim: string): string {
  const points = (curves.find((curve) => curve.claim === claim)?.points ?? []).filter(({ counted }) => counted);
  const from = Math.min(...faults.map((fault) => fault.from));
  const to = Math.max(...phases.filter(({ fault }) => fault).map((phase) => phase.to), from);
  const stretch = (word: string, within: (t: number) => boolean): string => {
    const signs = points.filter(({ t }) => within(t)).map(({ ok }) => (ok === 1 ? '✓' : '✗'));
    const shown = signs.length > MOST_LOOKS ? `${signs.slice(0, MOST_LOOKS).join('')}…` : signs.join('');
    return `${word} ${shown === '' ? 'not seen' : shown}`;
  };
  if (faults.length === 0) return `${stretch('calm', () => true)} │ nothing was broken`;
  return [
    stretch('calm', (t) => t < from),
    stretch('fault', (t) => t >= from && t < to),
    stretch('after', (t) => t >= to),
  ].join(' │ ');
}
