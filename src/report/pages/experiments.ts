import type { ExperimentReport } from '../types.ts';
import type { Section } from '../report.ts';
import { VERDICT_SIGN } from '../wording.ts';
import { latencyChart, successChart } from './chart.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { anchor, timeOf } from '../html/parts.ts';

type Curve = ExperimentReport['curves'][number];
type Phase = ExperimentReport['phases'][number];

/** Each experiment: what was broken, what kept holding, the curve of the steady state with the fault shaded in. */
export function experimentsSection(experiments: readonly ExperimentReport[]): Section {
  return {
    id: 'experiments',
    heading: 'Experiments',
    nav: 'Experiments',
    html: `<p class="dim">Things were broken on purpose, within bounds, while claims were watched. What is shaded is the time of a fault.</p>${experiments.map(article).join('')}`,
  };
}

function article(experiment: ExperimentReport): string {
  const { name, title, outcome, outcomeSays, design, seconds, startedAt, verdicts, faults, curves, residue } =
    experiment;
  const facts = [
    `${outcome}${outcomeSays === undefined ? '' : `: ${outcomeSays}`}`,
    `design ${design}`,
    `${seconds} s`,
    startedAt === undefined ? '' : timeOf(startedAt),
  ].filter((text) => text !== '');
  const judged = verdicts.map(
    ({ verdict, statement, says }) =>
      `<li><span class="sign ${verdict}">${VERDICT_SIGN[verdict]} ${verdict}</span> ${e(statement)}${says === '' ? '' : `<br><small class="dim">${e(says)}</small>`}</li>`,
  );
  const broken = faults.map(
    ({ kind, says, from, to, bit }) =>
      `<tr><td data-label="Fault">${e(kind)}</td><td data-label="What">${e(says)}</td><td data-label="When">${from} to ${to} s</td><td data-label="Took effect">${bit === 'unknown' ? '? unknown' : bit ? '✓ yes' : '✗ no'}</td></tr>`,
  );
  return `<article id="${anchor('experiment', name)}"><h3>${e(title ?? name)}</h3><p class="dim">${e(facts.join(' · '))}</p><ul class="reasons">${judged.join('')}</ul>
${broken.length === 0 ? '' : `<div class="scroll" tabindex="0" role="region" aria-label="Faults of ${e(name)}"><table class="stack"><caption>What was broken</caption><thead><tr><th scope="col">Fault</th><th scope="col">What</th><th scope="col">When</th><th scope="col">Took effect</th></tr></thead><tbody>${broken.join('')}</tbody></table></div>`}
${curves.map((curve) => curveFigure(experiment, curve)).join('')}
<p>${residue.length === 0 ? '✓ Nothing was left behind.' : `✗ Left behind: ${e(residue.join(', '))}.`}</p></article>`;
}

/** The curve for the eye, and the same by phase as a table. */
function curveFigure(experiment: ExperimentReport, curve: Curve): string {
  if (curve.points.length < 2)
    return `<p class="dim">${e(curve.statement)} It was not looked at often enough here to draw a curve.</p>`;
  const rows = experiment.phases.map((phase) => phaseRow(phase, curve));
  return `<figure><figcaption>${e(curve.statement)}</figcaption>${successChart(experiment, curve)}${latencyChart(experiment, curve)}
<div class="scroll" tabindex="0" role="region" aria-label="By phase: ${e(curve.statement)}"><table><thead><tr><th scope="col">Phase</th><th scope="col">Time</th><th scope="col">Looks</th><th scope="col">Succeeded</th><th scope="col">Median</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></figure>`;
}

function phaseRow({ name, from, to, fault }: Phase, { points }: Curve): string {
  const here = points.filter(({ t, counted }) => counted && t >= from && t < to);
  const succeeded = here.filter(({ ok }) => ok === 1).length;
  const share = here.length === 0 ? '–' : `${Math.round((1000 * succeeded) / here.length) / 10}%`;
  const times = here.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return `<tr><th scope="row">${e(name)}${fault ? ' (fault)' : ''}</th><td>${from} to ${to} s</td><td>${here.length}</td><td>${share}</td><td>${median === undefined ? '–' : `${Math.round(median)} ms`}</td></tr>`;
}
