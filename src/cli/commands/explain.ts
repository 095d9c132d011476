import { join } from 'node:path';
import type { Command } from 'commander';
import { SeaworthyError } from '../../model/errors.ts';
import { didYouMean } from '../../model/suggest.ts';
import { allPages, factsOfCheck } from '../explain/catalogue.ts';
import type { Io } from '../io.ts';
import { write } from '../output.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');

/** `explain`: the documentation of a check, a control, an error and whatever else has a page. */
export function registerExplain(program: Command, io: Io): void {
  program
    .command('explain')
    .description('the documentation of a check, claim kind, attack edge, probe, fault, lint or error')
    .argument('<id>', 'host-pid, pod-security/hostports, reach, E8, pod-kill, SW_UNKNOWN_CHECK, …')
    .action(async (id: string) => {
      const pages = await allPages(DOCS);
      const wanted = id.toLowerCase();
      const found = pages.find((page) => page.id.toLowerCase() === wanted);
      if (!found) {
        const ids = pages.map((page) => page.id);
        throw new SeaworthyError('SW_NOTHING_TO_EXPLAIN', `nothing here is called ${id}`, {
          hint: didYouMean(id, ids) ?? 'Every result is printed with its id; docs/ has a page for each.',
        });
      }
      const facts = factsOfCheck(found.id);
      await write(io.stdout, facts === undefined ? found.text : `${found.text.trimEnd()}\n\n${facts}`);
    });
}
