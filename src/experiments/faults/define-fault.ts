import type { z } from 'zod';
import type { JsonRecord } from '../../model/json.ts';
import type { ObjectRef } from '../../model/object.ts';
import type { PodProber } from '../probes/transport.ts';
import type { Clock, Cluster, Rng } from '../ports.ts';

/**
 * What a fault reaches for. T0: the API alone, no privilege in any pod. T2: a process inside the target's own
 * container. T3: a privileged pod on the node. external: commands the operator gives, run beside the conductor.
 */
export type FaultTier = 'T0' | 'T2' | 'T3' | 'external' | 'none';

/**
 * What a fault takes away. Claims name what they rely on in the same words, and so experiments can be generated:
 * a claim is tried against the faults that break what it relies on.
 */
export type Dependency = 'pod' | 'node' | 'network' | 'cpu' | 'memory' | 'networkPolicyEnforcement' | 'anything';

/** What an injection touches, for the blast radius; names as in the cluster. */
export interface Touches {
  readonly namespaces: readonly string[];
  /** `namespace/name` of each pod that suffers. */
  readonly pods: readonly string[];
  readonly nodes: readonly string[];
}

/**
 * One fault on one target, as plain data: written to the journal before anything happens, and enough by itself to
 * undo what happened, on another machine, with the conductor dead.
 */
export interface Injection {
  readonly fault: string;
  /** Unique; also the mark left on whatever is changed or created. */
  readonly id: string;
  readonly run: string;
  readonly target: ObjectRef & { readonly uid?: string };
  /** One sentence for a person: what will be done. */
  readonly says: string;
  readonly touches: Touches;
  /** What apply and undo need: parameters and the pre-image. */
  readonly data: JsonRecord;
}

/** What a fault would do here, or why it can't. */
export type Preflight =
  | { readonly kind: 'ready'; readonly injections: readonly Injection[] }
  | { readonly kind: 'refused'; readonly because: string };

/** Whether an injection took place. */
export type Applied = { readonly kind: 'applied' } | { readonly kind: 'failed'; readonly because: string };

/** Whether an injection was taken back. */
export type Undone =
  /** Taken back, or there was nothing of ours to take back. */
  { readonly kind: 'undone'; readonly says: string } | { readonly kind: 'failed'; readonly because: string };

/**
 * What ends a fault when its conductor is killed. itself: within its time to live, with nothing but the cluster.
 * guard: the guard process beside the conductor does; if that machine is lost too, it lasts until `recover`. nothing:
 * there is nothing to end.
 */
export interface Ending {
  readonly by: 'itself' | 'guard' | 'nothing';
  readonly says: string;
}

/** Something a fault left behind that is still there after its undo. */
export interface Residue {
  readonly what: string;
  /** How a person removes it. */
  readonly remedy: string;
}

/** Whether the target suffered. A fault that did not bite proves nothing. */
export interface TreatmentCheck {
  readonly bit: boolean | 'unknown';
  readonly says: string;
}

/** Runs a command on this machine; only faults of tier `external` use it. */
export type RunCommand = (
  command: readonly string[],
  options: { readonly timeoutMs: number },
) => Promise<{ readonly code: number; readonly output: string }>;

/** The world as a fault sees it. */
export interface FaultContext {
  readonly cluster: Cluster;
  readonly prober: PodProber;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly run: string;
  /** How long what is injected may last; whatever can end by itself ends by then. */
  readonly ttlMs: number;
  readonly signal: AbortSignal;
  /** Absent where commands must not be run: recovering from what a cluster says is no reason to run its commands. */
  readonly command?: RunCommand;
}

/**
 * A kind of fault: data, and four verbs on one target each. The order is always preflight, journal, apply, bit,
 * undo, residue, and any of them may be the last thing a conductor ever does.
 */
export interface Fault<P = unknown> {
  readonly id: string;
  readonly title: string;
  readonly tier: FaultTier;
  readonly breaks: readonly Dependency[];
  /** Does its harm at once and can't be taken back; a block of a switchback applies it afresh. */
  readonly oneShot: boolean;
  readonly parameters: z.ZodType<P>;
  /** Reads only. What would be touched with all that undo will need, or why it can't be done. */
  preflight(parameters: P, at: FaultContext): Promise<Preflight>;
  /** Called after the injection is in the journal. Safe to repeat. */
  apply(injection: Injection, at: FaultContext): Promise<Applied>;
  /** Needs the injection and the cluster only. Safe to repeat; changes nothing that is not marked as ours. */
  undo(injection: Injection, at: FaultContext): Promise<Undone>;
  /** Looks again, after undo. Empty is clean. */
  residue(injection: Injection, at: FaultContext): Promise<readonly Residue[]>;
  bit(injection: Injection, at: FaultContext): Promise<TreatmentCheck>;
  /** What ends it when the conductor is killed; the guard when absent. */
  endsBy?(injection: Injection): Ending;
}

/** A fault of an experiment with its validated parameters. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly parameters: unknown;
}

/** Checks the shape of a fault and keeps the type of its parameters. */
export function defineFault<P>(fault: Fault<P>): Fault<P> {
  return fault;
}

/** What ends an injection when its conductor is killed. */
export function endingOf(fault: Fault, injection: Injection): Ending {
  return fault.endsBy?.(injection) ?? endedByGuard('it lasts');
}

/** The ending of what can't end by itself: who ends it, and what stays when nobody is left to. */
export function endedByGuard(stays: string): Ending {
  const says = `the guard beside the conductor takes it back; should its machine be lost too, ${stays} until \`recover\``;
  return { by: 'guard', says };
}

/** Annotation on everything a fault changes or creates: the id of the injection. Undo touches nothing without it. */
export const MARK = 'seaworthy.dev/injection';
/** Label on everything a fault creates: the run it belongs to. */
export const RUN_LABEL = 'seaworthy.dev/run';
