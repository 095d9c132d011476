import { formatPath } from '../../model/because.ts';
import type { ErrorCode } from '../../model/errors.ts';
import { refOf, type ObjectRef } from '../../model/object.ts';
import { parseSelector, type LabelSelector } from '../../model/selectors.ts';
import type { Resource, Snapshot } from '../../model/snapshot.ts';
import type { IpRange } from './ip.ts';
import type { PortSet } from './ports.ts';
import type { PolicyProblem, Protocol } from './types.ts';

/*
 * Every kind of network policy, read into one model. Three tiers decide a connection in each direction, one after
 * the other: `admin` rules in order of priority, first match; then `namespace` policies, a union that is final for
 * the pods it isolates; then `baseline` rules. What nothing decides is allowed.
 */

export type Direction = 'ingress' | 'egress';
export type Action = 'allow' | 'deny' | 'pass';
export type Tier = 'admin' | 'namespace' | 'baseline';
export type Path = readonly (string | number)[];

/** Which namespaces a term looks at: one by name, or those whose labels match. */
export type NamespaceScope =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'labels'; readonly selector: LabelSelector };

export type PeerTerm =
  | {
      readonly kind: 'pods';
      readonly namespaces: NamespaceScope;
      readonly pods: LabelSelector;
      readonly podsGiven: boolean;
    }
  /** Addresses of `range` that are in none of `except`. `everywhere`: in-cluster addresses are hit in every profile. */
  | {
      readonly kind: 'block';
      readonly range: IpRange;
      readonly except: readonly IpRange[];
      readonly everywhere: boolean;
    }
  /** Nodes whose labels match, by the addresses in their status. */
  | { readonly kind: 'nodes'; readonly selector: LabelSelector }
  /** Addresses nobody can know from configuration (domain names): may match any address outside. */
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'everyone' }
  | { readonly kind: 'nobody' };

export interface PolicyPeer {
  readonly term: PeerTerm;
  /** Where it stands in the policy. */
  readonly path: Path;
}

/** One entry of a rule's port list. `named` is resolved on the destination pod, for one protocol or for whichever it has. */
export type PortTerm =
  | { readonly kind: 'numbers'; readonly ports: PortSet; readonly path: Path }
  | { readonly kind: 'named'; readonly name: string; readonly protocol?: Protocol; readonly path: Path };

export interface PolicyRule {
  readonly action: Action;
  readonly index: number;
  readonly name?: string;
  readonly path: Path;
  readonly peers: readonly PolicyPeer[];
  /** `all` is every port of every protocol. */
  readonly ports: 'all' | readonly PortTerm[];
}

export interface Policy {
  readonly ref: ObjectRef;
  readonly resource: Resource;
  readonly tier: Tier;
  /** Smaller is decided earlier; 0 in the namespace tier, where order means nothing. */
  readonly priority: number;
  readonly subject: { readonly namespaces: NamespaceScope; readonly pods: LabelSelector; readonly path: Path };
  /** Namespace tier: the directions in which a selected pod may do only what some rule allows. */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  readonly rules: Readonly<Record<Direction, readonly PolicyRule[]>>;
  /**
   * The API server would have refused it. Whether it is in force as an older version, or not at all, can't be
   * known: what it bears on is `unknown`, and its rules allow nothing.
   */
  readonly invalid: boolean;
}

export const DIRECTIONS = ['ingress', 'egress'] as const;
export const EVERY_NAMESPACE: NamespaceScope = { kind: 'labels', selector: [] };
export const EVERYONE: PeerTerm = { kind: 'everyone' };
export const NOBODY: PeerTerm = { kind: 'nobody' };

/** Collects what is wrong in one policy while it is read. Anything reported as an error makes the policy invalid. */
export interface PolicyReader {
  readonly problems: PolicyProblem[];
  readonly broken: () => boolean;
  error(code: ErrorCode, path: Path, message: string, hint: string): void;
  /** Wrong, yet taken by the API server or of no effect on what it allows. */
  warn(code: ErrorCode, path: Path, message: string, hint: string): void;
  /** Every field of an object must be known: a misspelt one silently widens a policy. */
  onlyFields(value: Readonly<Record<string, unknown>>, path: Path, known: readonly string[]): void;
  selector(raw: unknown, path: Path): LabelSelector;
}

/** A selector no label set can meet, in the place of one that could not be read. */
export const MATCHES_NOTHING: LabelSelector = [{ operator: 'In', key: 'invalid', values: [] }];

export function policyReader(snapshot: Snapshot, resource: Resource): PolicyReader {
  const problems: PolicyProblem[] = [];
  let broken = false;
  const add = (code: ErrorCode, path: Path, message: string, hint: string): void => {
    const at = snapshot.locate(resource, path);
    problems.push({
      code,
      object: refOf(resource.object),
      path: formatPath(path),
      message,
      hint,
      ...(at ? { at } : {}),
    });
  };
  const reader: PolicyReader = {
    problems,
    broken: () => broken,
    error(code, path, message, hint) {
      broken = true;
      add(code, path, message, hint);
    },
    warn: add,
    onlyFields(value, path, known) {
      for (const field of Object.keys(value)) {
        if (known.includes(field)) continue;
        reader.error(
          'SW_POLICY_UNKNOWN_FIELD',
          [...path, field],
          `unknown field ${JSON.stringify(field)}`,
          `Known here: ${known.join(', ')}. A misspelt field is dropped by a server that isn't strict, which can open the policy.`,
        );
      }
    },
    selector(raw, path) {
      const parsed = parseSelector(raw);
      if (parsed.kind === 'ok') return parsed.selector;
      reader.error(
        'SW_POLICY_SELECTOR_INVALID',
        [...path, ...parsed.path],
        parsed.says,
        'Correct the selector: the API server refuses the policy as it is.',
      );
      return MATCHES_NOTHING;
    },
  };
  return reader;
}
