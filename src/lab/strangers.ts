import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import type { ExecResult, ExecSession } from '../cluster/types.ts';

/** Starts a probe program outside the cluster of a running lab, and keeps its streams open (see `LabPaths.outsideSocket`). */
export async function openStranger(socket: string): Promise<ExecSession> {
  const wire = createConnection(socket);
  let because = 'the connection was lost';
  wire.on('error', (error) => (because = error.message));
  const ended = new Promise<ExecResult>((settle) => wire.on('close', () => settle({ kind: 'failed', because })));
  return {
    lines: createInterface({ input: wire }),
    write: (text) => void wire.write(text),
    end: () => void wire.end(),
    close: () => void wire.destroy(),
    ended,
  };
}
