import { createHash } from 'node:crypto';
import type { RenderOptions, Section } from '../report.ts';
import { escapeHtml as e } from './escape.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { STYLE } from './style.ts';

/** What a page shows: which command found it, where, and its parts. */
export interface PageContent {
  readonly command: string;
  readonly source: string;
  readonly lead: string;
  readonly sections: readonly Section[];
}

/**
 * One self-contained page. No request leaves it, by its own policy too: only this style and these scripts may run.
 * Everything it says can be read without its scripts.
 */
export function htmlPage(
  { command, source, lead, sections }: PageContent,
  options: Pick<RenderOptions, 'calledAs' | 'version' | 'invocation'>,
): string {
  const scripts = [PAGE_SCRIPT, ...sections.flatMap(({ script }) => script ?? [])];
  const allowed = scripts.map(hashOf).join(' ');
  const policy = `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${allowed}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Seaworthy ${e(command)}: ${e(source)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the report</a>
<header>${lead}</header>
<nav aria-label="Sections"><ul>${sections.map(({ id, nav }) => `<li><a href="#${id}">${e(nav)}</a></li>`).join('')}</ul></nav>
<main id="content">
${sections.map(({ id, heading, html: body }) => `<section id="${id}" aria-labelledby="${id}-heading"><h2 id="${id}-heading">${e(heading)}</h2>\n${body}</section>`).join('\n')}
</main>
<footer><p>Written by seaworthy ${e(options.version)}. The same results for programs: <code>${e(`${options.calledAs} ${options.invocation} -o json`)}</code></p></footer>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

/** A source expression of Content-Security-Policy that allows exactly this text. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
