import type { Case } from './case.ts';
import { DEFAULTS } from './defaults.ts';
import { EVICTIONS } from './evictions.ts';
import { LISTS } from './lists.ts';
import { OBJECTS } from './objects.ts';
import { PATCHES } from './patches.ts';

/** Everything that is asked of a real API server and of the lab's, in this order. */
export const CASES: readonly Case[] = [...OBJECTS, ...DEFAULTS, ...LISTS, ...PATCHES, ...EVICTIONS];
