const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** Matches what `parseDuration` reads: `90s`, `1h30m`, `250ms`, `7d`. */
export const DURATION_PATTERN = DURATION;

/** Milliseconds of `90s`, `1h30m`, `250ms` or `7d` (a day is 24 hours); undefined for anything else. */
export function parseDuration(written: string): number | undefined {
  if (!DURATION.test(written)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of written.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    sum += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return sum;
}

/** The shortest way to write a duration for a person: `36h` as `1d12h`, `90000` ms as `1m30s`, at most two units. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(ms));
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNIT_MS[unit] ?? 1;
    const whole = Math.floor(rest / size);
    if (whole === 0 && !(unit === 'ms' && parts.length === 0)) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(`${whole}${unit}`);
    rest -= whole * size;
    if (parts.length === 2 || rest === 0) break;
  }
  return parts.join('');
}
