import type { z } from 'zod';
import type { Because } from '../../model/because.ts';
import type { Clock, Cluster } from '../ports.ts';
import type { PodProber } from './transport.ts';

/** The world as a probe sees it. */
export interface ProbeContext {
  readonly cluster: Cluster;
  readonly prober: PodProber;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What one probe saw of the live cluster. */
export interface Observation {
  /** Whether what the probe was asked to confirm is so; `unknown` when the probe itself did not work. */
  readonly ok: boolean | 'unknown';
  /** In a word, in the probe's own vocabulary: `connected`, `timeout`, `denied`. */
  readonly outcome: string;
  readonly says: string;
  readonly at: string;
  /** Time the answer took, when the client that asked can tell. */
  readonly milliseconds?: number;
  readonly data?: unknown;
}

/** One harmless look at the live cluster: it changes nothing there, and can fail to see what it looks for. */
export interface Probe<P = unknown> {
  readonly id: string;
  readonly title: string;
  /** What it needs to be allowed to do, as kubectl writes it: `create pods/exec`. */
  readonly needs: readonly string[];
  readonly parameters: z.ZodType<P>;
  run(parameters: P, at: ProbeContext): Promise<Observation>;
}

/** Checks the shape of a probe and keeps the type of its parameters. */
export function defineProbe<P>(probe: Probe<P>): Probe<P> {
  return probe;
}

/** An observation as a reason of a verdict. */
export function becauseOf(observation: Observation): Because {
  return {
    kind: 'observation',
    observedAt: observation.at,
    says: observation.says,
    ...(observation.data === undefined ? {} : { data: observation.data }),
  };
}
