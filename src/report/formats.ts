import { csv } from './csv.ts';
import type { ReportFormat } from './format.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { sarif } from './sarif.ts';
import { terminal } from './terminal.ts';

/** Every format of a report; the first is the default. A new one is a file and a line here. */
export const FORMATS: readonly ReportFormat[] = [terminal, json, html, markdown, junit, sarif, csv];
