import { z } from 'zod';
import type { Injection, Residue } from '../faults/define-fault.ts';

/**
 * What is written before a fault acts: everything its undo needs. It stands twice, in the local journal of the run and
 * as an object in the cluster, so that either of them alone is enough to clean up.
 */
export interface Intent {
  readonly experiment: string;
  readonly injection: Injection;
  /** How long the effect may last, in milliseconds, counted from when the intent was written. */
  readonly ttlMs: number;
}

/** One line of a local journal. */
export type JournalEntry =
  | {
      readonly kind: 'begin';
      readonly at: string;
      readonly run: string;
      readonly experiment: string;
      readonly context: string;
      readonly server: string;
      /** The conductor's process, and when it was started (from /proc), so that a reused pid is not taken for it. */
      readonly process: { readonly pid: number; readonly started: string };
    }
  | { readonly kind: 'intent'; readonly at: string; readonly intent: Intent }
  | { readonly kind: 'applied'; readonly at: string; readonly injection: string }
  | { readonly kind: 'undone'; readonly at: string; readonly injection: string; readonly says: string }
  | { readonly kind: 'residue'; readonly at: string; readonly injection: string; readonly residue: readonly Residue[] }
  | { readonly kind: 'end'; readonly at: string; readonly state: string };

const RefSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  uid: z.string().optional(),
});

/** What an intent must look like to be acted on. Objects in a cluster are input like any other. */
const IntentSchema = z.object({
  experiment: z.string(),
  ttlMs: z.number().positive(),
  injection: z.object({
    fault: z.string(),
    id: z.string().regex(/^[a-z0-9]{10}$/),
    run: z.string(),
    target: RefSchema,
    says: z.string(),
    touches: z.object({ namespaces: z.array(z.string()), pods: z.array(z.string()), nodes: z.array(z.string()) }),
    data: z.record(z.string(), z.unknown()),
  }),
});

/** The intent in some text; undefined when it is none. */
export function parseIntent(json: string): Intent | undefined {
  try {
    const parsed = IntentSchema.safeParse(JSON.parse(json));
    return parsed.success ? (parsed.data as Intent) : undefined;
  } catch {
    return undefined;
  }
}

/** What a journal says of each injection that was written to it. */
export interface InjectionState {
  readonly intent: Intent;
  readonly state: 'intended' | 'applied' | 'undone' | 'residual';
}

/** The injections of a journal in the order they were intended, each with the last thing known of it. */
export function injectionStates(entries: readonly JournalEntry[]): readonly InjectionState[] {
  const states = new Map<string, InjectionState>();
  for (const entry of entries) {
    if (entry.kind === 'intent') states.set(entry.intent.injection.id, { intent: entry.intent, state: 'intended' });
    if (entry.kind !== 'applied' && entry.kind !== 'undone' && entry.kind !== 'residue') continue;
    const known = states.get(entry.injection);
    if (known) states.set(entry.injection, { ...known, state: entry.kind === 'residue' ? 'residual' : entry.kind });
  }
  return [...states.values()];
}
