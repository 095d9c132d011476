import fc from 'fast-check';

/**
 * Set-up file of the unit and lab tests: random inputs are the same in every run, so that a red run is about the change and not
 * about luck. `SEAWORTHY_SEED=random` (or a number) draws others; the long tests always do.
 */
const asked = process.env['SEAWORTHY_SEED'] ?? '20260401';
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) });
