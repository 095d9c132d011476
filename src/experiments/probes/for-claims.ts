import type { Claim } from '../../claims/claim.ts';
import { createFacts } from '../../claims/facts.ts';
import { analysed } from '../../claims/judge.ts';
import { accessProbe } from './claims/access.ts';
import { admissionProbe } from './claims/admission.ts';
import { attackPathProbe } from './claims/attack-path.ts';
import { sampleOf, type ClaimProbe, type ClaimWorld } from './claims/claim-probe.ts';
import { reachProbe } from './claims/reach.ts';
import { steadyStateProbe } from './claims/steady-state.ts';

export type { ClaimProbe, ClaimSample, ClaimWorld } from './claims/claim-probe.ts';

/** Makes a claim ready to be looked at live: the fewest observations that would show it to be false. */
export function probeFor(claim: Claim, world: ClaimWorld): ClaimProbe {
  switch (claim.kind) {
    case 'reach':
      return reachProbe(claim, world);
    case 'steadyState':
      return steadyStateProbe(claim, world);
    case 'access':
      return accessProbe(claim, world);
    case 'admission':
      return admissionProbe(claim, world) ?? configurationProbe(claim, world);
    case 'attackPath':
      return attackPathProbe(claim, world);
    case 'posture':
      return configurationProbe(claim, world);
  }
}

/** For claims about configuration, the cluster itself is the observation: it is read again, and judged again. */
function configurationProbe(claim: Claim, world: ClaimWorld): ClaimProbe {
  return {
    claim,
    uses: ['read'],
    tellsArmsApart: false,
    plan: ['read the cluster again and judge its configuration'],
    async sample() {
      const now = world.clock.now().toISOString();
      const { verdict, because } = analysed(claim, createFacts(await world.reread()));
      return sampleOf(now, [{ verdict, because }]);
    },
  };
}
