import { nodeProgram } from './node-program.ts';
import type { LabImage } from './image.ts';

/** A small key-value store over HTTP, on the port its environment names. */
export const store: LabImage = {
  repository: 'seaworthy.dev/store',
  title: 'Key-value store: GET, PUT and DELETE of /KEY',
  entrypoint: nodeProgram('store'),
  command: [],
  env: { PORT: '5432' },
  user: { uid: 0, gid: 0 },
  workingDir: '/',
};
