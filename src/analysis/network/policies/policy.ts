import { formatPath } from '../../../model/because.ts';
import type { ErrorCode } from '../../../model/errors.ts';
import { refOf, type ObjectRef } from '../../../model/object.ts';
import { parseSelector, type LabelSelector } from '../../../model/selectors.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import type { IpRange } from '../addresses/ip.ts';
import type { PortSet, Protocol } from '../ports/ports.ts';
import type { PolicyProblem } from '../types.ts';

/*
 * Every kind of network policy, read into one model. Stages decide a connection in each direction, one after the
 * other. In a stage the rules of the policies that select the pod are tried in order and the first match decides;
 * `pass` hands over to the next stage. At the end of a stage that isolates, what matched nothing is denied;
 * otherwise it goes on to the next. What no stage decides is allowed. A layer is a chain of stages of its own (the
 * network, the mesh): a connection needs the consent of every layer.
 */

export type Direction = 'ingress' | 'egress';
export type Action = 'allow' | 'deny' | 'pass';
/** The Kubernetes tiers; `extension` is a policy of a CNI or a mesh. */
export type Tier = 'admin' | 'namespace' | 'baseline' | 'extension';

/** A step of the chain: policies of one layer, order and name are decided together. */
export interface Stage {
  readonly layer: 'network' | 'mesh';
  /** Smaller is decided earlier. */
  readonly order: number;
  readonly name: string;
}

/** Where the Kubernetes tiers stand among the tiers of Calico, which gives them these orders. */
export const STAGES = {
  admin: { layer: 'network', order: 1000, name: 'admin' },
  namespace: { layer: 'network', order: 1_000_000, name: 'default' },
  baseline: { layer: 'network', order: 10_000_000, name: 'baseline' },
  mesh: { layer: 'mesh', order: 0, name: 'mesh' },
} as const satisfies Readonly<Record<string, Stage>>;

/** The order of a NetworkPolicy among the policies of its stage, as Calico has it. */
export const NETWORK_POLICY_ORDER = 1000;
export type Path = readonly (string | number)[];

/** Which namespaces a term looks at: one by name, or those whose labels match. */
export type NamespaceScope =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'labels'; readonly selector: LabelSelector };

/** Pods by namespace and labels. */
export interface PodScope {
  readonly namespaces: NamespaceScope;
  readonly pods: LabelSelector;
}

export type PeerTerm =
  | (PodScope & {
      readonly kind: 'pods';
      readonly podsGiven: boolean;
      /** The kind of policy never means pods on the host's network. */
      readonly withoutHosts?: boolean;
      /** Only pods that prove who they are in a mesh. */
      readonly inMesh?: boolean;
    })
  /** Addresses of `range` that are in none of `except`; `pods` says whether pods with such an address are hit. */
  | {
      readonly kind: 'block';
      readonly range: IpRange;
      readonly except: readonly IpRange[];
      readonly pods: 'asProfile' | 'always' | 'never';
    }
  /** Nodes whose labels match, by the addresses in their status. */
  | { readonly kind: 'nodes'; readonly selector: LabelSelector }
  /** Addresses nobody can know from configuration (domain names): may match any address outside, or of a node. */
  | { readonly kind: 'names'; readonly names: readonly string[] }
  /** What every one of the terms means. */
  | { readonly kind: 'allOf'; readonly terms: readonly PeerTerm[] }
  | { readonly kind: 'anyOf'; readonly terms: readonly PeerTerm[] }
  | { readonly kind: 'not'; readonly term: PeerTerm }
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
  /** Its place among the rules of the stage, where that isn't its policy's. */
  readonly order?: number;
  /** It also depends on something that is not in the configuration, so whether it matches is open: what, for a person. */
  readonly conditional?: string;
  /** It lets the connection through and looks into it afterwards: what it still refuses there, for a person. */
  readonly narrows?: string;
}

export interface Policy {
  readonly ref: ObjectRef;
  readonly resource: Resource;
  readonly tier: Tier;
  readonly stage: Stage;
  /** Smaller is decided earlier; 0 in the namespace tier, where order means nothing. */
  readonly priority: number;
  /** Its place in the stage; by name where it is equal. The priority when absent. */
  readonly order?: number;
  readonly subject: PodScope & { readonly path: Path; readonly alternatives?: readonly PodScope[] };
  /** The directions in which a selected pod may do only what some rule of the stage allows. */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  readonly rules: Readonly<Record<Direction, readonly PolicyRule[]>>;
  /**
   * The API server would have refused it. Whether it is in force as an older version, or not at all, can't be
   * known: what it bears on is `unknown`, and its rules allow nothing.
   */
  readonly invalid: boolean;
  /** It may well be valid, and is of a kind that is not evaluated: as uncertain as an invalid one. */
  readonly unevaluated?: boolean;
}

/** Whether a policy is tried in the order of its priority. */
export function isByPriority({ tier }: Policy): boolean {
  return tier === 'admin' || tier === 'baseline';
}

export const DIRECTIONS = ['ingress', 'egress'] as const;
export const EVERY_NAMESPACE: NamespaceScope = { kind: 'labels', selector: [] };
export const EVERYONE: PeerTerm = { kind: 'everyone' };
export const NOBODY: PeerTerm = { kind: 'nobody' };

/** A part of a rule that says something nobody can read; the rule then fails closed. */
export const UNKNOWN = Symbol('unknown');
export type Unknown = typeof UNKNOWN;

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
  /** The object must be of one of these API versions: in others the same fields may mean something else. */
  versions(...known: readonly string[]): void;
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
      for (const field in value) {
        if (known.includes(field)) continue;
        reader.error(
          'SW_POLICY_UNKNOWN_FIELD',
          [...path, field],
          `unknown field ${JSON.stringify(field)}`,
          `Known here: ${known.join(', ')}. A misspelt field is dropped by a server that isn't strict, which can open the policy.`,
        );
      }
    },
    versions(...known) {
      const { apiVersion, kind } = resource.object;
      if (known.includes(apiVersion)) return;
      reader.error(
        'SW_POLICY_VERSION_UNKNOWN',
        ['apiVersion'],
        `${kind} of ${apiVersion} is not known`,
        `It is read as ${known.join(' or ')}.`,
      );
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
