import type { Command } from 'commander';
import { claimId, type Claim } from '../../claims/claim.ts';
import { deriveClaims } from '../../claims/derive/index.ts';
import { statementOf } from '../../claims/judge.ts';
import { lintClaims } from '../../claims/lint.ts';
import { readClaims } from '../../claims/read-claims.ts';
import { claimDocument } from '../../claims/write-claim.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { formatPosition } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { Io } from '../io.ts';
import { repeated } from '../input/option-values.ts';
import { addOutputOption, formatTable, printDocument, write, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';
import { claimsFor, factsOf, readClaimFiles, readClaimText } from '../input/claim-files.ts';

interface ClaimsOptions extends SourceOptions {
  readonly output: OutputFormat;
  readonly claims?: readonly string[];
}

/** `claims`: the beliefs the configuration implies, those that are written down, and what is wrong with them. */
export function registerClaims(program: Command, io: Io): void {
  const claims = program.command('claims').description('the beliefs that are judged: derived, listed, linted');
  withSource(claims, 'derive', 'the beliefs the configuration implies, as documents to keep and edit').action(
    async (options: ClaimsOptions) => {
      const facts = factsOf(await openSource(options, io), io);
      await print(deriveClaims(facts), options.output, io);
    },
  );
  withSource(claims, 'list', 'every claim verify would judge')
    .option('--claims <file>', 'claims to list beside the derived ones (repeatable)', repeated)
    .action(async (options: ClaimsOptions) => {
      const given = await readClaimFiles(options.claims ?? [], io);
      await print(claimsFor(factsOf(await openSource(options, io), io), given, true), options.output, io);
    });
  withSource(claims, 'lint', 'claims that are broken, select nothing, or contradict each other')
    .requiredOption('--claims <file>', 'claims to lint (repeatable)', repeated)
    .action((options: ClaimsOptions) => lint(options, io));
}

function withSource(parent: Command, name: string, description: string): Command {
  return addOutputOption(addSourceOptions(parent.command(name).description(description)), [
    'table',
    'json',
    'yaml',
    'name',
  ]);
}

async function print(claims: readonly Claim[], format: OutputFormat, io: Io): Promise<void> {
  const document = {
    apiVersion: API_VERSION,
    kind: 'ClaimList',
    items: claims.map(claimDocument),
    derivations: claims
      .filter(({ derivedFrom }) => derivedFrom.length > 0)
      .map((claim) => ({ claim: claimId(claim), from: claim.derivedFrom, rationale: claim.rationale })),
  };
  if (await printDocument(io, format, document)) return;
  if (format === 'name') return write(io.stdout, claims.map((claim) => `${claimId(claim)}\n`).join(''));
  const rows = claims.map((claim) => [
    claimId(claim),
    claim.kind,
    claim.severity,
    statementOf(claim),
    claim.derivedFrom.slice(0, 2).map(formatRef).join(', '),
  ]);
  await write(io.stdout, formatTable(['CLAIM', 'KIND', 'SEVERITY', 'STATEMENT', 'DERIVED FROM'], rows));
}

async function lint(options: ClaimsOptions, io: Io): Promise<void> {
  const read = await Promise.all(
    (options.claims ?? []).map(async (file) => readClaims(await readClaimText(file, io), file)),
  );
  const problems = read.flatMap((one) => one.problems);
  const facts = factsOf(await openSource(options, io), io);
  const claims = read.flatMap((one) => one.claims);
  const lints = lintClaims(claims, facts);
  const results = [
    ...problems.map(({ code, message, hint, at }) => ({
      lint: code,
      says: message,
      ...(hint === undefined ? {} : { hint }),
      ...at,
    })),
    ...lints,
  ];
  if (results.length > 0) io.exitCode = problems.length > 0 ? 2 : 0;
  const document = { apiVersion: API_VERSION, kind: 'ClaimList', items: claims.map(claimDocument), results };
  if (await printDocument(io, options.output, document)) return;
  const lines = results.map((result) => {
    const place =
      result.file === undefined
        ? ''
        : `${formatPosition({ file: result.file, ...(result.line === undefined ? {} : { line: result.line }) })}: `;
    const about = 'claim' in result ? `claim ${result.claim}: ` : '';
    const hint = 'hint' in result ? ` (${result.hint})` : '';
    return `${place}${result.lint}: ${about}${result.says}${hint}\n`;
  });
  await write(io.stdout, lines.length === 0 ? 'nothing to complain about\n' : lines.join(''));
}
