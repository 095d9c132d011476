import type { Command } from 'commander';
import { dump } from 'js-yaml';
import { distinctFlows, formatEnd, type Flow } from '../../analysis/network/synthesize/flow.ts';
import { requiredFlows } from '../../analysis/network/synthesize/required-flows.ts';
import { synthesize, type Synthesis } from '../../analysis/network/synthesize/synthesize.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import { readInputText } from '../input/input-file.ts';
import type { Io } from '../io.ts';
import { printJson, write } from '../output.ts';
import { factsOf, readClaimFiles } from '../input/claim-files.ts';
import { claimedFlows } from './flows/claimed-flows.ts';
import { readFlows } from './flows/flow-file.ts';
import { formatRows } from '../../report/rows.ts';
import { addReachOptions, inOwnFormat, openNetwork, type OpenedNetwork, type ReachOptions } from './options.ts';

interface SynthesizeOptions extends ReachOptions {
  readonly flows?: readonly string[];
  readonly claims?: readonly string[];
  readonly required: boolean;
  readonly in?: readonly string[];
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `reach synthesize`: the least policies that allow what must be allowed, tried before they are printed. */
export function registerSynthesize(reach: Command, io: Io): void {
  const command = reach.command('synthesize').description('the least policies that allow a set of flows');
  addReachOptions(command, ['yaml', 'json', 'table', 'wide', 'csv', 'markdown'])
    .option('--flows <file>', 'flows that were observed, as JSON lines (repeatable)', collect)
    .option('--claims <file>', 'claims of kind reach (repeatable)', collect)
    .option('--no-required', 'leave out what the manifests themselves ask for')
    .option('--in <namespaces>', 'namespaces to write policies for (default: those with flows)', (value) =>
      value.split(','),
    );
  command.action(async () => {
    const options = inOwnFormat(command, command.optsWithGlobals<SynthesizeOptions>());
    const opened = await openNetwork(options, io);
    const { flows, notes } = await flowsFor(options, opened, io);
    const namespaces = options.in ?? namespacesOf(flows);
    if (namespaces.length === 0) {
      throw new SeaworthyError('SW_SYNTHESIS_EMPTY', 'there is no flow to write policies for', {
        hint: 'Give --flows or --claims, or manifests whose containers name the Services they use.',
      });
    }
    const made = synthesize(opened.snapshot, opened.analysis, flows, [...namespaces].sort());
    const withNotes = { ...made, notes: [...notes, ...made.notes] };
    mustHold(withNotes);
    // `reach` itself has the flag, too, with a default of its own.
    const given = [command, reach].some((one) => one.getOptionValueSource('output') === 'cli');
    await print(withNotes, given ? options.output : 'yaml', io);
  });
}

async function flowsFor(
  options: SynthesizeOptions,
  { snapshot, analysis }: OpenedNetwork,
  io: Io,
): Promise<{ readonly flows: readonly Flow[]; readonly notes: readonly string[] }> {
  const files = await Promise.all(
    (options.flows ?? []).map(async (file) => {
      const written = await readInputText(file, io, {
        code: 'SW_FLOW_INVALID',
        hint: 'Give the path of a file with one JSON object a line.',
      });
      return readFlows(written, file, analysis);
    }),
  );
  const claims = options.claims ? claimedFlows(await readClaimFiles(options.claims, io), factsOf(snapshot, io)) : [];
  const required = options.required ? requiredFlows(snapshot, analysis) : [];
  return {
    flows: distinctFlows([...files.flatMap(({ flows }) => flows), ...claims, ...required]),
    notes: files.flatMap(({ strangers }) =>
      strangers.map((says) => `${says} is left out: nobody of that name was read`),
    ),
  };
}

function namespacesOf(flows: readonly Flow[]): readonly string[] {
  const ends = flows.flatMap(({ from, to }) => [from, to]);
  return [...new Set(ends.flatMap((end) => (end.kind === 'workload' ? [end.workload.namespace] : [])))];
}

/** Policies that break what they were made for are not printed. */
function mustHold({ check: { unmet, withoutDns } }: Synthesis): void {
  if (unmet.length === 0 && withoutDns.length === 0) return;
  const broken = [...unmet, ...withoutDns.map((id) => `${id} could not resolve names`)];
  throw new SeaworthyError(
    'SW_SYNTHESIS_UNMET',
    `NetworkPolicies can't make this possible: ${broken.slice(0, 5).join('; ')}`,
    {
      hint: 'Another kind of policy forbids it, or something it depends on could not be read.',
      exit: 1,
    },
  );
}

async function print(made: Synthesis, format: string, io: Io): Promise<void> {
  const { policies, flows, replaces, check, notes } = made;
  const rows = flows.map((flow) => [
    formatEnd(flow.from),
    formatEnd(flow.to),
    `${flow.port}/${flow.protocol}`,
    flow.says,
  ]);
  if (format === 'json') {
    const listed = flows.map(({ from, to, port, protocol, says }) => ({
      from: formatEnd(from),
      to: formatEnd(to),
      port,
      protocol,
      says,
    }));
    await printJson(io, {
      apiVersion: API_VERSION,
      kind: 'PolicySynthesis',
      policies,
      replaces,
      flows: listed,
      check,
      notes,
    });
    return;
  }
  if (format !== 'yaml') {
    await write(io.stdout, formatRows(format, ['from', 'to', 'port', 'because'], rows));
  } else {
    for (const [i, policy] of policies.entries())
      await write(io.stdout, `${i === 0 ? '' : '---\n'}${dump(policy, { noRefs: true, lineWidth: -1 })}`);
  }
  const say = (text: string): void => void io.stderr.write(`${text}\n`);
  say(
    `${policies.length} policies; tried: all ${flows.length} flows are allowed, names resolve, kubelet probes need no rule`,
  );
  say(`they close ${check.closes} connections and open ${check.opens}`);
  for (const example of check.examples) say(`  ${example}`);
  for (const ref of replaces) say(`in the place of ${formatRef(ref)}: delete it, or it goes on allowing`);
  for (const note of notes) say(`note: ${note}`);
}
