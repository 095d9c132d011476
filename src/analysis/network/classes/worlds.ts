import type { Classes } from './classes.ts';

/** The reading of host-network pods in which two peers meet: `any` when neither is one, none when their readings contradict. */
export type World = 'any' | 'pod' | 'node';

export function worldOf(classes: Classes, source: number, destination: number): World | undefined {
  const a = readingOf(classes, source);
  const b = readingOf(classes, destination);
  if (a === 'any') return b;
  return b === 'any' || a === b ? a : undefined;
}

function readingOf(classes: Classes, peer: number): World {
  const podClass = classes.all[peer];
  return podClass?.hostNetwork === true ? podClass.reading : 'any';
}
