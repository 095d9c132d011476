/**
 * The sign-flip e-process for randomised switchback experiments. Time is cut into pairs of blocks and a fair coin
 * decides which block of a pair has the fault. If the fault does nothing, swapping the two blocks changes nothing,
 * so the sign of each difference is a fair coin too, given its size and all that went before, however strongly
 * the measurements depend on each other in time. For any stake, exp(stake·d) / cosh(stake·d) then has mean one:
 * the product is a test martingale, and by Ville's inequality it exceeds 1/alpha with probability alpha at most,
 * no matter when or how often one looks.
 * Ham, Bojinov, Lindon, Tingley, "Design-based confidence sequences" (arXiv 2210.08639) gives the setting.
 */
export interface SignFlipProcess {
  /** Adds the difference (fault minus no fault) of the next pair. */
  add(difference: number): SignFlipProcess;
  readonly pairs: number;
  /** Evidence that the fault raises the measured value; 1 is none, 1/alpha is enough. */
  readonly eValue: number;
}

/** Stakes in units of the typical size of a difference; the process is their equal mixture. */
const STAKES = [0.25, 0.5, 1, 2, 4] as const;

/** The process before its first pair. */
export function signFlipProcess(): SignFlipProcess {
  return after(
    [],
    STAKES.map(() => 0),
  );
}

function after(sizes: readonly number[], logarithms: readonly number[]): SignFlipProcess {
  return {
    pairs: sizes.length,
    eValue: logarithms.reduce((sum, logarithm) => sum + Math.exp(logarithm), 0) / STAKES.length,
    add(difference) {
      const known = [...sizes, Math.abs(difference)];
      // The scale may use the size of this very difference: only its sign is random under the null.
      const scale = median(known.filter((size) => size > 0));
      if (difference === 0 || scale === 0) return after(known, logarithms);
      return after(
        known,
        logarithms.map((logarithm, index) => {
          const staked = ((STAKES[index] ?? 0) * difference) / scale;
          return logarithm + staked - logCosh(staked);
        }),
      );
    },
  };
}

/** log(cosh(x)) without overflow. */
function logCosh(x: number): number {
  const size = Math.abs(x);
  return size + Math.log1p(Math.exp(-2 * size)) - Math.LN2;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
