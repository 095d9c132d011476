import { connectAnswer, firstLine, outcomeOfWords, secondsOf, type ProbeClient } from './define-client.ts';

/** Exit status of coreutils' and busybox' `timeout` when the time was up (143: busybox' shell was terminated). */
const TIME_UP: readonly number[] = [124, 143];

/** bash opening /dev/tcp: needs nothing else but `timeout`. TCP only. With its stdin on a socket it would read ~/.bashrc. */
export const bashTcp: ProbeClient = {
  id: 'bash',
  program: 'bash',
  speaks: (request) => request.kind === 'connect' && request.protocol !== 'udp',
  command(request) {
    if (request.kind !== 'connect') return ['bash'];
    const script = 'exec 3<>"/dev/tcp/$1/$2"';
    const address = [request.host, `${request.port}`];
    return ['timeout', `${secondsOf(request)}`, 'bash', '--norc', '-c', script, 'seaworthy', ...address];
  },
  interpret(_request, { code, stderr }) {
    const words = firstLine(stderr);
    if (code === 0) return connectAnswer('connected', 'bash opened /dev/tcp');
    if (TIME_UP.includes(code)) return connectAnswer('timeout', 'time was up');
    return connectAnswer(outcomeOfWords(stderr) ?? 'probeError', words || `bash ended with ${code}`);
  },
};
