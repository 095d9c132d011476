import type { ExperimentRun } from '../../src/experiments/design/run-record.ts';
import type { Because, EvidenceLevel, Verdict } from '../../src/model/because.ts';
import type { VerificationReport } from '../../src/report/types.ts';
import { BELIEFS } from './beliefs.ts';
import { SHOP } from './shop.ts';
import type { Tally } from './tally.ts';

/** Every verdict predicted for these levels against the one found, and no verdict of another kind. */
export function checkVerdicts(report: VerificationReport, levels: readonly EvidenceLevel[], tally: Tally): void {
  for (const [name, { expected }] of Object.entries(BELIEFS)) {
    const judged = report.claims.find(({ claim }) => claim === `${SHOP}/${name}`);
    for (const level of levels) {
      const wanted = expected[level];
      if (wanted === undefined) continue;
      const found = judged?.evidence.find((evidence) => evidence.level === level);
      const says = found === undefined ? 'no evidence' : `${found.verdict} because ${words(found.because)}`;
      tally.check(`${name}: ${level} ${wanted}`, found?.verdict === wanted, `it is ${says}`);
    }
  }
}

/** A run that bit, came to its end, found what was predicted, saw the claim hold again, and left nothing behind. */
export function checkRun(run: ExperimentRun, wanted: Verdict, tally: Tally): void {
  tally.check(`it ran to its end`, run.state === 'completed', `${run.state}: ${run.because ?? ''}`);
  for (const { fault, says, bit } of run.faults) tally.check(`${fault} bit: ${bit.says}`, bit.bit === true, says);
  for (const { claim, verdict, because } of run.verdicts) {
    tally.check(`${claim} is ${wanted} under fault`, verdict === wanted, `it is ${verdict} because ${words(because)}`);
    const last = run.series
      .filter((series) => series.claim === claim && series.group === 'all')
      .flatMap(({ points }) => points)
      .filter(({ phase }) => phase === 'after')
      .at(-1);
    tally.check(`${claim} holds again afterwards`, last?.verdict === 'holds', last?.says ?? 'it was not looked at');
  }
  const residue = run.residue.map(({ what }) => what).join('; ');
  tally.check('nothing is left behind', run.residue.length === 0, residue);
}

function words(because: readonly Because[]): string {
  return because.map((one) => ('says' in one ? one.says : JSON.stringify(one))).join('; ');
}
