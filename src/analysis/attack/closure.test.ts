import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSnapshot } from '../../model/snapshot.ts';
import { closure, proofOf, type ClosureOptions } from './closure.ts';
import { defineEdge, type EdgeDefinition } from './define-edge.ts';
import { formatNode, node, type AttackNode } from './nodes.ts';
import { World } from './world.ts';

/** An and/or graph without any cluster behind it: nodes are numbered, a rule has premises and one conclusion. */
interface Rule {
  readonly premises: readonly number[];
  readonly to: number;
  readonly cost: number;
}

const rules = fc.array(
  fc.record({
    premises: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 3 }),
    to: fc.nat(9),
    cost: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 25 },
);

const at = (number: number): AttackNode => node('Identity', String(number));

function edgesOf(graph: readonly Rule[]): readonly EdgeDefinition[] {
  return graph.map((rule, index) =>
    defineEdge({
      id: `R${index}`,
      title: '',
      technique: [],
      cost: rule.cost,
      from: ['Identity'],
      *hops(from) {
        const [first, ...others] = rule.premises;
        if (from.name === String(first)) yield { to: at(rule.to), and: others.map(at), needs: [], because: [] };
      },
      fix: '',
      prove: '',
    }),
  );
}

/** The slow way: apply every rule until nothing gets cheaper. */
function slowCosts(graph: readonly Rule[], footholds: readonly number[]): Map<number, number> {
  const cost = new Map(footholds.map((number) => [number, 0]));
  for (let changed = true; changed;) {
    changed = false;
    for (const rule of graph) {
      const parts = rule.premises.map((premise) => cost.get(premise));
      if (parts.includes(undefined)) continue;
      const total = parts.reduce<number>((sum, part) => sum + (part ?? 0), rule.cost);
      if (total < (cost.get(rule.to) ?? Infinity)) {
        cost.set(rule.to, total);
        changed = true;
      }
    }
  }
  return cost;
}

const nowhere = new World({
  snapshot: createSnapshot({ source: { kind: 'files', description: '' }, resources: [] }),
  engines: {
    rulesOf: () => [],
    subjects: [],
    reaches: () => ({ holds: false, because: [] }),
    reachesApi: () => ({ holds: false, because: [] }),
    exposed: [],
  },
  units: [],
  weaknesses: [],
  asked: [],
});

function run(graph: readonly Rule[], footholds: readonly number[], more: Partial<ClosureOptions> = {}) {
  return closure(nowhere, { footholds: footholds.map(at), edges: edgesOf(graph), openToo: true, ...more });
}

test('holds exactly what repeated application gives, each at its least cost', () => {
  fc.assert(
    fc.property(rules, fc.uniqueArray(fc.nat(9), { maxLength: 3 }), (graph, footholds) => {
      const fast = new Map(
        [...run(graph, footholds).values()].map(({ node: held, cost }) => [Number(held.name), cost]),
      );
      expect([...fast].sort()).toEqual([...slowCosts(graph, footholds)].sort());
    }),
    { numRuns: 500 },
  );
});

test('a proof rests only on footholds and on hops before it', () => {
  fc.assert(
    fc.property(
      rules,
      fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 2 }),
      fc.nat(9),
      (graph, footholds, goal) => {
        const held = run(graph, footholds);
        fc.pre(held.has(formatNode(at(goal))));
        const known = new Set(footholds.map((number) => formatNode(at(number))));
        for (const { from, hop } of proofOf(held, at(goal))) {
          for (const premise of [from, ...(hop.and ?? [])]) expect(known).toContain(formatNode(premise));
          known.add(formatNode(hop.to));
        }
        expect(known).toContain(formatNode(at(goal)));
      },
    ),
  );
});

test('leaving a rule out never gives more', () => {
  fc.assert(
    fc.property(rules, fc.uniqueArray(fc.nat(9), { maxLength: 3 }), fc.nat(24), (graph, footholds, left) => {
      const all = run(graph, footholds);
      const fewer = run(graph, footholds, { without: ({ edge }) => edge.id === `R${left}` });
      expect([...fewer.keys()].filter((id) => !all.has(id))).toEqual([]);
    }),
  );
});
