import { Option, type Command } from 'commander';
import { analyseNetwork, guessProfile, type NetworkAnalysis, type ProfileName } from '../../analysis/network/index.ts';
import { formatPosition, SeaworthyError } from '../../model/errors.ts';
import { formatRef } from '../../model/object.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Io } from '../io.ts';
import { addSourceOptions, openSource, type SourceOptions } from '../input/source-options.ts';
import { parseProfile } from './arguments.ts';

/** Flags of every question of `reach`. */
export interface ReachOptions extends SourceOptions {
  readonly output: string;
  readonly profile: string;
}

/** Flags of every question of `reach`: the source, the format, the profile. */
export function addReachOptions(command: Command, formats: readonly string[]): Command {
  return addSourceOptions(command)
    .addOption(new Option('-o, --output <format>', 'output format').choices(formats).default('table'))
    .option(
      '--profile <name>',
      'behaviour where the API leaves it to the implementation; auto: as the cluster looks',
      'kubernetes',
    );
}

/**
 * The options of `reach` or a subcommand, in a format it has: `-o` behind the name of a subcommand is read by `reach`, which
 * knows the formats of all. What a configuration sets is for the commands that have it. Throws SW_USAGE.
 */
export function inOwnFormat<T extends ReachOptions>(
  command: Command,
  options: T,
  formats: readonly string[] = formatsOf(command),
): T {
  if (formats.includes(options.output)) return options;
  const asked = [command, command.parent].some((one) => one?.getOptionValueSource('output') === 'cli');
  if (!asked) return { ...options, output: formats[0] ?? 'table' };
  const name = command.name() === 'reach' ? 'reach' : `reach ${command.name()}`;
  throw new SeaworthyError('SW_USAGE', `${name} has no -o ${options.output}`, {
    hint: `It has ${formats.join(', ')}.`,
  });
}

function formatsOf({ options }: Command): readonly string[] {
  return options.find(({ long }) => long === '--output')?.argChoices ?? [];
}

/** A source that was read, and who reaches whom in it. */
export interface OpenedNetwork {
  readonly snapshot: Snapshot;
  readonly analysis: NetworkAnalysis;
}

/** What the flags name, read and analysed. */
export async function openNetwork(options: ReachOptions, io: Io): Promise<OpenedNetwork> {
  const profile = parseProfile(options.profile);
  const snapshot = await openSource(options, io);
  return { snapshot, analysis: analyseNetwork(snapshot, { profile: profileFor(profile, snapshot) }) };
}

/** `auto` is what the snapshot looks like it runs, and Kubernetes' own words where nothing tells. */
export function profileFor(asked: ProfileName | 'auto', snapshot: Snapshot): ProfileName {
  return asked === 'auto' ? (guessProfile(snapshot).profile ?? 'kubernetes') : asked;
}

/** What every document of `reach` says about its basis. */
export function basis(snapshot: Snapshot, analysis: NetworkAnalysis) {
  return {
    profile: analysis.profile,
    profileGuess: guessProfile(snapshot),
    problems: analysis.problems,
    undecided: analysis.gaps,
    coverage: snapshot.coverage,
    findings: snapshot.findings,
  };
}

/** What leaves answers open, for a person, on stderr: policies that are not valid, and gaps. `when` names one of two states. */
export function reportDoubts(io: Io, analysis: NetworkAnalysis, when?: string): void {
  const say = (text: string): void => void io.stderr.write(`${when === undefined ? '' : `${when}: `}${text}\n`);
  for (const { code, object, path, message, hint, at } of analysis.problems) {
    say(`problem ${code}: ${formatRef(object)} ${path}: ${message}${at ? ` (${formatPosition(at)})` : ''}`);
    say(`  hint: ${hint}`);
  }
  for (const { says } of analysis.gaps) say(`undecided: ${says}`);
}

/** The same for a person, on stderr. */
export function reportBasis(io: Io, snapshot: Snapshot, analysis: NetworkAnalysis): void {
  const say = (text: string): void => void io.stderr.write(`${text}\n`);
  for (const { code, message, at } of snapshot.findings)
    say(`input ${code}: ${message}${at ? ` (${formatPosition(at)})` : ''}`);
  reportDoubts(io, analysis);
  const { profile } = guessProfile(snapshot);
  if (profile !== undefined && profile !== analysis.profile)
    say(`this looks like ${profile}: --profile ${profile} (or auto) answers as it behaves`);
}
