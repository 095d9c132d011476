import type { Paint } from '../report/report.ts';

const same = (text: string): string => text;

/** No colours: text as it is. */
export const PLAIN: Paint = { bold: same, dim: same, red: same, yellow: same, green: same };
