import { z } from 'zod';
import { addressOf, FromPod } from './connect.ts';
import { defineProbe } from './define-probe.ts';

/** Asks a URL from inside a pod, as a client of the service would. */
export const http = defineProbe({
  id: 'http',
  title: 'Ask a URL from inside a pod',
  needs: ['get pods', 'create pods/exec'],
  parameters: z.strictObject({
    from: FromPod,
    url: z.url({ protocol: /^https?$/ }),
    status: z.array(z.int()).min(1).optional().describe('What counts as success; below 400 when absent.'),
    timeoutMs: z.int().min(100).max(60_000).default(5_000),
  }),
  async run({ from, url, status, timeoutMs }, at) {
    const [asked] = await at.prober.ask(addressOf(from), [{ kind: 'http', url, timeoutMs }], at.signal);
    const time = asked?.at ?? at.clock.now().toISOString();
    const who = `${from.namespace}/${from.pod} asking ${url}`;
    if (asked?.answer.kind !== 'http')
      return { ok: 'unknown', outcome: 'probeError', says: `${who}: no answer of the probe`, at: time };
    const { outcome, detail, milliseconds } = asked.answer;
    const timed = milliseconds > 0 ? { milliseconds } : {};
    if (outcome === 'probeError')
      return { ok: 'unknown', outcome, says: `${who}: could not be asked: ${detail}`, at: time, ...timed };
    if (outcome !== 'connected')
      return { ok: false, outcome, says: `${who}: ${outcome} (${detail})`, at: time, ...timed };
    const got = asked.answer.status ?? 0;
    const good = status ? status.includes(got) : got > 0 && got < 400;
    return { ok: good, outcome: `HTTP ${got}`, says: `${who}: HTTP ${got}`, at: time, ...timed };
  },
});
