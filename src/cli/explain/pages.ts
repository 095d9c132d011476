import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** One page of documentation that `explain` can show. */
export interface Page {
  /** What it is asked for by: `host-pid`, `SW_UNKNOWN_CHECK`. */
  readonly id: string;
  /** The folder it is in: `checks`, `errors`, `faults`. */
  readonly room: string;
  readonly text: string;
}

/**
 * Every page below a documentation folder: a file `<room>/<id>.md` (or `<room>/<shelf>/<id>.md`) each, and in `errors` a
 * heading `## SW_CODE` each.
 * Empty where the folder is not there.
 */
export async function readPages(docs: string): Promise<readonly Page[]> {
  const rooms = await readdir(docs, { withFileTypes: true }).catch(() => []);
  const pages = await Promise.all(
    rooms.filter((room) => room.isDirectory()).map((room) => pagesOf(join(docs, room.name), room.name)),
  );
  return pages.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function pagesOf(folder: string, room: string): Promise<readonly Page[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.md'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return files.flatMap((file, index) => {
    const text = texts[index] ?? '';
    return room === 'errors' ? errorPages(text) : [{ id: basename(file, '.md'), room, text }];
  });
}

/** The sections of a page of errors, each from its heading to the next. */
export function errorPages(text: string): readonly Page[] {
  return text
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const id = /^SW_[A-Z0-9_]+/.exec(section)?.[0];
      return id === undefined ? [] : [{ id, room: 'errors', text: `# ${section.trimEnd()}\n` }];
    });
}
