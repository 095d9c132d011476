import { programFile } from '../programs.ts';

/** Where a container finds the lab's programs and the Node that runs them. */
export const CONTAINER_NODE = '/opt/seaworthy/node';
export const CONTAINER_SOURCE = '/opt/seaworthy/src';

/** The command line, inside a container, of a program in `images/programs/`. */
export function nodeProgram(name: string): readonly string[] {
  return [
    CONTAINER_NODE,
    '--max-semi-space-size=1',
    `${CONTAINER_SOURCE}/${programFile(`lab/images/programs/${name}`)}`,
  ];
}
