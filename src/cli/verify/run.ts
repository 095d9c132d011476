import type { Command } from 'commander';
import type { EvidenceLevel } from '../../model/because.ts';
import { experimentReport } from '../../report/experiment-report.ts';
import { compare, marked } from '../../report/comparison.ts';
import { formatReport } from '../../report/formats/index.ts';
import { claimPaths, type Fixer } from '../../report/paths/claim-paths.ts';
import { reachMatrix } from '../../report/reach/matrix.ts';
import { tripped, type Threshold } from '../../report/thresholds.ts';
import type { Comparison, VerificationReport } from '../../report/types.ts';
import { reportOfVerification } from '../../report/report-of.ts';
import { verificationReport } from '../../report/verification-report.ts';
import { loadConfiguration } from '../config/load.ts';
import { withCluster } from '../experiment/context.ts';
import type { Io } from '../io.ts';
import { stylesFor, writeFileSafely, type OutputFormat } from '../output.ts';
import { invocationOf, printReport, quoted } from '../print-report.ts';
import { boundedFix } from '../paths/bounded-fix.ts';
import { ensureWritable, formatOfFile } from '../report-file.ts';
import { openSource, readRecorded, type SourceOptions } from '../input/source-options.ts';
import { VERSION } from '../version.ts';
import { readBaseline } from './baseline.ts';
import { readExperimentFiles } from '../input/experiment-files.ts';
import { allowLevel } from './levels.ts';
import { withGuard } from '../experiment/guard.ts';
import { gatherEvidence, type LiveEvidence } from './live-evidence.ts';
import { openOther } from '../input/other-source.ts';
import { claimsFor, factsOf, readClaimFiles } from '../input/claim-files.ts';
import { verify, type Verified } from './verify.ts';

/** Flags of `verify`. */
export interface VerifyOptions extends SourceOptions {
  readonly output: OutputFormat;
  readonly claims?: readonly string[];
  readonly derive: boolean;
  readonly against?: string;
  readonly level: EvidenceLevel;
  readonly failOn?: readonly Threshold[];
  readonly failOnIncomplete?: boolean;
  readonly baseline?: string;
  readonly reproducible?: boolean;
  readonly breakIn?: readonly string[];
  readonly experiments?: readonly string[];
  readonly report?: readonly string[];
}

/** A report waits no longer for what would cut the paths of one claim; `paths fix` looks longer. */
const FIX_BOUNDS = { exactMs: 1_000, mostMs: 2_000 } as const;

/** Judges the claims of one source on all evidence asked for, and prints what was found. The whole of `verify`. */
export async function runVerify(options: VerifyOptions, program: Command, io: Io): Promise<void> {
  const { level, breakIn = [] } = options;
  const files = (options.report ?? []).map((file) => ({ file, format: formatOfFile(file) }));
  for (const { file } of files) await ensureWritable(file, io);
  const given = await readClaimFiles(options.claims ?? [], io);
  const experiments = await readExperimentFiles(options.experiments ?? [], io);
  const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline, io);
  const configuration = loadConfiguration(io);
  const snapshot = await openSource(options, io);
  const recorded = await readRecorded(options, io);
  allowLevel(level, snapshot, { experiments: experiments.length, breakIn });
  const facts = factsOf(snapshot, io);
  const claims = claimsFor(facts, given, options.derive);
  const live: LiveEvidence =
    level === 'observed' || level === 'proven'
      ? await withCluster(options, io, (client) =>
          withGuard(options, io, (guard) =>
            gatherEvidence(client, { claims, facts, level, experiments, breakIn, recorded, guard }, io),
          ),
        )
      : { evidence: new Map(), runs: [] };
  const now = io.now().toISOString();
  const verified = verify(facts, { claims, evidence: live.evidence, now, configuration });
  const other =
    options.against === undefined ? undefined : await against(options.against, options, verified, given, io);
  const compared = other ?? (baseline && compare(baseline, verified, options.baseline ?? ''));
  // What is found within a time is not the same on every machine.
  const fixer: Fixer = (pairs) => boundedFix(snapshot, pairs, given, FIX_BOUNDS);
  const report = verificationReport({
    snapshot,
    level,
    ...verified,
    findings: compared ? marked(verified.findings, compared) : verified.findings,
    attackPaths: claimPaths(claims, verified.claims, facts, options.reproducible === true ? undefined : fixer),
    ...(options.reproducible === true ? {} : { generatedAt: now }),
    ...(compared ? { comparison: compared } : {}),
    ...(live.runs.length > 0 ? { experiments: live.runs.map((run) => experimentReport(run, verified.claims)) } : {}),
  });
  const described = reportOfVerification(report, verified.ran, () => reachMatrix(facts.network));
  const claimed = (options.claims ?? []).map((file) => `--claims ${quoted(file)}`);
  const invocation = invocationOf('verify', options, claimed);
  await printReport(described, options.output, { program, io, invocation });
  for (const { file, format } of files) {
    const plain = stylesFor(io, io.stdout, 'never');
    const rendered = { calledAs: program.name(), version: VERSION, paint: plain, width: 120, invocation };
    await writeFileSafely(file, formatReport(described, format, rendered), io.cwd);
  }
  setExit(report, options, io);
}

/** The same judgement of another source, compared with this one. */
async function against(
  source: string,
  options: VerifyOptions,
  now: Verified,
  given: Parameters<typeof claimsFor>[1],
  io: Io,
): Promise<Comparison> {
  const facts = factsOf(await openOther(source, options, io), io);
  const before = verify(facts, {
    claims: claimsFor(facts, given, options.derive),
    now: io.now().toISOString(),
    configuration: loadConfiguration(io),
  });
  return compare({ ...before, network: facts.network }, { ...now, network: now.facts.network }, source);
}

function setExit(report: VerificationReport, options: VerifyOptions, io: Io): void {
  if (options.failOnIncomplete === true && !report.summary.complete) {
    io.stderr.write('--fail-on-incomplete: something could not be read or judged\n');
    io.exitCode = 3;
  }
  for (const threshold of options.failOn ?? []) {
    const found = tripped(report, threshold);
    if (found === undefined) continue;
    io.stderr.write(`--fail-on ${threshold}: ${found}\n`);
    io.exitCode = 1;
  }
}
