const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const DECIMAL: readonly (readonly [suffix: string, exponent: number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
];
const FORM = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d+))$/;

/** Value of a quantity in thousandths of its unit, rounded up; undefined when it is not one. */
export function milliValue(written: string): bigint | undefined {
  const nano = nanoValue(written);
  if (nano === undefined) return undefined;
  const milli = nano.value / 1_000_000n;
  return nano.value > milli * 1_000_000n ? milli + 1n : milli;
}

interface Parsed {
  readonly value: bigint;
  readonly format: 'binary' | 'decimal' | 'exponent';
}

/** In billionths, so that `0.5`, `500m` and `1n` are whole. */
function nanoValue(written: string): Parsed | undefined {
  const found = FORM.exec(written);
  if (!found) return undefined;
  const [, sign, digits = '', binary, decimal, exponent] = found;
  const [whole = '', fraction = ''] = digits.split('.');
  let value = BigInt(whole + fraction);
  let power = 9 - fraction.length;
  let format: Parsed['format'] = 'decimal';
  if (binary !== undefined) {
    value *= 1024n ** BigInt(BINARY.indexOf(binary as (typeof BINARY)[number]));
    format = 'binary';
  } else if (exponent !== undefined) {
    power += Number(exponent);
    format = 'exponent';
  } else {
    power += DECIMAL.find(([suffix]) => suffix === decimal)?.[1] ?? 0;
  }
  value = power >= 0 ? value * 10n ** BigInt(power) : divideUp(value, 10n ** BigInt(-power));
  return { value: sign === '-' ? -value : value, format };
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/**
 * The canonical form in which the API server gives a quantity back (`1000m` as `1`, `0.5` as `500m`, `1024Mi` as
 * `1Gi`): no fraction, the largest suffix. Undefined when the text is no quantity. Source: apimachinery/pkg/api/resource.
 */
export function canonicalQuantity(written: string | number): string | undefined {
  const parsed = nanoValue(String(written));
  if (!parsed) return undefined;
  const { value, format } = parsed;
  if (value === 0n) return '0';
  const unit = 1_000_000_000n;
  if (format === 'binary' && value % unit === 0n && abs(value) >= 1024n * unit) {
    let rest = value / unit;
    let step = 0;
    while (rest % 1024n === 0n && step < BINARY.length - 1) {
      rest /= 1024n;
      step++;
    }
    return `${rest}${BINARY[step]}`;
  }
  let rest = value;
  let exponent = -9;
  while (rest % 1000n === 0n && exponent < 18) {
    rest /= 1000n;
    exponent += 3;
  }
  if (format === 'exponent') return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
  return `${rest}${DECIMAL.find(([, e]) => e === exponent)?.[0] ?? ''}`;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
