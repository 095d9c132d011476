import { z } from 'zod';
import { API_VERSION } from '../../model/api-version.ts';
import { defineFault } from './define-fault.ts';
import { injectionId } from './injection-id.ts';

/** Does nothing. An experiment that blames it for something is wrong: the negative control of the whole apparatus. */
export const sham = defineFault({
  id: 'sham',
  title: 'Nothing at all, to calibrate',
  tier: 'none',
  breaks: [],
  oneShot: false,
  parameters: z.strictObject({}),
  async preflight(_parameters, at) {
    const id = injectionId(at.rng);
    return {
      kind: 'ready',
      injections: [
        {
          fault: 'sham',
          id,
          run: at.run,
          target: { apiVersion: API_VERSION, kind: 'Nothing', name: id },
          says: 'do nothing',
          touches: { namespaces: [], pods: [], nodes: [] },
          data: {},
        },
      ],
    };
  },
  async apply() {
    return { kind: 'applied' };
  },
  async undo() {
    return { kind: 'undone', says: 'nothing was done' };
  },
  async residue() {
    return [];
  },
  endsBy: () => ({ by: 'nothing', says: 'nothing is done' }),
  async bit() {
    return { bit: true, says: 'a sham bites by not biting' };
  },
});
