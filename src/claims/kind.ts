import type { z } from 'zod';
import type { KindKey } from '../model/object.ts';
import type { Because } from '../model/because.ts';
import type { Claim, ClaimOf } from './claim.ts';
import type { Facts } from './facts.ts';
import type { Judgement } from './judgement.ts';

/** One kind of claim: how it is written, what it says, how it is judged from the configuration, what implies it. */
export interface ClaimKind<K extends Claim['kind'] = Claim['kind']> {
  readonly id: K;
  /** What it speaks of, for a person: `Who may talk to whom`. */
  readonly title: string;
  readonly schema: z.ZodType;
  /** Kinds of objects without which it can't be said to hold. */
  readonly reads: readonly KindKey[];
  /** The claim as one English sentence, when its owner wrote none. */
  statement(claim: ClaimOf<K>): string;
  /** The verdict that follows from the configuration. Removing input never moves it towards `holds`. */
  judge(claim: ClaimOf<K>, facts: Facts): Judgement & { readonly observed?: boolean };
  /** Why the claim speaks of nothing here; empty when it speaks of something. For `claims lint`. */
  emptiness(claim: ClaimOf<K>, facts: Facts): readonly Because[];
}

/** Checks the shape of a claim kind and keeps the type of its claims. */
export function defineClaimKind<K extends Claim['kind']>(kind: ClaimKind<K>): ClaimKind<K> {
  return kind;
}
