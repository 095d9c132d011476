import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSnapshot } from '../../../model/snapshot.ts';
import { actionTable } from '../hops/actions.ts';
import { closure, proofOf, type ClosureOptions } from './closure.ts';
import { defineEdge, type EdgeDefinition } from '../hops/define-edge.ts';
import { essentialObjects } from './essential.ts';
import { AttackGraph } from './graph.ts';
import { node, type AttackNode } from '../nodes.ts';
import { gatherFacts, worldOf } from '../facts/facts.ts';

/** An and/or graph without any cluster behind it: nodes are numbered, a rule has premises and one conclusion. */
interface Rule {
  readonly premises: readonly number[];
  readonly to: number;
  readonly cost: number;
  /** The object it needs: one of six. */
  readonly object: number;
}

const rules = fc.array(
  fc.record({
    premises: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 3 }),
    to: fc.nat(9),
    cost: fc.integer({ min: 0, max: 5 }),
    object: fc.nat(5),
  }),
  { maxLength: 25 },
);

const OBJECTS = [0, 1, 2, 3, 4, 5].map((number) => ({ apiVersion: 'v1', kind: 'Thing', name: String(number) }));

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
        if (from.name === String(first))
          yield { to: at(rule.to), and: others.map(at), needs: [OBJECTS[rule.object]!], because: () => [] };
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

const nowhere = worldOf(
  gatherFacts(createSnapshot({ source: { kind: 'files', description: '' }, resources: [] })),
  actionTable([]),
  [],
);

function run(graph: readonly Rule[], footholds: readonly number[], without: ClosureOptions['without'] = () => false) {
  const numbered = new AttackGraph(nowhere, edgesOf(graph));
  const start = footholds.map((number) => numbered.idOf(at(number)));
  const found = closure(numbered, { footholds: start, openToo: true, without });
  const held = new Map([...found.held].map(([id, one]) => [Number(numbered.nodeOf(id).name), one]));
  return {
    held,
    proof: (goal: number) => proofOf(found.held, numbered.idOf(at(goal))),
    nameOf: (id: number) => Number(numbered.nodeOf(id).name),
  };
}

const some = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 3 });

test('holds exactly what repeated application gives, each at its least cost', () => {
  fc.assert(
    fc.property(rules, some, (graph, footholds) => {
      const fast = [...run(graph, footholds).held].map(([number, { cost }]) => [number, cost]);
      expect(fast.sort()).toEqual([...slowCosts(graph, footholds)].sort());
    }),
    { numRuns: 300 },
  );
});

test('a proof rests only on footholds and on hops before it', () => {
  fc.assert(
    fc.property(rules, some, fc.nat(9), (graph, footholds, goal) => {
      const { held, proof, nameOf } = run(graph, footholds);
      fc.pre(held.has(goal));
      const known = new Set(footholds);
      for (const { from, and, to } of proof(goal)) {
        for (const premise of [from, ...and]) expect(known).toContain(nameOf(premise));
        known.add(nameOf(to));
      }
      expect(known).toContain(goal);
    }),
  );
});

test('leaving a rule out never gives more', () => {
  fc.assert(
    fc.property(rules, some, fc.nat(24), (graph, footholds, left) => {
      const all = run(graph, footholds).held;
      const fewer = run(graph, footholds, ({ edge }) => edge.id === `R${left}`).held;
      expect([...fewer.keys()].filter((number) => !all.has(number))).toEqual([]);
    }),
  );
});

test('essential is just what the goal can not be derived without', () => {
  fc.assert(
    fc.property(rules, some, fc.nat(9), (graph, footholds, goal) => {
      const numbered = new AttackGraph(nowhere, edgesOf(graph));
      const found = essentialObjects(numbered, {
        footholds: footholds.map((number) => numbered.idOf(at(number))),
        openToo: true,
        isGoal: (id) => id === numbered.idOf(at(goal)),
        candidates: OBJECTS.map((object) => numbered.objectId(object)),
      });
      const slow = OBJECTS.filter((_, object) => {
        const left = graph.filter((rule) => rule.object !== object);
        return !slowCosts(left, footholds).has(goal);
      });
      expect(found.map((id) => numbered.objectOf(id))).toEqual(slow);
    }),
    { numRuns: 200 },
  );
});
