import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as openTcp, isIPv6 } from 'node:net';
import { lookup } from 'node:dns/promises';
import { performance } from 'node:perf_hooks';
import type { ConnectAnswer, ConnectAttempt, ConnectOutcome, ConnectRequest } from './requests.ts';

const DEFAULT_TIMEOUT_MS = 2_000;

interface Tried {
  readonly outcome: ConnectOutcome;
  readonly detail: string;
  readonly peer?: string;
}

/** Opens a connection (or asks a datagram to be answered) and says what came of it. Never rejects. */
export async function connect(request: ConnectRequest): Promise<ConnectAnswer> {
  const attempts: ConnectAttempt[] = [];
  let peer: string | undefined;
  let shown: ConnectAttempt | undefined;
  for (let n = 0; n < Math.max(1, request.count ?? 1); n++) {
    const begun = performance.now();
    const tried = await attempt(request);
    const done = {
      outcome: tried.outcome,
      detail: tried.detail,
      // Never 0, which means unknown.
      milliseconds: Math.ceil(performance.now() - begun),
    };
    attempts.push(done);
    peer = tried.peer ?? peer;
    if (shown?.outcome !== 'connected') shown = done;
  }
  return {
    kind: 'connect',
    ...(shown ?? { outcome: 'probeError', detail: 'no attempt was made', milliseconds: 0 }),
    ...(peer === undefined ? {} : { peer }),
    ...(attempts.length > 1 ? { attempts } : {}),
  };
}

async function attempt(request: ConnectRequest): Promise<Tried> {
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (request.protocol !== 'udp') return tcp(request, timeoutMs);
  try {
    // A connected UDP socket wants the address first: only then do ICMP errors come back to it.
    const { address } = await lookup(request.host);
    return await udp({ ...request, host: address }, timeoutMs);
  } catch (thrown) {
    return fromError(thrown);
  }
}

function tcp(request: ConnectRequest, timeoutMs: number): Promise<Tried> {
  return new Promise((resolve) => {
    const socket = openTcp({
      host: request.host,
      port: request.port,
      ...(request.source === undefined ? {} : { localAddress: request.source }),
    });
    const late = afterPolling(timeoutMs, () => end({ outcome: 'timeout', detail: `no answer in ${timeoutMs} ms` }));
    let ended = false;
    const end = (tried: Tried): void => {
      if (ended) return;
      ended = true;
      late.cancel();
      // A reset instead of a FIN: hundreds of probes leave no socket in TIME-WAIT behind. While it still connects it
      // could only be reset after it has, that is, after the kernel's own two minutes.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
      resolve(tried);
    };
    socket.once('connect', () =>
      end({ outcome: 'connected', detail: 'handshake', peer: addressText(socket.remoteAddress, socket.remotePort) }),
    );
    socket.on('error', (error) => end(fromError(error)));
  });
}

function udp(request: ConnectRequest, timeoutMs: number): Promise<Tried> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(request.host) ? 'udp6' : 'udp4');
    const payload = randomUUID();
    const peer = addressText(request.host, request.port);
    let ended = false;
    const end = (tried: Tried): void => {
      if (ended) return;
      ended = true;
      late.cancel();
      clearInterval(again);
      socket.close();
      resolve(tried);
    };
    const late = afterPolling(timeoutMs, () => end({ outcome: 'timeout', detail: `no answer in ${timeoutMs} ms` }));
    const send = (): void => socket.send(payload, (error) => (error ? end(fromError(error)) : undefined));
    // Datagrams get lost: three tries within the time allowed.
    const again = setInterval(send, Math.max(50, timeoutMs / 3));
    socket.on('error', (error) => end(fromError(error)));
    socket.on('message', (message) =>
      end({ outcome: 'connected', detail: message.toString() === payload ? 'echo' : 'reply', peer }),
    );
    socket.once('listening', () => socket.connect(request.port, request.host));
    socket.once('connect', send);
    socket.bind(0, request.source);
  });
}

/**
 * Does something after a time, and after the answers that have arrived until then were seen: on a machine so busy that
 * this process did not get to run, an answer and the end of its time are found at the same moment, and the answer counts.
 */
function afterPolling(milliseconds: number, work: () => void): { cancel(): void } {
  let soon: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (soon = setImmediate(work)), milliseconds);
  return {
    cancel() {
      clearTimeout(timer);
      clearImmediate(soon);
    },
  };
}

function addressText(host: string | undefined, port: number | undefined): string {
  return host !== undefined && isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * What an error of the system means for the target. A reset is its own answer; "no route to host" is what an ICMP
 * rejection from a filter on the way arrives as. All else says nothing of the target.
 */
function fromError(thrown: unknown): Tried {
  const code =
    thrown instanceof Error && 'code' in thrown ? String(thrown.code) : thrown instanceof Error ? thrown.message : '';
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EHOSTUNREACH':
      return { outcome: 'refused', detail: code };
    case 'ETIMEDOUT':
      return { outcome: 'timeout', detail: code };
    default:
      return { outcome: 'probeError', detail: code === '' ? String(thrown) : code };
  }
}

/** The same reading of system errors for probes over HTTP. */
export const outcomeOfError = (thrown: unknown): { readonly outcome: ConnectOutcome; readonly detail: string } => {
  const { outcome, detail } = fromError(thrown);
  return { outcome, detail };
};
