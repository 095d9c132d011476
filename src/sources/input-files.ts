import { existsSync } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SeaworthyError, systemReason } from '../model/errors.ts';
import type { TextSource } from './manifest-positions.ts';

/** One file to read: the name shown to the person, and where it is. */
export interface InputFile {
  /** As the user gave it: the path below a directory is appended to the directory as given. `-` is stdin. */
  readonly file: string;
  readonly path: string;
  /** Why it can't be read, where that is known already: a directory that may not be listed. */
  readonly because?: string;
}

const MANIFEST = /\.(ya?ml|json)$/i;

/** Folders that hold no manifests of the project they are in. */
const SKIPPED = new Set(['.git', 'node_modules']);

/** Files named, and those below directories named: every .yaml, .yml and .json, sorted by path. */
export async function listInputFiles(inputs: readonly string[], cwd: string): Promise<readonly InputFile[]> {
  const found: InputFile[] = [];
  for (const input of inputs.flatMap((given) => partsOf(given, cwd))) {
    if (input === '-') found.push({ file: '-', path: '-' });
    else if (/^https?:\/\//i.test(input)) throw urlRefused(input);
    else if ((await kindOfPath(input, cwd)) === 'directory') found.push(...(await filesBelow(input, cwd)));
    else found.push({ file: input, path: resolve(cwd, input) });
  }
  // A file that is named and below a directory that is named is still one file.
  const first = new Map<string, InputFile>();
  for (const input of found) if (!first.has(input.path)) first.set(input.path, input);
  return [...first.values()];
}

/** kubectl takes several paths between commas, too; a comma may also be in a name. */
function partsOf(given: string, cwd: string): readonly string[] {
  if (!given.includes(',') || existsSync(resolve(cwd, given))) return [given];
  return given.split(',').filter((part) => part !== '');
}

function urlRefused(input: string): SeaworthyError {
  return new SeaworthyError('SW_URL_REFUSED', `${input} is an address, not a file`, {
    hint: 'Nothing is downloaded: fetch it yourself, look at it, and pass the file.',
  });
}

async function kindOfPath(input: string, cwd: string): Promise<'directory' | 'file'> {
  try {
    return (await stat(resolve(cwd, input))).isDirectory() ? 'directory' : 'file';
  } catch (cause) {
    throw cannotOpen(input, cause);
  }
}

function cannotOpen(input: string, cause: unknown): SeaworthyError {
  return new SeaworthyError('SW_FILE_NOT_FOUND', `${input} can't be opened: ${systemReason(cause)}`, {
    hint: /[*?[]/.test(input)
      ? 'Patterns are for the shell: leave the quotes out, or name the directory.'
      : 'Check the path; -f takes files, directories and - for standard input.',
    cause,
  });
}

async function filesBelow(directory: string, cwd: string): Promise<readonly InputFile[]> {
  const shown = directory.replace(/(?<=.)\/+$/, '');
  const prefix = shown.endsWith('/') ? shown : `${shown}/`;
  const below: { readonly name: string; readonly because?: string }[] = [];
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(resolve(cwd, directory, relative), { withFileTypes: true })) {
      const name = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (SKIPPED.has(entry.name)) continue;
        await visit(name).catch((thrown: unknown) => below.push({ name, because: systemReason(thrown) }));
      } else if (MANIFEST.test(entry.name) && entry.name !== '.seaworthy.yaml') below.push({ name });
    }
  };
  await visit('').catch((cause: unknown) => {
    throw cannotOpen(directory, cause);
  });
  return below
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, ...rest }) => ({ file: `${prefix}${name}`, path: resolve(cwd, directory, name), ...rest }));
}

/** The bytes of a file, or why they can't be had. */
export type InputContent =
  | { readonly kind: 'ok'; readonly bytes: Buffer; readonly source: TextSource }
  | { readonly kind: 'unreadable'; readonly because: string };

/** The bytes of a file, as UTF-8 without a byte order mark; the reason when they can't be had. */
export async function readInput(
  { path, because }: InputFile,
  stdin: AsyncIterable<unknown> | undefined,
): Promise<InputContent> {
  if (because !== undefined) return { kind: 'unreadable', because };
  try {
    const raw = path === '-' ? await collect(stdin) : await readFile(path);
    const bytes = asUtf8(raw);
    const onDisk = path !== '-' && bytes.buffer === raw.buffer;
    return {
      kind: 'ok',
      bytes,
      source: onDisk ? { kind: 'disk', path, offset: raw.length - bytes.length } : { kind: 'kept', bytes },
    };
  } catch (thrown) {
    return { kind: 'unreadable', because: systemReason(thrown) };
  }
}

async function collect(stdin: AsyncIterable<unknown> | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin ?? [])
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer));
  return Buffer.concat(chunks);
}

/** PowerShell redirects write UTF-16 with a byte order mark; everybody else UTF-8. */
function asUtf8(bytes: Buffer): Buffer {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(new TextDecoder('utf-16le').decode(bytes));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return Buffer.from(new TextDecoder('utf-16be').decode(bytes));
  const rest = bytes.indexOf(BYTE_ORDER_MARK) === 0 ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
  // Files put together with `cat` have a mark before each part.
  const inside = `\n${MARK}`;
  return rest.includes(inside) ? Buffer.from(rest.toString('utf8').replaceAll(inside, '\n')) : rest;
}

const MARK = '\uFEFF';
const BYTE_ORDER_MARK = Buffer.from(MARK);
