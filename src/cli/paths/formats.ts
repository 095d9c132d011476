import { htmlPage } from '../../report/html/page.ts';
import { pathsDot } from '../../report/paths/dot.ts';
import { pathsMarkdown } from '../../report/paths/markdown.ts';
import { pathsPage } from '../../report/paths/page.ts';
import type { PathsReport } from '../../report/paths/paths-report.ts';
import { pathsSvgDocument } from '../../report/paths/svg-document.ts';
import { VERSION } from '../version.ts';

/** Formats in which paths are drawn or told for other readers than a terminal's. */
export const PATHS_FORMATS = ['html', 'svg', 'markdown', 'dot'] as const;
/** One of these formats. */
export type PathsFormat = (typeof PATHS_FORMATS)[number];

/** How the answer was asked for, for the commands a page suggests. */
export interface Asked {
  readonly calledAs: string;
  /** The command with its flags, format left out. */
  readonly invocation: string;
  readonly next?: Parameters<typeof pathsPage>[1];
}

/** An answer of `paths` in one of these formats. */
export function formatPaths(
  report: PathsReport,
  format: PathsFormat,
  { calledAs, invocation, next = [] }: Asked,
): string {
  switch (format) {
    case 'markdown':
      return pathsMarkdown(report);
    case 'dot':
      return pathsDot(report.answer);
    case 'svg':
      return pathsSvgDocument(report);
    case 'html': {
      const content = { command: 'paths', source: report.source, ...pathsPage(report, next) };
      return htmlPage(content, { calledAs, version: VERSION, invocation });
    }
  }
}
