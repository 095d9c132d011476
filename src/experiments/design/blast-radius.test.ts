import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Touches } from '../faults/define-fault.ts';
import { blastRadius, touchedBy } from './blast-radius.ts';

const limit = { namespaces: ['shop'], maxPods: 2, maxNodes: 1 };
const touching = (touches: Partial<Touches>): { touches: Touches } => ({
  touches: { namespaces: [], pods: [], nodes: [], ...touches },
});

test('what several faults touch is counted once', () => {
  const twice = [touching({ pods: ['shop/a', 'shop/b'] }), touching({ pods: ['shop/b'], namespaces: ['shop'] })];
  expect(touchedBy(twice)).toEqual({ namespaces: ['shop'], pods: ['shop/a', 'shop/b'], nodes: [] });
  expect(blastRadius(limit, twice).within).toBe(true);
});

describe('is exceeded', () => {
  test.each([
    [{ pods: ['shop/a', 'shop/b', 'shop/c'] }, 'it would touch 3 pods, the limit is 2'],
    [{ nodes: ['one', 'two'] }, 'it would touch 2 nodes, the limit is 1'],
    [{ namespaces: ['other'] }, 'it would touch namespace other, which spec.blastRadius.namespaces does not name'],
    [
      { namespaces: ['kube-system'] },
      'it would touch namespace kube-system (the control plane runs there), which spec.blastRadius.namespaces does not name',
    ],
    [{ pods: ['shop/me'] }, 'it would touch shop/me, where this very program runs'],
  ])('by %j', (touches, because) => {
    expect(blastRadius(limit, [touching(touches)], ['shop/me'])).toMatchObject({ within: false, because: [because] });
  });
});

test('touching more never makes it fit', () => {
  const names = fc.array(fc.constantFrom('shop/a', 'shop/b', 'shop/c', 'shop/d'));
  fc.assert(
    fc.property(names, names, (few, more) => {
      const small = blastRadius(limit, [touching({ pods: few })]);
      const large = blastRadius(limit, [touching({ pods: few }), touching({ pods: more })]);
      if (!small.within) expect(large.within).toBe(false);
    }),
  );
});
