import type { Command } from 'commander';
import {
  analyseAccess,
  describeRequest,
  readRequest,
  requesterOf,
  type AccessDecision,
  type AccessRequest,
  type Requester,
} from '../../analysis/access/index.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { formatPosition, SeaworthyError } from '../../model/errors.ts';
import { coverageOf, reasonsOf } from '../access/documents.ts';
import { hintFor, misspellings } from '../access/hints.ts';
import { readRequestsFile } from '../access/requests-file.ts';
import type { Io } from '../io.ts';
import { repeated } from '../input/option-values.ts';
import { addOutputOption, printDocument, stylesFor, write, type OutputFormat, type Styles } from '../output.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';

interface CanOptions extends SourceOptions {
  readonly output: OutputFormat;
  readonly requests?: string;
}

/** `can`: may this subject do that? */
export function registerCan(program: Command, io: Io): void {
  const command = program
    .command('can')
    .description('may this subject do that')
    .argument('[verb]', 'verb, literally: get, list, create, impersonate, …')
    .argument('[resource]', 'RESOURCE[.GROUP][/SUBRESOURCE], or a path such as /metrics')
    .argument('[name]', 'name of one object')
    .option('--as <user>', 'who asks; system:serviceaccount:NAMESPACE:NAME is a service account, with its groups')
    .option('--as-group <group>', 'a group the user is in (repeatable)', repeated)
    .option('-n, --namespace <name>', 'namespace of the request; without it the request has none')
    .option('--requests <file>', 'answer many: a file with one JSON request a line');
  addOutputOption(addSourceOptions(command, { impersonation: false, namespace: false }), ['table', 'json', 'yaml']);
  command.action(async (verb: string | undefined, target: string | undefined, name: string | undefined, given) => {
    const { as, asGroup, namespace, ...options }: CanOptions = given;
    if (options.requests !== undefined) return answerMany(options.requests, options, io);
    if (as === undefined || verb === undefined || target === undefined) {
      throw new SeaworthyError('SW_QUESTION_INCOMPLETE', 'a question needs --as USER, a verb and a resource', {
        hint: 'For example: can --as alice list secrets -n shop',
      });
    }
    const requester = requesterOf(as, asGroup);
    const request = readRequest({
      verb,
      target,
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    });
    await answerOne(requester, request, options, io, program.opts<{ color?: string }>().color);
  });
}

async function answerOne(
  requester: Requester,
  request: AccessRequest,
  options: CanOptions,
  io: Io,
  color: string | undefined,
): Promise<void> {
  const snapshot = await openSource(options, io);
  const access = analyseAccess(snapshot);
  const decision = access.decide(requester, request);
  const document = {
    apiVersion: API_VERSION,
    kind: 'AccessAnswer',
    requester,
    request,
    allowed: decision.allowed,
    because: reasonsOf(decision),
    coverage: coverageOf(snapshot, access),
  };
  if (await printDocument(io, options.output, document)) return;
  await write(io.stdout, formatAnswer(requester, request, decision, stylesFor(io, io.stdout, color)));
  const expected = decision.allowed === true ? undefined : hintFor(request);
  for (const hint of [...misspellings(request, snapshot, requester), expected])
    if (hint !== undefined) io.stderr.write(`hint: ${hint}\n`);
  for (const note of access.notes) io.stderr.write(`note: ${note}\n`);
}

async function answerMany(file: string, options: CanOptions, io: Io): Promise<void> {
  const questions = await readRequestsFile(file, io);
  const snapshot = await openSource(options, io);
  const access = analyseAccess(snapshot);
  const answers = questions.map(({ requester, request }) => ({ allowed: access.decide(requester, request).allowed }));
  const document = { apiVersion: API_VERSION, kind: 'AccessAnswers', answers, coverage: coverageOf(snapshot, access) };
  if (await printDocument(io, options.output, document)) return;
  const lines = questions.map(
    ({ requester, request }, index) =>
      `${WORDS[String(answers[index]?.allowed)]}  ${requester.user}: ${describeRequest(request)}\n`,
  );
  await write(io.stdout, lines.join(''));
}

const WORDS: Readonly<Record<string, string>> = { true: 'yes    ', false: 'no     ', unknown: 'unknown' };

function formatAnswer(
  requester: Requester,
  request: AccessRequest,
  { allowed, because }: AccessDecision,
  styles: Styles,
): string {
  const paint = allowed === true ? styles.green : allowed === false ? styles.red : styles.yellow;
  const may = allowed === true ? 'may' : allowed === false ? 'may not' : 'may or may not';
  const word = allowed === true ? 'yes' : allowed === false ? 'no' : 'unknown';
  const reasons = because.map((reason) => {
    const at = reason.kind === 'field' && reason.at ? `  (${formatPosition(reason.at)})` : '';
    return `  ${reason.says}${at}\n`;
  });
  return `${paint(word)}: ${requester.user} ${may} ${describeRequest(request)}\n${reasons.join('')}`;
}
