import type { Claim } from '../claim.ts';
import type { ClaimKind } from '../kind.ts';
import { access } from './access.ts';
import { admission } from './admission.ts';
import { attackPath } from './attack-path.ts';
import { posture } from './posture.ts';
import { reach } from './reach.ts';
import { steadyState } from './steady-state.ts';

/** Every kind of claim that can be judged. */
export const KINDS = { reach, access, admission, posture, attackPath, steadyState } as const;

/** The kind of a claim, with the claim's own type. */
export function kindOf<K extends Claim['kind']>(claim: Extract<Claim, { readonly kind: K }>): ClaimKind<K> {
  return KINDS[claim.kind] as unknown as ClaimKind<K>;
}
