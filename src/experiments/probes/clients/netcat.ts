import { connectAnswer, firstLine, outcomeOfWords, secondsOf, type ProbeClient } from './define-client.ts';

/** nc, of busybox or any other kin: they share `-w SECONDS HOST PORT` and connect before they read. TCP only. */
export const netcat: ProbeClient = {
  id: 'netcat',
  program: 'nc',
  speaks: (request) => request.kind === 'connect' && request.protocol !== 'udp',
  command(request) {
    if (request.kind !== 'connect') return ['nc'];
    // stdin is empty, so nc hangs up after the handshake; the address travels as arguments, never as shell text.
    const script = 'exec nc -w "$1" "$2" "$3" </dev/null >/dev/null';
    return ['sh', '-c', script, 'seaworthy', `${secondsOf(request)}`, request.host, `${request.port}`];
  },
  interpret(_request, { code, stderr }) {
    const words = firstLine(stderr);
    if (code === 0) return connectAnswer('connected', 'nc connected');
    return connectAnswer(outcomeOfWords(words) ?? 'probeError', words || `nc ended with ${code}`);
  },
};
