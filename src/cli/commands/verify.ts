import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Evidence } from '../../claims/types.ts';
import { EVIDENCE_LEVELS, type EvidenceLevel } from '../../model/because.ts';
import type { ExperimentRun } from '../../experiments/design/run-record.ts';
import { experimentReport } from '../../report/experiment-report.ts';
import { compare, marked } from '../../report/comparison.ts';
import { reachMatrix } from '../../report/reachability.ts';
import { tripped, THRESHOLDS, type Threshold } from '../../report/thresholds.ts';
import type { Comparison, VerificationReport } from '../../report/types.ts';
import { reportOfVerification, verificationReport } from '../../report/verification.ts';
import { loadConfiguration } from '../config/load.ts';
import type { Io } from '../io.ts';
import { addOutputOption, type OutputFormat } from '../output.ts';
import { invocationOf, printReport, quoted, REPORT_FORMATS } from '../print-report.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../source-options.ts';
import { readBaseline } from '../verify/baseline.ts';
import { openOther } from '../verify/other-source.ts';
import { allowLevel, probersFor } from '../verify/probers.ts';
import { withCluster } from '../experiment/context.ts';
import { claimsFor, factsOf, readClaimFiles, verify, type Verified } from '../verify/session.ts';

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
}

/** `verify`: are the claims true, on which evidence. The main job. */
export function registerVerify(program: Command, io: Io): void {
  const command = program
    .command('verify')
    .description('are the claims (given, or derived from the configuration) true, and on which evidence')
    .option('--claims <file>', 'claims to judge (repeatable); derived ones are judged too', collect)
    .option('--no-derive', 'judge only the claims given')
    .option('--against <source>', 'what changed: another file, directory, snapshot or git revision to compare with')
    .addOption(
      new Option('--level <level>', 'strongest evidence to look for; beyond analysed the live cluster is touched')
        .choices(EVIDENCE_LEVELS.slice(1))
        .default('analysed'),
    )
    .option('--break-in <namespaces>', 'where level proven may break things on purpose (comma-separated)', words)
    .option('--fail-on <what>', `exit 1 when there is any of: ${THRESHOLDS.join(', ')} (comma-separated)`, thresholds)
    .option('--fail-on-incomplete', 'exit 3 when something could not be read or judged')
    .option('--baseline <file>', 'an earlier report (-o json): findings that are not in it are new')
    .option('--reproducible', 'leave out the time of the report');
  addOutputOption(addSourceOptions(command), REPORT_FORMATS);
  command.action(async (options: VerifyOptions) => {
    const given = await readClaimFiles(options.claims ?? [], io);
    const baseline = options.baseline === undefined ? undefined : await readBaseline(options.baseline, io);
    const snapshot = await openSource(options, io);
    const facts = factsOf(snapshot, io);
    const claims = claimsFor(facts, given, options.derive);
    const evidence = new Map<string, Evidence[]>();
    const breakIn = options.breakIn ?? [];
    allowLevel(options.level, snapshot, breakIn);
    const runs: ExperimentRun[] = [];
    if (options.level === 'observed' || options.level === 'proven') {
      await withCluster(options, io, async (client) => {
        const probing = { level: options.level, breakIn, onRun: (run: ExperimentRun) => void runs.push(run) };
        for (const prober of await probersFor(client, snapshot, probing, io)) {
          io.stderr.write(`${prober.announcement}\n`);
          for await (const found of prober.observe(claims, io.signal)) {
            evidence.set(found.claim, [...(evidence.get(found.claim) ?? []), found.evidence]);
          }
        }
      });
    }
    const now = io.now().toISOString();
    const verified = verify(facts, { claims, evidence, now, configuration: loadConfiguration(io) });
    const other =
      options.against === undefined ? undefined : await against(options.against, options, verified, given, io);
    const compared = other ?? (baseline && compare(baseline, verified, options.baseline ?? ''));
    const report = verificationReport({
      snapshot,
      level: options.level,
      ...verified,
      findings: compared ? marked(verified.findings, compared) : verified.findings,
      ...(options.reproducible === true ? {} : { generatedAt: now }),
      ...(compared ? { comparison: compared } : {}),
      ...(runs.length > 0 ? { experiments: runs.map((run) => experimentReport(run, verified.claims)) } : {}),
    });
    const described = reportOfVerification(report, verified.ran, () => reachMatrix(facts.network));
    const claimed = (options.claims ?? []).map((file) => `--claims ${quoted(file)}`);
    await printReport(described, options.output, { program, io, invocation: invocationOf('verify', options, claimed) });
    setExit(report, options, io);
  });
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

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function words(value: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...value
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ];
}

function thresholds(value: string, before: readonly Threshold[] = []): readonly Threshold[] {
  const asked = value.split(',').map((word) => word.trim());
  const wrong = asked.find((word) => !(THRESHOLDS as readonly string[]).includes(word));
  if (wrong !== undefined) throw new InvalidArgumentError(`${wrong} is none of ${THRESHOLDS.join(', ')}.`);
  return [...before, ...(asked as Threshold[])];
}
