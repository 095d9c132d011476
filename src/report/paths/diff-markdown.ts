import type { PathChange } from '../../analysis/attack/index.ts';
import { formatNode } from '../../analysis/attack/nodes.ts';
import { escapeMarkdown } from '../formats/markdown.ts';
import { plural } from '../wording.ts';
import { nameOf } from './view.ts';

/** Which attack paths a change opens and closes, for a pull request: what is opened first. */
export function pathDiffMarkdown(changes: readonly PathChange[]): string {
  if (changes.length === 0) return 'The change opens no attack path and closes none.\n';
  const [opened, closed] = (['opened', 'closed'] as const).map((kind) => changes.filter((one) => one.change === kind));
  const parts = [...(opened ?? []), ...(closed ?? [])].map(changeMarkdown);
  return `${plural(opened?.length ?? 0, 'attack path')} opened, ${closed?.length ?? 0} closed.\n\n${parts.join('\n')}`;
}

function changeMarkdown({ change, from, to, path, by, alone }: PathChange): string {
  const who = by.map(({ change: how, object, fields = [] }) => {
    const where = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
    return `- ${escapeMarkdown(`${nameOf(object)} ${how}${where}`)}\n`;
  });
  const together = by.length < 2 ? 'By' : alone ? 'By each of' : 'By all of';
  return [
    `### ${change === 'opened' ? '✗ opened' : '✓ closed'}: ${escapeMarkdown(`${formatNode(from)} → ${formatNode(to)}`)}\n`,
    path.map((hop) => `1. ${escapeMarkdown(hop)}\n`).join(''),
    `${together}:\n\n${who.join('')}`,
  ].join('\n');
}
