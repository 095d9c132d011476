import { defineEdge } from '../hops/define-edge.ts';
import { servicesReached } from './a3-open-service.ts';

export const dashboard = defineEdge({
  id: 'G6',
  title: 'a dashboard that lets everybody skip the login',
  technique: ['T1133'],
  matrix: ['TA9005'],
  cost: 1,
  from: ['Reach'],
  *hops(from, world) {
    yield* servicesReached('G6', from, world);
  },
  fix: 'Remove --enable-skip-login, and give its service account no rights of its own.',
  prove: 'Open one connection to the port; log in to nothing.',
});
