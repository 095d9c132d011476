import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { registerVerify } from './verify.ts';
import { registerClaims } from './claims.ts';
import { registerCheck } from './check.ts';
import { registerDemo } from './demo.ts';
import { registerExplain } from './explain.ts';
import { registerPaths } from './paths.ts';
import { registerReach } from './reach.ts';
import { registerWhoCan } from './who-can.ts';
import { registerAccess } from './access.ts';
import { registerCan } from './can.ts';
import { registerExperiment } from './experiment.ts';
import { registerSnapshot } from './snapshot.ts';
import { registerLab } from './lab.ts';

/** Adds one command (with its subcommands) to the program. One file a command. */
type RegisterCommand = (program: Command, io: Io) => void;

/** Every command, in the order `--help` lists them. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerVerify,
  registerCheck,
  registerReach,
  registerCan,
  registerWhoCan,
  registerAccess,
  registerPaths,
  registerClaims,
  registerExperiment,
  registerSnapshot,
  registerLab,
  registerDemo,
  registerExplain,
];
