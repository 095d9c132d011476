import { InvalidArgumentError, type Command } from 'commander';
import {
  crossing,
  dependentsOf,
  policyNamed,
  type AffectedConnection,
} from '../../analysis/network/what-if/changes.ts';
import { strangersReach } from '../../analysis/network/what-if/strangers.ts';
import { API_VERSION } from '../../model/api-version.ts';
import { nearest } from '../../model/suggest.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { Labels } from '../../model/selectors.ts';
import type { Io } from '../io.ts';
import { printDocument, write, type OutputFormat } from '../output.ts';
import { mustBeThere } from './answer.ts';
import { parsePeer } from './arguments.ts';
import { formatRows } from '../../report/rows.ts';
import { addReachOptions, basis, inOwnFormat, openNetwork, reportBasis, type ReachOptions } from './options.ts';

const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'markdown'] as const;

interface ExposureOptions extends ReachOptions {
  readonly labels?: Labels;
  readonly namespaceLabels?: Labels;
  readonly inNamespace?: string;
}

/** `reach exposure`: what peers could do that are not there yet. */
export function registerExposure(reach: Command, io: Io): void {
  const command = reach
    .command('exposure')
    .description('who could come and be let in: new pods, new namespaces, the internet')
    .argument('[workload]', 'ns/name or ns/; every workload when absent')
    .option('--labels <k=v,…>', 'ask about a new pod with these labels', labelsArgument)
    .option('--namespace-labels <k=v,…>', 'in a new namespace with these labels', labelsArgument)
    .option('--in-namespace <name>', 'in this namespace, which is there');
  addReachOptions(command, FORMATS);
  command.action(async (written: string | undefined) => {
    const options = inOwnFormat(command, command.optsWithGlobals<ExposureOptions>());
    const about = written === undefined ? undefined : parsePeer(written);
    const opened = await openNetwork(options, io);
    if (about) mustBeThere(about, opened);
    const { labels, namespaceLabels, inNamespace } = options;
    const asked =
      (labels ?? namespaceLabels ?? inNamespace)
        ? {
            labels: labels ?? {},
            namespaceLabels: namespaceLabels ?? {},
            ...(inNamespace === undefined ? {} : { namespace: inNamespace }),
          }
        : undefined;
    const found = strangersReach(
      opened.snapshot,
      opened.analysis,
      ({ namespace, ref }) =>
        about === undefined ||
        ((about.kind === 'namespace' || about.kind === 'workload') &&
          about.namespace === namespace &&
          (about.kind === 'namespace' || about.name === ref.name)),
      asked,
    );
    const { snapshot, analysis } = opened;
    const document = { apiVersion: API_VERSION, kind: 'ReachExposure', ...basis(snapshot, analysis), exposures: found };
    if (await printDocument(io, options.output as OutputFormat, document)) return;
    const rows = found.map(({ workload, direction, stranger, verdict, ports }) => [
      workload,
      direction === 'ingress' ? '<-' : '->',
      stranger,
      verdict === 'allowed' ? ports : verdict,
    ]);
    await write(io.stdout, formatRows(options.output, ['workload', 'way', 'peer', 'ports'], rows));
    reportBasis(io, snapshot, analysis);
  });
}

/** `reach depends`: what hangs on one policy. */
export function registerDepends(reach: Command, io: Io): void {
  const command = reach
    .command('depends')
    .description('what would open and close without this policy')
    .argument('<policy>', 'ns/name, or KIND/name for a policy of the cluster');
  addReachOptions(command, FORMATS);
  command.action(async (written: string) => {
    const options = inOwnFormat(command, command.optsWithGlobals<ReachOptions>());
    const { snapshot, analysis } = await openNetwork(options, io);
    const [policy, ...others] = policyNamed(analysis, written);
    if (!policy || others.length > 0) throw noPolicy(written, policy ? [policy, ...others] : [], analysis.policies);
    const dependents = dependentsOf(snapshot, analysis, policy);
    const document = {
      apiVersion: API_VERSION,
      kind: 'PolicyDependents',
      policy,
      ...basis(snapshot, analysis),
      ...dependents,
    };
    if (await printDocument(io, options.output as OutputFormat, document)) return;
    const rows = [
      ...dependents.holdsClosed.map((one) => ['holds closed', ...cells(one)]),
      ...dependents.holdsOpen.map((one) => ['holds open', ...cells(one)]),
    ];
    await write(io.stdout, formatRows(options.output, [formatRef(policy), 'from', 'to', 'ports'], rows));
    reportBasis(io, snapshot, analysis);
  });
}

/** `reach isolate`: what would break if a namespace were cut off. */
export function registerIsolate(reach: Command, io: Io): void {
  const command = reach
    .command('isolate')
    .description('what would break if this namespace were isolated from all others')
    .argument('<namespace>', 'its name, or ns/');
  addReachOptions(command, FORMATS);
  command.action(async (written: string) => {
    const options = inOwnFormat(command, command.optsWithGlobals<ReachOptions>());
    const namespace = written.replace(/\/$/, '');
    const opened = await openNetwork(options, io);
    mustBeThere(parsePeer(`${namespace}/`), opened);
    const { snapshot, analysis } = opened;
    const breaks = crossing(snapshot, analysis, namespace);
    const document = {
      apiVersion: API_VERSION,
      kind: 'NamespaceIsolation',
      namespace,
      ...basis(snapshot, analysis),
      breaks,
    };
    if (await printDocument(io, options.output as OutputFormat, document)) return;
    const rows = breaks.map((one) => [one.needed === undefined ? '' : '! needed', ...cells(one), one.needed ?? '']);
    await write(io.stdout, formatRows(options.output, ['breaks', 'from', 'to', 'ports', 'because'], rows));
    reportBasis(io, snapshot, analysis);
    io.stderr.write(
      `${breaks.length} connections cross the border, ${breaks.filter(({ needed }) => needed).length} are asked for by manifests\n`,
    );
  });
}

function cells({ from, to, ports }: AffectedConnection): readonly string[] {
  return [from, to, ports];
}

function noPolicy(
  written: string,
  found: readonly { readonly kind: string }[],
  policies: readonly { readonly ref: Parameters<typeof formatRef>[0] }[],
): SeaworthyError {
  if (found.length > 1) {
    return new SeaworthyError('SW_REACH_POLICY_UNKNOWN', `${written} is the name of ${found.length} policies`, {
      hint: `Write the kind before it: ${found.map(({ kind }) => `${kind}/${written}`).join(' or ')}.`,
    });
  }
  const names = policies.map(({ ref }) => [ref.namespace, ref.name].filter((part) => part !== undefined).join('/'));
  const near = nearest(written, names);
  return new SeaworthyError('SW_REACH_POLICY_UNKNOWN', `there is no policy ${written} in what was read`, {
    hint: near === undefined ? 'Write it ns/name, or KIND/name for a policy of the cluster.' : `Did you mean ${near}?`,
  });
}

function labelsArgument(value: string): Labels {
  return Object.fromEntries(
    value.split(',').map((pair) => {
      const [key = '', ...rest] = pair.split('=');
      if (key === '' || rest.length !== 1) throw new InvalidArgumentError('Give it as key=value,key=value.');
      return [key, rest[0] ?? ''];
    }),
  );
}
