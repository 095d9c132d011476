/** Prints each check as it is made and counts them. */
export interface Tally {
  step(title: string): void;
  check(what: string, passed: boolean, otherwise?: string): void;
  /** Something that this cluster doesn't allow to be tried: neither passed nor failed, and said. */
  notTried(what: string): void;
  readonly passed: number;
  readonly failed: number;
}

export function createTally(print: (line: string) => void): Tally {
  const begun = performance.now();
  let passed = 0;
  let failed = 0;
  return {
    step: (title) => print(`== ${title} (${((performance.now() - begun) / 1000).toFixed(0)} s)`),
    check(what, ok, otherwise = '') {
      if (ok) passed++;
      else failed++;
      print(ok ? `ok    ${what}` : `FAIL  ${what}${otherwise === '' ? '' : `: ${otherwise}`}`);
    },
    notTried: (what) => print(`--    not tried: ${what}`),
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
  };
}
