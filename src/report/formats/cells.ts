import { formatPosition } from '../../model/errors.ts';
import { formatAcceptance } from '../wording.ts';
import type { Result } from '../report.ts';

/** What the formats of rows say of a result, column by column. */
export const COLUMNS = [
  'verdict',
  'severity',
  'rule',
  'about',
  'level',
  'at',
  'field',
  'message',
  'because',
  'accepted',
  'id',
] as const;

/** One of these columns. */
export type Column = (typeof COLUMNS)[number];

/** A result as text, a column at a time. */
export function cellsOf(result: Result): Readonly<Record<Column, string>> {
  const { word, severity, rule, about, level, at, path, message, because, accepted, id } = result;
  const [first] = because.map(({ says }) => says).filter((says) => says !== message);
  return {
    verdict: word,
    severity,
    rule,
    about,
    level,
    at: at === undefined ? '' : formatPosition(at),
    field: path ?? '',
    message,
    because: first ?? '',
    accepted: accepted === undefined ? '' : formatAcceptance(accepted),
    id,
  };
}
