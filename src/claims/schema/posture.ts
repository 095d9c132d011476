import { z } from 'zod';
import { PodSelectorSchema } from './selection.ts';

/** `posture`: a check holds here. */
export const PostureSchema = z
  .strictObject({
    checks: z.array(z.string().min(1)).min(1).describe('Ids of checks, as `seaworthy explain` lists them.'),
    objects: PodSelectorSchema.optional().describe('Where; the namespace of the claim (or everything) when absent.'),
    expect: z.literal('pass').default('pass').describe('Every check passes on every object it applies to.'),
  })
  .describe('Checks that hold here.');

/** The body of a posture claim, validated. */
export type PostureSpec = z.infer<typeof PostureSchema>;
