import { parseDuration } from '../../model/duration.ts';
import type { Rng } from '../ports.ts';
import type { Design } from '../schema.ts';
import { drawBlocks } from '../statistics/assignment.ts';
import type { Ending } from './ending.ts';
import type { Treatment } from './treatment.ts';
import type { Phases } from './phases.ts';

/** What a design is run with. */
export interface DesignRun {
  readonly design: Design;
  readonly phases: Phases;
  readonly treatment: Treatment;
  readonly ending: Ending;
  readonly rng: Rng;
}

/** The part of a run in which the faults come and go. */
export async function runDesign({ design, phases, treatment, ending, rng }: DesignRun): Promise<void> {
  if (design.kind !== 'switchback') {
    phases.enter({ phase: 'washout' });
    await treatment.inject();
    await Promise.all([phases.pass('during', ms(design.during)), treatment.lookWhetherItBit()]);
    return;
  }
  const washout = Math.min(ms(design.washout), ms(design.block));
  for (const [block, arm] of drawBlocks(design.blocks, rng).entries()) {
    if (ending.why) return;
    phases.enter({ phase: 'washout', block });
    if (arm === 'on') await treatment.inject();
    else await treatment.takeBack();
    const looking = arm === 'on' ? treatment.lookWhetherItBit() : undefined;
    await phases.pass('washout', washout, block);
    await phases.pass(arm, ms(design.block) - washout, block);
    await looking;
    if (arm === 'off') continue;
    phases.enter({ phase: 'washout', block });
    await treatment.takeBack();
  }
}

function ms(written: string): number {
  return parseDuration(written) ?? 0;
}
