import { nodeProgram } from './node-program.ts';
import type { LabImage } from './image.ts';

/** One service of the demo shop. Which one it is comes from its environment: see programs/shop-service.ts. */
export const shopService: LabImage = {
  repository: 'seaworthy.dev/shop/*',
  title: 'A service of the demo shop: answers HTTP, calls its upstreams, uses a store',
  entrypoint: nodeProgram('shop-service'),
  command: [],
  env: {},
  user: { uid: 0, gid: 0 },
  workingDir: '/',
};
