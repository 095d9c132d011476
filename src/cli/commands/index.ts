import type { Command } from 'commander';
import type { Io } from '../io.ts';

/** Adds one command (with its subcommands) to the program. One file a command. */
type RegisterCommand = (program: Command, io: Io) => void;

/** A command by its name. What it needs is loaded with it: that of all commands is most of the time to start. */
interface CommandEntry {
  readonly name: string;
  load(): Promise<RegisterCommand>;
}

/** Every command, in the order `--help` lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'verify', load: async () => (await import('./verify.ts')).registerVerify },
  { name: 'check', load: async () => (await import('./check.ts')).registerCheck },
  { name: 'reach', load: async () => (await import('./reach.ts')).registerReach },
  { name: 'can', load: async () => (await import('./can.ts')).registerCan },
  { name: 'who-can', load: async () => (await import('./who-can.ts')).registerWhoCan },
  { name: 'access', load: async () => (await import('./access.ts')).registerAccess },
  { name: 'paths', load: async () => (await import('./paths.ts')).registerPaths },
  { name: 'claims', load: async () => (await import('./claims.ts')).registerClaims },
  { name: 'experiment', load: async () => (await import('./experiment.ts')).registerExperiment },
  { name: 'snapshot', load: async () => (await import('./snapshot.ts')).registerSnapshot },
  { name: 'lab', load: async () => (await import('./lab.ts')).registerLab },
  { name: 'demo', load: async () => (await import('./demo.ts')).registerDemo },
  { name: 'explain', load: async () => (await import('./explain.ts')).registerExplain },
];

/** Adds the command that is asked for; every command where none is, for help, and to say what was meant. */
export async function registerCommands(program: Command, io: Io, args: readonly string[]): Promise<void> {
  const name = args.find((arg) => !arg.startsWith('-'));
  const asked = COMMANDS.filter((command) => command.name === name);
  for (const { load } of asked.length > 0 ? asked : COMMANDS) (await load())(program, io);
}
