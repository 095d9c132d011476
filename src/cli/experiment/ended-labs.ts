import { connect } from 'node:net';
import { conductorLives, listRuns, openJournal, readJournal } from '../../experiments/journal/local-journal.ts';
import { LAB_CONTEXT } from '../../lab/host/kubeconfig.ts';

/**
 * Closes the runs whose lab has ended: a lab takes all that was changed in it along, so there is nothing to undo. Gives
 * their names. A lab has ended when nobody answers at its port of this machine any more.
 */
export async function closeRunsOfEndedLabs(state: string, now: () => Date): Promise<readonly string[]> {
  const closed: string[] = [];
  for (const run of listRuns(state)) {
    const entries = readJournal(state, run);
    const begin = entries.find((entry) => entry.kind === 'begin');
    if (begin?.context !== LAB_CONTEXT || entries.some((entry) => entry.kind === 'end')) continue;
    if (conductorLives(entries) || (await isAnswered(begin.server))) continue;
    const journal = openJournal(state, run);
    journal.append({ kind: 'end', at: now().toISOString(), state: 'ended with its lab' });
    journal.close();
    closed.push(run);
  }
  return closed;
}

/** Whether anybody accepts connections there. Only a refusal says no: what is silent may only be busy. */
function isAnswered(server: string): Promise<boolean> {
  const { hostname, port } = new URL(server);
  return new Promise((settle) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 5_000 });
    const end = (answered: boolean): void => {
      socket.destroy();
      settle(answered);
    };
    socket.on('connect', () => end(true)).on('timeout', () => end(true));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code !== 'ECONNREFUSED'));
  });
}
