import type { ProbeRequest } from '../../../agent/requests.ts';
import { record } from '../../../model/json.ts';
import type { Answer } from '../clients/define-client.ts';
import { parseAnswer } from '../clients/seaworthy-probe.ts';
import type { Protocol } from './protocol.ts';

/** Our own probe program: a request a line, as JSON, and an answer a line. */
export const probeLines: Protocol<ProbeRequest, Answer> = {
  command: ['seaworthy-probe', 'batch'],
  atOnce: 64,
  hello: `${JSON.stringify({ id: 0, kind: 'whoami' })}\n`,
  write: (id, request) => `${JSON.stringify({ ...request, id })}\n`,
  reader: () => (line) => {
    const answer = parseAnswer(line);
    const { id } = record(answer);
    return answer && typeof id === 'number' ? { id, answer } : undefined;
  },
};
