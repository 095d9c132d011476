import { z } from 'zod';
import { formatNode, parseNode } from '../../analysis/attack/nodes.ts';
import { messageOf } from '../../model/errors.ts';

const Node = z
  .string()
  .min(1)
  .superRefine((written, context) => {
    try {
      formatNode(parseNode(written));
    } catch (thrown) {
      context.addIssue({ code: 'custom', message: messageOf(thrown) });
    }
  })
  .describe(
    '`Kind[:[namespace/]name]`, as `seaworthy paths` takes it: `Internet`, `Shell:shop/web`, `Token:ci/runner`.',
  );

const Exposed = z
  .strictObject({ exposedTo: z.literal('internet') })
  .describe('A shell in any workload that the internet reaches: what is left when its program has a hole.');

/** `attackPath`: an intruder here can't get there. */
export const AttackPathSchema = z
  .strictObject({
    from: z
      .union([Node, z.array(Node).min(1), Exposed])
      .describe('What the intruder holds to begin with; of a list, any one of them.'),
    to: z.union([Node, z.array(Node).min(1)]).describe('What they are after; of a list, any one of them.'),
    expect: z
      .union([z.literal('none'), z.strictObject({ atLeast: z.number().gt(0) })])
      .describe('none: no path leads there. atLeast: every path costs this much effort or more.'),
  })
  .describe('An intruder who holds one thing can not get to another.');

/** The body of an attackPath claim, validated. */
export type AttackPathSpec = z.infer<typeof AttackPathSchema>;
