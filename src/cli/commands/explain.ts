import { join } from 'node:path';
import type { Command } from 'commander';
import { nearest } from '../../analysis/posture/nearest.ts';
import { SeaworthyError } from '../../model/errors.ts';
import { controlPages, factsOfCheck } from '../explain/catalogue.ts';
import { readPages } from '../explain/pages.ts';
import type { Io } from '../io.ts';
import { write } from '../output.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs');

/** `explain`: the documentation of a check, a control, an error and whatever else has a page. */
export function registerExplain(program: Command, io: Io): void {
  program
    .command('explain')
    .description('the documentation of a check, attack edge, probe, fault or error')
    .argument('<id>', 'host-pid, pod-security/hostports, SW_UNKNOWN_CHECK, …')
    .action(async (id: string) => {
      const pages = [...(await readPages(DOCS)), ...controlPages()];
      const wanted = id.toLowerCase();
      const found = pages.find((page) => page.id.toLowerCase() === wanted);
      if (!found) {
        const near = nearest(
          id,
          pages.map((page) => page.id),
        );
        throw new SeaworthyError('SW_NOTHING_TO_EXPLAIN', `nothing here is called ${id}`, {
          hint: `Did you mean ${near.join(', ')}?`,
        });
      }
      const facts = factsOfCheck(found.id);
      await write(io.stdout, facts === undefined ? found.text : `${found.text.trimEnd()}\n\n${facts}`);
    });
}
