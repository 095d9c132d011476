import type { ProbeRequest } from '../../../agent/requests.ts';
import {
  connectAnswer,
  failedAnswer,
  firstLine,
  hostPort,
  httpAnswer,
  outcomeOfWords,
  secondsOf,
  type Answer,
  type Exited,
  type ProbeClient,
} from './define-client.ts';

/**
 * The `probe` program of the image `localhost/probe:1` (../shared/real-cluster in development): `probe tcp|udp|http|dns`.
 * Its messages are those of Go's net package: `dial` before the handshake, `read` after it.
 */
export const probeImage: ProbeClient = {
  id: 'probe',
  program: 'probe',
  speaks: (request) => request.kind !== 'whoami',
  command(request) {
    const wait = ['-t', `${secondsOf(request)}`];
    switch (request.kind) {
      case 'connect':
        return ['probe', request.protocol ?? 'tcp', ...wait, hostPort(request.host, request.port)];
      case 'http':
        return ['probe', 'http', ...wait, request.url];
      case 'dns':
        return ['probe', 'dns', request.name];
      case 'whoami':
        return ['probe', 'whoami'];
    }
  },
  interpret,
};

function interpret(request: ProbeRequest, { code, stdout, stderr }: Exited): Answer {
  const words = firstLine(stderr);
  if (/^lookup |: lookup /.test(words)) {
    if (request.kind !== 'dns') return failedAnswer(request, words);
    const outcome = /no such host/.test(words) ? 'noSuchName' : /i\/o timeout/.test(words) ? 'timeout' : 'probeError';
    return { kind: 'dns', outcome, detail: words, milliseconds: 0, addresses: [] };
  }
  switch (request.kind) {
    case 'connect':
      if (code === 0) return connectAnswer('connected', firstLine(stdout) || 'answered');
      // The handshake was done; the server then said nothing to our greeting, or hung up on it.
      if (request.protocol !== 'udp' && /^(read|write) tcp|^EOF$/.test(words)) return connectAnswer('connected', words);
      return connectAnswer(outcomeOfWords(words) ?? 'probeError', words);
    case 'http': {
      const status = /^(\d{3}) /.exec(words)?.[1];
      if (code === 0) return httpAnswer('connected', 'HTTP 2xx or 3xx', 200, stdout);
      if (status !== undefined) return httpAnswer('connected', words, Number(status), stdout);
      return httpAnswer(outcomeOfWords(words) ?? 'probeError', words);
    }
    case 'dns':
      if (code !== 0) return failedAnswer(request, words);
      return { kind: 'dns', outcome: 'answered', detail: 'A', milliseconds: 0, addresses: stdout.trim().split(/\s+/) };
    case 'whoami':
      return failedAnswer(request, 'this program can not say who it runs as');
  }
}
