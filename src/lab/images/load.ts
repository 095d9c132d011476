import { nodeProgram } from './node-program.ts';
import type { LabImage } from './image.ts';

/** A load generator: so many requests a second to a URL, whatever the answers. */
export const load: LabImage = {
  repository: 'seaworthy.dev/load',
  title: 'Load generator with an open loop and figures on /metrics',
  entrypoint: nodeProgram('load'),
  command: [],
  env: { PORT: '8080', RATE: '5' },
  user: { uid: 65_534, gid: 65_534 },
  workingDir: '/',
};
