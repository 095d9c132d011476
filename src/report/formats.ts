import type { ReportFormat } from './format.ts';
import { json } from './json.ts';
import { terminal } from './terminal.ts';

/** Every format of a report; the first is the default. A new one is a file and a line here. */
export const FORMATS: readonly ReportFormat[] = [terminal, json];
