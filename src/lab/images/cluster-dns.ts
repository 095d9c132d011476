import { nodeProgram } from './node-program.ts';
import type { LabImage } from './image.ts';

/** Answers the cluster's names. */
export const clusterDns: LabImage = {
  repository: 'seaworthy.dev/cluster-dns',
  title: 'DNS responder for Services and pods',
  entrypoint: nodeProgram('cluster-dns'),
  command: [],
  env: { PORT: '53' },
  user: { uid: 0, gid: 0 },
  workingDir: '/',
};
