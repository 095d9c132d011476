import { lookup, Resolver } from 'node:dns/promises';
import { performance } from 'node:perf_hooks';
import type { DnsAnswer, DnsRequest } from './requests.ts';

/**
 * Resolves a name. Without a server as a program of this pod would (search domains included), to addresses of both
 * families; with one, exactly this name (A records). Never rejects.
 */
export async function dns(request: DnsRequest): Promise<DnsAnswer> {
  const begun = performance.now();
  const answer = (outcome: DnsAnswer['outcome'], detail: string, addresses: readonly string[] = []): DnsAnswer => ({
    kind: 'dns',
    outcome,
    detail,
    milliseconds: Math.round(performance.now() - begun),
    addresses,
  });
  const timeoutMs = request.timeoutMs ?? 3_000;
  try {
    const found = await withTimeout(resolveName(request, timeoutMs), timeoutMs);
    return found === undefined
      ? answer('timeout', `no answer in ${timeoutMs} ms`)
      : answer('answered', found.join(', '), found);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
    if (code === 'ENOTFOUND' || code === 'ENODATA') return answer('noSuchName', code);
    if (code === 'ETIMEOUT' || code === 'EAI_AGAIN') return answer('timeout', code);
    if (code === 'ECONNREFUSED' || code === 'EREFUSED') return answer('refused', code);
    return answer('probeError', code);
  }
}

async function resolveName(request: DnsRequest, timeoutMs: number): Promise<readonly string[]> {
  if (request.server === undefined) {
    return (await lookup(request.name, { all: true })).map((found) => found.address);
  }
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 });
  resolver.setServers([request.server]);
  return resolver.resolve4(request.name);
}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs + 50);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
