import { refOf } from '../../model/object.ts';
import { derived, nameOf, type Derivation } from './derivation.ts';

/** A budget is there to protect pods while nodes are drained, not to make draining impossible. */
export const disruptionBudgets: Derivation = {
  id: 'disruption-budgets',
  from: 'PodDisruptionBudget.policy',
  title: 'A disruption budget lets at least one of its pods go',
  derive: ({ snapshot }) =>
    snapshot.list('PodDisruptionBudget.policy').map(({ object }) => {
      const { name, namespace = 'default' } = object.metadata;
      return derived(
        {
          name: nameOf('pdb', name),
          namespace,
          severity: 'medium',
          from: [refOf(object)],
          rationale:
            'A disruption budget that lets no pod go stops every node drain, and with it upgrades and security patches of nodes.',
        },
        { kind: 'steadyState', spec: { probe: { disruption: { budget: name, evictable: 1 } }, window: '10s' } },
      );
    }),
};
