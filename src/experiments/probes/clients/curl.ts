import {
  connectAnswer,
  failedAnswer,
  firstLine,
  hostPort,
  httpAnswer,
  outcomeOfWords,
  secondsOf,
  type ProbeClient,
} from './define-client.ts';

/** Exit statuses of curl that tell us what came of the connection (man curl, EXIT CODES). */
const NAME_NOT_RESOLVED = 6;
const NOT_CONNECTED = 7;
const TIMED_OUT = 28;

/** curl: HTTP, and TCP by speaking HTTP to the port (any answer, even nonsense, comes after a handshake). */
export const curl: ProbeClient = {
  id: 'curl',
  program: 'curl',
  speaks: (request) => request.kind === 'http' || (request.kind === 'connect' && request.protocol !== 'udp'),
  command(request) {
    const seconds = `${secondsOf(request)}`;
    const url =
      request.kind === 'http'
        ? request.url
        : request.kind === 'connect'
          ? `http://${hostPort(request.host, request.port)}/`
          : '';
    const print = '%{http_code} %{time_connect}';
    return [
      'curl',
      // What the system said of the connection is only in the verbose words: "Connection refused".
      '-vskS',
      '-g',
      '-o',
      '/dev/null',
      '--connect-timeout',
      seconds,
      '--max-time',
      seconds,
      '-w',
      print,
      url,
    ];
  },
  interpret(request, { code, stdout, stderr }) {
    const words = firstLine(stderr.split('\n').findLast((line) => line.startsWith('curl: ')) ?? '');
    const [status, connectTime] = stdout.trim().split(' ');
    const handshake = Number(connectTime ?? 0) > 0;
    const refused = code === NOT_CONNECTED && outcomeOfWords(stderr) === 'refused';
    if (request.kind === 'connect') {
      if (handshake) return connectAnswer('connected', words || `HTTP ${status}`);
      if (refused) return connectAnswer('refused', words);
      if (code === TIMED_OUT) return connectAnswer('timeout', words);
      return connectAnswer('probeError', words || `curl ended with ${code}`);
    }
    if (request.kind !== 'http') return failedAnswer(request, 'curl can not ask that');
    if (code === 0) return httpAnswer('connected', `HTTP ${status}`, Number(status));
    if (refused) return httpAnswer('refused', words);
    if (code === TIMED_OUT) return httpAnswer('timeout', words);
    return httpAnswer('probeError', code === NAME_NOT_RESOLVED ? `name not resolved: ${words}` : words);
  },
};
