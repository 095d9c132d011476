import { formatPorts, type NetworkAnalysis } from '../../analysis/network/index.ts';
import { formatPeer } from '../../analysis/network/answers/report.ts';
import { formatRef } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { htmlPage } from '../html/page.ts';
import { breakable, escapeHtml as e } from '../html/escape.ts';
import { coverageSection, nextSection, reasons } from '../html/parts.ts';
import { reachabilitySection } from './section.ts';
import { reachMatrix } from './matrix.ts';
import { plural } from '../wording.ts';
import type { RenderOptions, Section } from '../report.ts';

/** The page of `reach`: the matrix, the ways in from outside, and what could not be read or is left open. */
export function reachPage(
  { snapshot, analysis }: { readonly snapshot: Snapshot; readonly analysis: NetworkAnalysis },
  options: Pick<RenderOptions, 'calledAs' | 'version' | 'invocation'>,
  next: Parameters<typeof nextSection>[0],
): string {
  const source = snapshot.source.description;
  const problems = analysis.problems.map(({ object, path, message }) => `${formatRef(object)} ${path}: ${message}`);
  const sum = `${plural(analysis.workloads.length, 'workload')}, ${plural(analysis.policies.length, 'policy', 'policies')}, profile ${analysis.profile}.`;
  return htmlPage(
    {
      command: 'reach',
      source,
      lead: `<p class="product">Seaworthy · reachability</p><h1>${breakable(source)}</h1><p class="verdict">${e(sum)}</p>`,
      sections: [
        reachabilitySection(reachMatrix(analysis)),
        exposureSection(analysis.exposures()),
        coverageSection(snapshot.coverage, [...problems, ...analysis.gaps.map(({ says }) => says)]),
        nextSection(next),
      ],
    },
    options,
  );
}

function exposureSection(exposures: ReturnType<NetworkAnalysis['exposures']>): Section {
  const rows = exposures.map(
    ({ workload, via, by, ports, verdict, because }) =>
      `<tr><td>${e(formatPeer({ kind: 'workload', ref: workload }))}</td><td>${e(via)}</td><td>${e(formatRef(by))}</td><td>${e(formatPorts(ports))}</td><td>${e(verdict)}<details><summary>because</summary>${reasons(because)}</details></td></tr>`,
  );
  return {
    id: 'exposed',
    heading: 'Ways in from outside',
    nav: 'Ways in',
    html:
      rows.length === 0
        ? '<p>No Service, route or port of a node leads to a workload from outside.</p>'
        : `<div class="scroll" tabindex="0" role="region" aria-label="Ways in from outside"><table><thead><tr><th scope="col">Workload</th><th scope="col">Through</th><th scope="col">Opened by</th><th scope="col">Ports</th><th scope="col">Policies say</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
  };
}
