import type { ConnectRequest } from '../../agent/requests.ts';
import { contains, parseCidr, parseIp } from '../../analysis/network/addresses/ip.ts';
import type { ExecSession } from '../../cluster/types.ts';
import { isIPv6 } from './connect.ts';
import { ANSWER_GRACE_MS } from './transport.ts';
import { failedAnswer } from './clients/define-client.ts';
import { seaworthyProbe } from './clients/seaworthy-probe.ts';
import { createPool } from './conversations/pool.ts';
import { probeLines } from './conversations/probe-lines.ts';
import type { Asked } from './transport.ts';

/** A place outside the cluster from which connections can be opened. */
export interface Outside {
  /** Asks all at the same time, from one address. Never rejects. */
  ask(from: string, requests: readonly ConnectRequest[], signal?: AbortSignal): Promise<readonly Asked[]>;
  /** Whether connections can be opened from this address. */
  canBe(address: string): boolean;
  /** What answers everybody of this address's family out there: a place that does not reach it reaches nothing. */
  controlsFor(address: string): readonly ConnectRequest[];
  /** Ends what was started to be asked. The next question starts it again. */
  hangUp(): Promise<void>;
}

/** A place outside the cluster, and what can be reached from there. */
export interface OutsideOptions {
  /** Starts our own probe program there. */
  readonly open: () => Promise<ExecSession>;
  /** One for each family. */
  readonly controls: readonly ConnectRequest[];
  /** Networks of the cluster itself (CIDR): nobody outside has an address of these, or of a family that is not among them. */
  readonly cluster: readonly string[];
  readonly now: () => Date;
}

const PLACE = { namespace: '', pod: 'outside' };

/** A place outside where our own probe program runs and may use any address but the cluster's. */
export function createOutside({ open, controls, cluster, now }: OutsideOptions): Outside {
  const programs = createPool(probeLines, { open, starting: (work) => work(), now });
  const ours = cluster.flatMap((network) => {
    const parsed = parseCidr(network);
    return parsed.kind === 'invalid' ? [] : [parsed.range];
  });
  return {
    controlsFor: (address) => controls.filter(({ host }) => isIPv6(host) === isIPv6(address)),
    canBe(address) {
      const value = parseIp(address);
      if (value === undefined || !ours.some(({ from }) => typeof from === typeof value)) return false;
      return !ours.some((range) => contains(range, { from: value, to: value }));
    },
    async ask(from, requests, signal) {
      const questions = requests.map((request) => ({
        question: { ...request, source: from },
        withinMs: (request.timeoutMs ?? 0) + ANSWER_GRACE_MS,
      }));
      const heard = await programs.ask(PLACE, questions, signal);
      return requests.map((request, index): Asked => {
        const one = heard[index];
        if (one?.kind === 'answer')
          return { request, answer: one.answer, via: seaworthyProbe.id, at: one.askedAt.toISOString() };
        return { request, answer: failedAnswer(request, one?.because ?? 'no answer'), at: now().toISOString() };
      });
    },
    hangUp: () => programs.hangUp(),
  };
}
