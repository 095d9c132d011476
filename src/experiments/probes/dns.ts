import { z } from 'zod';
import { addressOf, FromPod } from './connect.ts';
import { defineProbe } from './define-probe.ts';

/** Resolves a name from inside a pod, with the resolver configuration of that pod. */
export const dns = defineProbe({
  id: 'dns',
  title: 'Resolve a name from inside a pod',
  needs: ['get pods', 'create pods/exec'],
  parameters: z.strictObject({
    from: FromPod,
    name: z.string().min(1),
    timeoutMs: z.int().min(100).max(60_000).default(3_000),
  }),
  async run({ from, name, timeoutMs }, at) {
    const [asked] = await at.prober.ask(addressOf(from), [{ kind: 'dns', name, timeoutMs }], at.signal);
    const time = asked?.at ?? at.clock.now().toISOString();
    const who = `${from.namespace}/${from.pod} resolving ${name}`;
    if (asked?.answer.kind !== 'dns')
      return { ok: 'unknown', outcome: 'probeError', says: `${who}: no answer of the probe`, at: time };
    const { outcome, detail, addresses } = asked.answer;
    const ok = outcome === 'answered' ? true : outcome === 'probeError' ? 'unknown' : false;
    return { ok, outcome, says: `${who}: ${ok === true ? addresses.join(', ') : `${outcome} (${detail})`}`, at: time };
  },
});
