import { isRecord, list, record } from '../../model/json.ts';
import { messageOf, SeaworthyError } from '../../model/errors.ts';
import type { Side } from '../../report/comparison.ts';
import type { VerificationReport } from '../../report/types.ts';
import { readInputText } from '../input/input-file.ts';
import type { Io } from '../io.ts';

const HINT = "A baseline is what 'verify -o json' wrote earlier.";

/** An earlier report written with `-o json`. Throws SW_BASELINE_INVALID. */
export async function readBaseline(file: string, io: Io): Promise<Side> {
  const fail = (says: string, cause?: unknown): never => {
    throw new SeaworthyError('SW_BASELINE_INVALID', `${file} is no baseline: ${says}`, {
      hint: HINT,
      cause,
    });
  };
  const text = await readInputText(file, io, { code: 'SW_BASELINE_INVALID', hint: HINT });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    return fail(messageOf(cause), cause);
  }
  const report = record(parsed);
  if (report['kind'] !== 'VerificationReport') return fail('it is not a VerificationReport');
  const whole = [...list(report['claims']), ...list(report['findings'])].every(isRecord);
  if (!whole) return fail('its claims or findings are damaged');
  const { claims, findings } = parsed as VerificationReport;
  return { claims: claims ?? [], findings: findings ?? [] };
}
