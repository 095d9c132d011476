import type { Experiment } from '../schema.ts';

/**
 * Experiments that do the same harm become one whose hypothesis has the claims of all: what is broken once tries
 * every claim that could suffer from it. In the order of their first members.
 */
export function mergeByFault(experiments: readonly Experiment[]): readonly Experiment[] {
  const merged = new Map<string, Experiment>();
  for (const experiment of experiments) {
    const { spec } = experiment;
    const key = JSON.stringify([spec.faults, spec.design]);
    const known = merged.get(key);
    if (!known) {
      merged.set(key, experiment);
      continue;
    }
    const claims = new Set(known.spec.hypothesis.map(({ claim }) => claim));
    const { namespaces, maxPods, maxNodes } = known.spec.blastRadius;
    merged.set(key, {
      ...known,
      spec: {
        ...known.spec,
        hypothesis: [...known.spec.hypothesis, ...spec.hypothesis.filter(({ claim }) => !claims.has(claim))],
        stopWhen: [...known.spec.stopWhen, ...spec.stopWhen],
        blastRadius: {
          namespaces: [...new Set([...namespaces, ...spec.blastRadius.namespaces])],
          maxPods: Math.max(maxPods, spec.blastRadius.maxPods),
          maxNodes: Math.max(maxNodes, spec.blastRadius.maxNodes),
        },
      },
    });
  }
  return [...merged.values()];
}
