import type { Section } from '../report.ts';
import type { ReachMatrix } from '../types.ts';
import { escapeHtml as e } from '../html/escape.ts';
import { MATRIX_SCRIPT } from './matrix-script.ts';

/** Up to so many connections the table of all of them is part of the page; above, the matrix answers for one workload. */
const LISTED_CONNECTIONS = 500;

/** Who reaches whom: drawn, walked by keyboard, and in words. */
export function reachabilitySection(matrix: ReachMatrix): Section {
  const { workloads, profile, exact } = matrix;
  const head = { id: 'reach', heading: 'Who reaches whom', nav: 'Reachability' };
  if (workloads.length === 0) return { ...head, html: '<p>Nothing here runs pods.</p>' };
  const empty = exact ? 'no connection' : 'no certain connection: closed, or not decided';
  return {
    ...head,
    html: `<p class="dim">${workloads.length} workloads, profile ${e(profile)}. Rows connect to columns.</p>
<div class="screen"><ul class="legend"><li><span class="key all"></span>every port</li><li><span class="key some"></span>some ports</li><li><span class="key maybe">?</span>undecided</li><li><span class="key"></span>${empty}</li></ul>
<div class="tools" id="matrix-tools" hidden><label>Rows <select id="rows"></select></label><label>Columns <select id="columns"></select></label></div>
<div id="grid" tabindex="0" role="group" aria-label="Matrix of ${workloads.length} workloads. Arrow keys move from cell to cell, Page Up and Page Down by ten, Home and End to the ends of the row." aria-describedby="cell"><canvas id="matrix" aria-hidden="true"></canvas><div id="space"></div></div>
<p id="cell" role="status" aria-live="polite" aria-atomic="true">Point at a cell, or focus the matrix and use the arrow keys.</p>
<div class="tools" id="ask" hidden><label>In words: one workload <select id="one"></select></label></div><div id="words" aria-live="polite"></div>
<noscript><p>The matrix needs the scripts of this page; <code>seaworthy reach</code> prints the same as text.</p></noscript></div>
${connectionTable(matrix)}
<script type="application/json" id="matrix-data">${embedded(matrix)}</script>`,
    script: MATRIX_SCRIPT,
  };
}

function connectionTable(matrix: ReachMatrix): string {
  const rows: string[] = [];
  for (const { from, to, says } of connectionsOf(matrix)) {
    if (rows.length >= LISTED_CONNECTIONS) return '';
    rows.push(`<tr><td>${e(from)}</td><td>${e(to)}</td><td>${e(says)}</td></tr>`);
  }
  return `<details class="more"><summary>The same as a table: ${rows.length} connections</summary><div class="scroll" tabindex="0" role="region" aria-label="Connections"><table><thead><tr><th scope="col">From</th><th scope="col">To</th><th scope="col">Ports</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></details>`;
}

function* connectionsOf({ workloads, ports, patterns, rows }: ReachMatrix) {
  for (const [row, pattern] of rows.entries()) {
    let column = 0;
    const runs = patterns[pattern] ?? [];
    for (let at = 0; at < runs.length; at += 2) {
      const [count = 0, value = 0] = [runs[at], runs[at + 1]];
      const says = value === 1 ? '? undecided' : (ports[value] ?? '');
      const end = column + count;
      if (value === 0) column = end;
      for (; column < end; column++) {
        if (row !== column) yield { from: workloads[row] ?? '', to: workloads[column] ?? '', says };
      }
    }
  }
}

/** JSON that can stand inside a script element. */
function embedded(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
