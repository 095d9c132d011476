import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Snapshot } from '../../../model/snapshot.ts';
import { readManifests } from '../../../sources/manifests.ts';
import { parseNode, type AttackNode } from '../nodes.ts';

const FOLDER = join(import.meta.dirname, '..', 'cases');

/** A cluster of a text case, and the pairs it says something about. */
export interface TextCase {
  readonly title: string;
  readonly snapshot: Snapshot;
  readonly pairs: readonly {
    readonly from: AttackNode;
    readonly to: AttackNode;
    readonly verdict: 'yes' | 'no' | 'unknown';
  }[];
}

/** Every text case of the room. */
export async function* textCases(): AsyncGenerator<TextCase> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.case'));
  const sections = files.flatMap((file) => readFileSync(join(FOLDER, file), 'utf8').split(/^(?=# )/m));
  for (const section of sections.filter((one) => one.trim() !== '')) {
    const [manifests = '', expectations = ''] = section.replace(/^# .*\n/, '').split(/^expect\n/m);
    yield {
      title: /^# (.*)/.exec(section)?.[1] ?? '',
      snapshot: await readManifests(['-'], { stdin: Readable.from([manifests]) }),
      pairs: [...expectations.matchAll(/^(\S+)\s+->\s+(\S+)\s+(yes|no|unknown)/gm)].map(
        ([, from = '', to = '', verdict]) => ({
          from: parseNode(from),
          to: parseNode(to),
          verdict: verdict as 'yes' | 'no' | 'unknown',
        }),
      ),
    };
  }
}
