import { failedAnswer, firstLine, httpAnswer, outcomeOfWords, secondsOf, type ProbeClient } from './define-client.ts';

/** wget, of GNU or busybox: HTTP only. */
export const wget: ProbeClient = {
  id: 'wget',
  program: 'wget',
  speaks: (request) => request.kind === 'http',
  command(request) {
    if (request.kind !== 'http') return ['wget'];
    return ['wget', '-S', '-T', `${secondsOf(request)}`, '-O', '/dev/null', request.url];
  },
  interpret(request, { code, stderr }) {
    if (request.kind !== 'http') return failedAnswer(request, 'wget can not ask that');
    // With redirects there are several status lines; the last is the answer.
    const status = [...stderr.matchAll(/HTTP\/[\d.]+ (\d{3})/g)].at(-1)?.[1];
    if (status !== undefined) return httpAnswer('connected', `HTTP ${status}`, Number(status));
    const words = stderr.trim().split('\n').at(-1) ?? '';
    return httpAnswer(outcomeOfWords(stderr) ?? 'probeError', firstLine(words) || `wget ended with ${code}`);
  },
};
