import type { JudgedClaim } from '../../claims/types.ts';
import { escapeMarkdown } from '../formats/markdown.ts';
import { VERDICT_SIGN } from '../wording.ts';
import { hopProofsOf } from './claim-paths.ts';
import { viewMarkdown } from './markdown.ts';
import { viewOf } from './view.ts';
import type { ClaimPaths } from '../types.ts';

/** The paths behind attackPath claims as a part of a Markdown report. */
export function claimPathsMarkdown(found: readonly ClaimPaths[], claims: readonly JudgedClaim[]): string {
  const parts = found.map((one) => {
    const judged = claims.find(({ claim }) => claim === one.claim);
    const sign = judged ? `${VERDICT_SIGN[judged.verdict]} ${judged.verdict}: ` : '';
    const changes = one.fix?.changes.map(({ says }) => `- ${escapeMarkdown(says)}\n`) ?? [];
    return [
      `### ${sign}${escapeMarkdown(judged?.statement ?? one.claim)}\n`,
      ...(changes.length === 0 ? [] : [`What cuts every path:\n\n${changes.join('')}`]),
      viewMarkdown(viewOf(one, hopProofsOf(judged?.evidence ?? [])), '####'),
    ].join('\n');
  });
  return `## Attack paths\n\n${parts.join('\n')}`;
}
