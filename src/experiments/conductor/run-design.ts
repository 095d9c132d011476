import { parseDuration } from '../../model/duration.ts';
import type { PhaseName } from '../design/run-record.ts';
import type { Rng } from '../ports.ts';
import type { Moment } from '../sampler.ts';
import type { Design } from '../schema.ts';
import { drawBlocks } from '../statistics/assignment.ts';

/** What a design is run with: the hands of the conductor. */
export interface DesignRun {
  readonly design: Design;
  readonly phase: (name: PhaseName, lasts: number, block?: number) => Promise<void>;
  readonly inject: () => Promise<void>;
  readonly takeBack: () => Promise<void>;
  readonly lookWhetherItBit: () => Promise<void>;
  readonly ended: () => boolean;
  readonly setMoment: (moment: Moment) => void;
  readonly rng: Rng;
}

/** The part of a run in which the faults come and go. */
export async function runDesign(run: DesignRun): Promise<void> {
  const { design, phase, inject, takeBack, lookWhetherItBit, ended, setMoment, rng } = run;
  if (design.kind !== 'switchback') {
    setMoment({ phase: 'washout' });
    await inject();
    await Promise.all([phase('during', ms(design.during)), lookWhetherItBit()]);
    return;
  }
  const washout = Math.min(ms(design.washout), ms(design.block));
  for (const [block, arm] of drawBlocks(design.blocks, rng).entries()) {
    if (ended()) return;
    setMoment({ phase: 'washout', block });
    if (arm === 'on') await inject();
    else await takeBack();
    const looking = arm === 'on' ? lookWhetherItBit() : undefined;
    await phase('washout', washout, block);
    await phase(arm, ms(design.block) - washout, block);
    await looking;
    if (arm === 'on') await takeBack();
  }
}

function ms(written: string): number {
  return parseDuration(written) ?? 0;
}
