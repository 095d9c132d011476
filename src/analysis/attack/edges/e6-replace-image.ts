import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { changeableUnder } from '../hops/rights.ts';
import { byTheRight } from '../hops/hops.ts';

export const replaceImage = defineEdge({
  id: 'E6',
  title: 'replace the image of a running pod',
  technique: ['T1610'],
  cost: 1,
  from: actions(['patch', 'update'], ['pods']),
  *hops(right, world) {
    for (const { to, needs } of changeableUnder(right, world)) yield { to, needs, because: byTheRight };
  },
  fix: 'Remove patch and update on pods.',
  prove: 'Ask for an access review; server-side dry run of the image change.',
});
