import type { CheckRun } from '../../analysis/posture/run-checks.ts';
import type { Suppression } from '../../analysis/posture/suppressions.ts';
import { API_VERSION } from '../../model/api-version.ts';
import type { ObjectRef } from '../../model/object.ts';
import { collectFindings, type FindingSources } from '../../report/findings.ts';
import type { Finding } from '../../report/types.ts';
import type { Configuration, ConfiguredSuppression } from './load.ts';

/** A run of checks with what the configuration accepts. */
export function acceptInRun(run: CheckRun, configuration: Configuration, today: string): CheckRun {
  const { results, suppressions } = acceptConfigured(run.results, configuration, today, new Set(run.ran));
  return { ...run, results, suppressions: [...run.suppressions, ...suppressions] };
}

/** Every finding of a verification, with what the configuration accepts, and what became of its suppressions. */
export function acceptInFindings(
  sources: FindingSources,
  configuration: Configuration,
  today: string,
): readonly Finding[] {
  const { suppressions } = acceptConfigured(collectFindings(sources), configuration, today);
  const all = collectFindings({ ...sources, suppressions: [...(sources.suppressions ?? []), ...suppressions] });
  return acceptConfigured(all, configuration, today).results;
}

/** What a suppression can accept: a failing check or finding. */
export interface Suppressible {
  readonly check: string;
  readonly verdict: string;
  readonly object?: ObjectRef;
  readonly accepted?: { readonly reason: string; readonly until: string };
}

/**
 * Marks failures as accepted where the configuration says so, behind those that are open, and says what became of every
 * suppression: in force, expired, or unused. `ran` are the checks that ran, when not all did: of the others nothing
 * can be said. `today` is the day of judging; the day of expiry still counts.
 */
function acceptConfigured<T extends Suppressible>(
  results: readonly T[],
  { suppressions, file }: Configuration,
  today: string,
  ran?: ReadonlySet<string>,
): { readonly results: readonly T[]; readonly suppressions: readonly Suppression[] } {
  if (suppressions.length === 0) return { results, suppressions: [] };
  const used = new Set<ConfiguredSuppression>();
  const marked = results.map((result) => {
    if (result.verdict !== 'fail' || result.accepted) return result;
    const meant = suppressions.filter((one) => covers(one, result));
    for (const one of meant) used.add(one);
    const inForce = meant.find(({ expiry }) => expiry >= today);
    return inForce ? { ...result, accepted: { reason: inForce.reason, until: inForce.expiry } } : result;
  });
  const object = { apiVersion: API_VERSION, kind: 'Configuration', name: file ?? '' };
  return {
    results: [...marked.filter(({ accepted }) => !accepted), ...marked.filter(({ accepted }) => accepted)],
    suppressions: suppressions
      .map((one, index) => ({ one, path: `suppressions[${index}]` }))
      .filter(({ one }) => ran === undefined || ran.has(one.check))
      .map(({ one, path }): Suppression => {
        const { check, expiry: until, reason } = one;
        return { check, object, path, until, reason, ...fate(one, used.has(one), today) };
      }),
  };
}

function fate(one: ConfiguredSuppression, isUsed: boolean, today: string): Pick<Suppression, 'status' | 'says'> {
  const { check, objects, expiry, reason } = one;
  if (expiry < today)
    return { status: 'expired', says: `it ended on ${expiry}: fix the finding or renew the decision` };
  if (!isUsed) {
    return { status: 'unused', says: `nothing of ${objects.join(', ')} fails ${check}: remove the suppression` };
  }
  return { status: 'inForce', says: `accepted until ${expiry}: ${reason}` };
}

function covers({ check, objects }: ConfiguredSuppression, result: Suppressible): boolean {
  const { object } = result;
  if (check !== result.check || !object) return false;
  return objects.some((pattern) => matches(pattern, object));
}

/** `name`, `namespace/name`, `Kind/namespace/name`; for what has no namespace the middle part is empty, or `*`. */
function matches(pattern: string, { kind, namespace = '', name }: ObjectRef): boolean {
  const parts = pattern.split('/');
  const actual = [kind, namespace, name].slice(-parts.length);
  return parts.every((part, index) => glob(part, actual[index] ?? ''));
}

function glob(pattern: string, text: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(text);
}
