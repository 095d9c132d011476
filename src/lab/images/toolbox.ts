import type { LabImage } from './image.ts';

/** A shell with the usual tools of the machine, and `seaworthy-probe`. Waits when it is given nothing to do. */
export const toolbox: LabImage = {
  repository: 'seaworthy.dev/toolbox',
  title: 'Shell with the usual tools',
  entrypoint: [],
  command: ['sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'],
  env: {},
  user: { uid: 0, gid: 0 },
  workingDir: '/',
};
