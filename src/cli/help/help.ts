import type { Command } from 'commander';
import { EXAMPLES } from './examples.ts';

/** Headings of flags that many commands share; they stand in this order below a command's own. */
export const SOURCE_FLAGS = 'Where the facts come from:';
/** Heading of the flags that say which cluster is meant. */
export const CONNECTION_FLAGS = 'Which cluster, and as whom:';
/** Heading of the flags that say how an answer is printed. */
export const OUTPUT_FLAGS = 'How it is shown:';
const SHARED = [SOURCE_FLAGS, CONNECTION_FLAGS, OUTPUT_FLAGS];

/** Commands of the first level under the heading they stand below in `--help`. */
const TASKS: Readonly<Record<string, readonly string[]>> = {
  'Judge a cluster or its manifests:': ['verify', 'check', 'claims'],
  'Ask a question:': ['reach', 'can', 'who-can', 'access', 'paths', 'explain'],
  'Break it on purpose:': ['experiment'],
  'Keep facts:': ['snapshot'],
  'Try it on this machine:': ['demo', 'lab'],
};

const EXIT_STATUS = `
Exit status:
  0    done, whatever was found
  1    a threshold asked for with --fail-on tripped
  2    wrong usage or input
  3    evidence is incomplete, and --fail-on-incomplete was asked for
  4    the cluster can't be reached, or refuses
  130  interrupted
`;

/** How `--help` is laid out; given before any command is added, so that all of them have it. */
export function configureHelp(program: Command): void {
  program
    .description(
      'Is this Kubernetes cluster as secure and as resilient as you believe? Claims, proven by controlled experiments.',
    )
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      // A command's own flags are what its reader looks for.
      groupItems(all, visible, groupOf) {
        const rank = (heading: string): number => SHARED.indexOf(heading);
        const groups = Map.groupBy(visible, groupOf);
        const headings = [...new Set([...all.map(groupOf), ...groups.keys()])];
        headings.sort((a, b) => rank(a) - rank(b));
        return new Map(headings.map((heading) => [heading, groups.get(heading) ?? []]));
      },
    })
    .addHelpText('after', EXIT_STATUS);
}

/** Gives every command its first screen: what it does in a line, what to type, its flags by what they are for. */
export function addFirstScreens(program: Command): void {
  const name = program.name() === 'kubectl-seaworthy' ? 'kubectl seaworthy' : program.name();
  program.commands.forEach((command) => {
    const task = Object.entries(TASKS).find(([, names]) => names.includes(command.name()));
    if (task) command.helpGroup(task[0]);
  });
  program.commandsGroup('Ask a question:').helpCommand('help [command]', 'what a command does, and its flags');
  for (const [path, command] of commandsBelow(program, [])) {
    const line = command.description();
    const examples = (EXAMPLES[path.join(' ')] ?? []).map((example) => `  ${name} ${example}`);
    command.summary(line);
    command.description(
      [`${line.charAt(0).toUpperCase()}${line.slice(1)}`, ...(examples.length > 0 ? ['', ...examples] : [])].join('\n'),
    );
  }
}

/** A command and all below it, each with the words it is called by. */
export function* commandsBelow(
  command: Command,
  path: readonly string[],
): Generator<readonly [path: readonly string[], command: Command]> {
  yield [path, command];
  for (const child of command.commands) yield* commandsBelow(child, [...path, child.name()]);
}
