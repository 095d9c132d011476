import type { Command } from 'commander';
import {
  analyseAccess,
  describeRequest,
  describeRule,
  formatSubject,
  readRequest,
  type SubjectGrants,
} from '../../analysis/access/index.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { formatRef } from '../../model/object.ts';
import { coverageOf, subjectDocument } from '../access/documents.ts';
import { hintFor, misspellings } from '../access/hints.ts';
import type { Io } from '../io.ts';
import { addOutputOption, formatTable, printDocument, write, type OutputFormat } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';

interface WhoCanOptions extends SourceOptions {
  readonly output: OutputFormat;
}

/** `who-can`: which bound subjects may do that? */
export function registerWhoCan(program: Command, io: Io): void {
  const command = program
    .command('who-can')
    .description('which subjects may do that')
    .argument('<verb>', 'verb, literally')
    .argument('<resource>', 'RESOURCE[.GROUP][/SUBRESOURCE], or a path such as /metrics')
    .argument('[name]', 'name of one object')
    .option('-n, --namespace <name>', 'namespace of the request; without it the request has none');
  addOutputOption(addSourceOptions(command, { namespace: false }), ['table', 'wide', 'json', 'yaml', 'name']);
  command.action(async (verb: string, target: string, name: string | undefined, given: WhoCanOptions) => {
    const { namespace, ...options } = given;
    const request = readRequest({
      verb,
      target,
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    });
    const snapshot = await openSource(options, io);
    const access = analyseAccess(snapshot);
    const answer = access.whoCan(request);
    const document = {
      apiVersion: API_VERSION,
      kind: 'AccessSubjects',
      request,
      subjects: answer.subjects.map(subjectDocument),
      builtIn: answer.builtIn.map(subjectDocument),
      uncertain: answer.uncertain,
      unknown: answer.unknown,
      coverage: coverageOf(snapshot, access),
    };
    if (await printDocument(io, options.output, document)) return;
    if (options.output === 'name') {
      await write(io.stdout, answer.subjects.map(({ subject }) => `${formatSubject(subject)}\n`).join(''));
      return;
    }
    const shown = options.output === 'wide' ? [...answer.subjects, ...answer.builtIn] : answer.subjects;
    await write(io.stdout, formatTable(['SUBJECT', 'BINDING', 'ROLE', 'RULE'], shown.flatMap(rowsOf)));
    const say = (text: string): void => void io.stderr.write(`${text}\n`);
    for (const subject of answer.uncertain)
      say(`unknown: ${formatSubject(subject)} is bound to a role that was not read`);
    for (const { says } of answer.unknown) say(`unknown: there may be more: ${says}`);
    const more = answer.builtIn.length;
    if (more > 0 && options.output === 'table') {
      say(`note: ${more} subjects of Kubernetes itself may, too (-o wide lists them)`);
    }
    for (const note of access.notes) say(`note: ${note}`);
    for (const hint of misspellings(request, snapshot)) say(`hint: ${hint}`);
    if (answer.subjects.length === 1) {
      const hint = hintFor(request);
      if (hint !== undefined) say(`hint: ${hint}`);
      say(`nobody bound here may ${describeRequest(request)}`);
    }
  });
}

function rowsOf({ subject, grants }: SubjectGrants): readonly (readonly string[])[] {
  if (grants.length === 0) return [[formatSubject(subject), '-', '-', 'everything (built into the API server)']];
  return grants.map(({ binding, role, rule, policy, aggregatedFrom }, index) => [
    index === 0 ? formatSubject(subject) : '',
    formatRef(binding),
    aggregatedFrom ? `${formatRef(role)} < ${aggregatedFrom.name}` : formatRef(role),
    `rules[${rule}]: ${describeRule(policy)}`,
  ]);
}
