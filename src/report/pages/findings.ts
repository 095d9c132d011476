import { SEVERITIES } from '../../model/because.ts';
import { formatPosition } from '../../model/errors.ts';
import type { Result, Section } from '../report.ts';
import { ruleOf } from '../rules.ts';
import { formatAcceptance, plural, signOf } from '../wording.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { anchor, filterTools } from '../html/parts.ts';

/** Everything found, one entry for each check with all it was found in. Worst first, as the results are. */
export function findingsSection(results: readonly Result[], calledAs: string): Section {
  const head = { id: 'findings', heading: 'Findings', nav: 'Findings' };
  if (results.length === 0) return { ...head, html: '<p>No check fails.</p>' };
  const byRule = [...Map.groupBy(results, ({ rule }) => rule)];
  const entries = byRule.map(([rule, here]) => entry(rule, here, calledAs));
  const words = SEVERITIES.filter((severity) => results.some((result) => result.severity === severity));
  return {
    ...head,
    html: `<p class="dim">${plural(byRule.length, 'check')} with ${plural(results.length, 'result')}. Open one to see where.</p>${filterTools('findings', 'findings', words)}<ul class="entries">${entries.join('')}</ul>`,
  };
}

function entry(rule: string, results: readonly Result[], calledAs: string): string {
  const [first] = results;
  const severity = SEVERITIES.find((one) => results.some((result) => result.severity === one)) ?? 'low';
  const { title } = ruleOf(rule, severity);
  const open = results.some(({ verdict, accepted }) => verdict === 'fail' && !accepted);
  const state = open ? 'fail' : results.some(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'pass';
  const count = (word: string): number => results.filter((result) => result.word === word).length;
  const counts = [...new Set(results.map(({ word }) => word))].map((word) => `${count(word)} ${word}`).join(', ');
  const example =
    first === undefined ? '' : `${first.about}${results.length > 1 ? ` and ${results.length - 1} more` : ''}`;
  return `<li data-filter="findings" data-word="${severity}"><details class="entry ${state}" id="${anchor('check', rule)}"><summary><span class="sev ${severity}">${severity}</span> <span class="what">${e(title)}</span> <small class="meta dim"><span class="badge">${e(counts)}</span> ${e(rule)} · ${e(example)}</small></summary><div class="body"><p class="dim">What it means and how to fix it: <code>${e(`${calledAs} explain ${rule}`)}</code></p>${table(results)}</div></details></li>`;
}

function table(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { word, about, at, path, message, accepted, verdict } = result;
    const where = [path, at === undefined ? undefined : formatPosition(at)].filter((text) => text !== undefined);
    const note = accepted ? `<br><small>${e(formatAcceptance(accepted))}</small>` : '';
    return `<tr><td data-label="Verdict"><span class="sign ${accepted ? '' : verdict}">${signOf(result)} ${word}</span>${result.new === true ? ' <span class="badge">new</span>' : ''}</td><td data-label="Object">${e(about)}</td><td>${e(message)}${note}${where.length === 0 ? '' : `<br><code class="dim">${e(where.join(' · '))}</code>`}</td></tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="Results of this check"><table class="stack"><thead><tr><th scope="col">Verdict</th><th scope="col">Object</th><th scope="col">Says</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
