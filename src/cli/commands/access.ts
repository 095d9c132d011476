import type { Command } from 'commander';
import {
  analyseAccess,
  describeRule,
  diffAccess,
  formatSubject,
  requesterOf,
  unusedGrants,
  type Grant,
} from '../../analysis/access/index.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { formatRef } from '../../model/object.ts';
import { readAuditLog } from '../access/audit-log.ts';
import { coverageOf, grantDocument } from '../access/documents.ts';
import type { Io } from '../io.ts';
import { addOutputOption, formatTable, printDocument, write, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';
import { openOther } from '../input/other-source.ts';

interface AccessOptions extends SourceOptions {
  readonly output: OutputFormat;
}

/** `access`: everything a subject may do, what a change gives and takes, which grants nobody uses. */
export function registerAccess(program: Command, io: Io): void {
  const access = program.command('access').description('what subjects may do, what a change gives, what nobody uses');
  registerList(access, io);
  registerDiff(access, io);
  registerUnused(access, io);
}

const collect = (group: string, before?: readonly string[]): readonly string[] => [...(before ?? []), group];

function registerList(parent: Command, io: Io): void {
  const command = parent
    .command('list')
    .description('every rule that holds for a subject, with the binding and role it comes from')
    .requiredOption('--as <user>', 'whose rules')
    .option('--as-group <group>', 'a group the user is in (repeatable)', collect)
    .option('-n, --namespace <name>', 'namespace; without it, the rules that hold everywhere');
  addOutputOption(addSourceOptions(command, { impersonation: false, namespace: false }), ['table', 'json', 'yaml']);
  command.action(async ({ as = '', asGroup, namespace = '', ...options }: AccessOptions) => {
    const snapshot = await openSource(options, io);
    const access = analyseAccess(snapshot);
    const requester = requesterOf(as, asGroup);
    const { grants, unknown } = access.rulesFor(requester, namespace);
    const document = {
      apiVersion: API_VERSION,
      kind: 'AccessRules',
      requester,
      namespace,
      rules: grants.map(grantDocument),
      unknown,
      coverage: coverageOf(snapshot, access),
    };
    if (await printDocument(io, options.output, document)) return;
    await write(io.stdout, formatTable(['RULE', 'ROLE', 'BINDING'], grants.map(rowOf)));
    for (const { says } of unknown) io.stderr.write(`unknown: there may be more: ${says}\n`);
    for (const note of access.notes) io.stderr.write(`note: ${note}\n`);
  });
}

function registerDiff(parent: Command, io: Io): void {
  const command = parent
    .command('diff')
    .description('rights that subjects gain and lose: -f NEW --against OLD')
    .requiredOption('--against <source>', 'the state before: a file, a directory, a snapshot or a git revision');
  addOutputOption(addSourceOptions(command), ['table', 'json', 'yaml']);
  command.action(async ({ against, ...options }: AccessOptions & { readonly against: string }) => {
    const [after, before] = await Promise.all([openSource(options, io), openOther(against, options, io)]);
    const [now, old] = [analyseAccess(after), analyseAccess(before)];
    const changes = diffAccess(old, now);
    const gaps = [...before.coverage.gaps, ...after.coverage.gaps];
    const document = { apiVersion: API_VERSION, kind: 'AccessDiff', changes, gaps, coverage: coverageOf(after, now) };
    if (await printDocument(io, options.output, document)) return;
    const rows = changes.map(({ change, subject, right, namespace }) => [
      change === 'added' ? '+ added' : '- removed',
      formatSubject(subject),
      right,
      namespace === '' ? 'everywhere' : namespace,
    ]);
    await write(io.stdout, formatTable(['CHANGE', 'SUBJECT', 'RIGHT', 'NAMESPACE'], rows));
    for (const { detail } of gaps) io.stderr.write(`unknown: ${detail}\n`);
  });
}

function registerUnused(parent: Command, io: Io): void {
  const command = parent
    .command('unused')
    .description('grants that no request of an audit log needed')
    .requiredOption('--audit <file>', 'audit log: one event a line');
  addOutputOption(addSourceOptions(command), ['table', 'json', 'yaml']);
  command.action(async ({ audit, ...options }: AccessOptions & { readonly audit: string }) => {
    const log = await readAuditLog(audit, io);
    const snapshot = await openSource(options, io);
    const access = analyseAccess(snapshot);
    const unused = unusedGrants(access, log.used);
    const document = {
      apiVersion: API_VERSION,
      kind: 'UnusedAccess',
      requests: log.requests,
      unused: unused.map(({ grant, subjects }) => ({ ...grantDocument(grant), subjects })),
      coverage: coverageOf(snapshot, access),
    };
    const skipped = log.skipped === 0 ? '' : `; ${log.skipped} lines are no audit events and were left out`;
    io.stderr.write(`note: judged by ${log.requests} requests of ${audit}${skipped}\n`);
    if (await printDocument(io, options.output, document)) return;
    const rows = unused.map(({ grant, subjects }) => [...rowOf(grant), subjects.map(formatSubject).join(', ')]);
    await write(io.stdout, formatTable(['RULE', 'ROLE', 'BINDING', 'SUBJECTS'], rows));
  });
}

function rowOf({ policy, rule, role, aggregatedFrom, binding }: Grant): readonly string[] {
  const from = aggregatedFrom ? ` < ${aggregatedFrom.name}` : '';
  return [`rules[${rule}]: ${describeRule(policy)}`, `${formatRef(role)}${from}`, formatRef(binding)];
}
