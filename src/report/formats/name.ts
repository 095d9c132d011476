import type { ReportFormat } from '../report.ts';
import { safeForTerminal } from '../wording.ts';

/** Verdict, rule and subject of each result on a line of its own, for scripts. */
export const name: ReportFormat = {
  id: 'name',
  title: 'Scripts',
  render: ({ results }) =>
    safeForTerminal(results.map(({ word, rule, about }) => `${word} ${rule} ${about}\n`).join('')),
};
