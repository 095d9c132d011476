import { isRecord } from '../../../model/json.ts';
import { failedAnswer, type Answer, type ProbeClient } from './define-client.ts';

/** Our own probe program, in every image of the lab: speaks everything and says what it saw as JSON. */
export const seaworthyProbe: ProbeClient = {
  id: 'seaworthy-probe',
  program: 'seaworthy-probe',
  speaks: () => true,
  command(request) {
    const timeout =
      'timeoutMs' in request && request.timeoutMs !== undefined ? ['--timeout', `${request.timeoutMs}`] : [];
    switch (request.kind) {
      case 'connect': {
        const host = request.host.includes(':') ? `[${request.host}]` : request.host;
        const to = ['--to', `${host}:${request.port}`, '--protocol', request.protocol ?? 'tcp'];
        return ['seaworthy-probe', 'connect', ...to, ...timeout];
      }
      case 'http':
        return ['seaworthy-probe', 'http', request.url, ...timeout];
      case 'dns':
        return ['seaworthy-probe', 'dns', request.name, ...timeout];
      case 'whoami':
        return ['seaworthy-probe', 'whoami'];
    }
  },
  interpret(request, { code, stdout, stderr }) {
    return parseAnswer(stdout) ?? failedAnswer(request, stderr === '' ? `exit status ${code}` : stderr);
  },
};

/** One line the probe printed; undefined when it is no answer. */
export function parseAnswer(line: string): Answer | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) && typeof parsed['kind'] === 'string' ? (parsed as unknown as Answer) : undefined;
  } catch {
    return undefined;
  }
}
