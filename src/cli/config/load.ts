import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { problemsOf, readYaml } from '../../claims/yaml-problems.ts';
import { SeaworthyError, systemReason, type Position } from '../../model/errors.ts';
import type { Io } from '../io.ts';
import { ONLY_IN_OWN_FILE, OwnConfigurationSchema, PATHS, ProjectConfigurationSchema } from './schema.ts';

const PROJECT_FILE = '.seaworthy.yaml';

/** A suppression of a configuration file, with its place. */
export interface ConfiguredSuppression {
  readonly check: string;
  readonly objects: readonly string[];
  readonly reason: string;
  readonly expiry: string;
  readonly at: Position;
}

/** What the one configuration file that counts says. */
export interface Configuration {
  /** The file it was read from, relative to where we are; undefined when there is none. */
  readonly file?: string;
  /** Values of flags, by name in camel case; paths are absolute. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly suppressions: readonly ConfiguredSuppression[];
}

/**
 * The configuration that holds for a directory: the nearest `.seaworthy.yaml` upwards, else the person's own in the XDG
 * configuration directory. One file counts, never a mixture. Throws SW_CONFIG_INVALID with the place of the first mistake.
 */
export function loadConfiguration(io: Pick<Io, 'cwd' | 'env'>): Configuration {
  const project = nearestUpwards(resolve(io.cwd));
  const file = project ?? ownFile(io.env);
  if (!existsSync(file)) return { flags: {}, suppressions: [] };
  // Shown as from where we are: reports must not differ from machine to machine.
  return read(file, relative(io.cwd, file), project !== undefined);
}

function nearestUpwards(directory: string): string | undefined {
  for (let here = directory; ; here = dirname(here)) {
    const file = join(here, PROJECT_FILE);
    if (existsSync(file)) return file;
    if (here === dirname(here)) return undefined;
  }
}

function ownFile(env: Io['env']): string {
  const xdg = env['XDG_CONFIG_HOME'];
  const base = xdg !== undefined && xdg !== '' ? xdg : join(env['HOME'] ?? homedir(), '.config');
  return join(base, 'seaworthy', 'config.yaml');
}

function read(file: string, shown: string, project: boolean): Configuration {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SeaworthyError('SW_CONFIG_INVALID', `${shown} can't be read: ${systemReason(cause)}`, {
      at: { file: shown },
      cause,
    });
  }
  const { documents, problems } = readYaml(text, shown);
  const [document] = documents;
  if (problems[0]) throw invalid(problems[0]);
  if (!document) return { file: shown, flags: {}, suppressions: [] };
  const schema = project ? ProjectConfigurationSchema : OwnConfigurationSchema;
  const parsed = schema.safeParse(document.value);
  if (!parsed.success) {
    const [problem] = problemsOf(parsed.error, document, 'SW_CONFIG_INVALID', schema);
    if (problem) throw invalid(forbiddenHere(problem));
  }
  const { apiVersion: _, kind: __, suppressions = [], ...flags } = parsed.data ?? {};
  return {
    file: shown,
    flags: Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, fromFile(name, value, file)])),
    suppressions: suppressions.map((one, index) => ({ ...one, at: document.position(['suppressions', index]) })),
  };
}

/** A field that exists, but not in a file of a project, is worth another hint than a misspelt one. */
function forbiddenHere(problem: Problem): Problem {
  const field = ONLY_IN_OWN_FILE.find((name) => problem.message === `unknown field ${name}`);
  if (field === undefined) return problem;
  const hint = 'Set it in your own ~/.config/seaworthy/config.yaml, in the environment, or as a flag.';
  return { ...problem, message: `${field} chooses the cluster, and a file of a directory may not`, hint };
}

type Problem = ReturnType<typeof readYaml>['problems'][number];

function invalid({ message, hint, at }: Problem): SeaworthyError {
  return new SeaworthyError('SW_CONFIG_INVALID', message, { at, ...(hint === undefined ? {} : { hint }) });
}

function fromFile(name: string, value: unknown, file: string): unknown {
  if (!PATHS.has(name)) return value;
  const absolute = (path: unknown): unknown => (typeof path === 'string' ? resolve(dirname(file), path) : path);
  return Array.isArray(value) ? value.map(absolute) : absolute(value);
}
