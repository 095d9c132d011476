import type { Authorizer } from './authz/authorizer.ts';
import type { PerFamily } from '../network/ip.ts';
import type { PodRuntime } from '../ports.ts';
import type { Registry } from './registry.ts';
import type { Store } from './storage/store.ts';

/** Who sent a request, as TokenReview and SelfSubjectReview show them. */
export interface UserInfo {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What every operation on an object needs to know of the request it serves. */
export interface Call {
  readonly requester: UserInfo;
  readonly dryRun: boolean;
  /** Name in managedFields: the `fieldManager` parameter, or the program of the User-Agent. */
  readonly manager: string;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Sentences for the answer's Warning headers; operations add to it. */
  readonly warnings: string[];
}

/** What the parts of the API server share. */
export interface Core {
  readonly store: Store;
  readonly registry: Registry;
  readonly runtime: PodRuntime;
  readonly now: () => Date;
  readonly authorizer: Authorizer;
  readonly services: ServiceAddressPlan;
}

/** Where Service addresses and node ports are taken from. */
export interface ServiceAddressPlan {
  /** `10.96.0.0/16`; one block of each family, that of the default family first. */
  readonly cidrs: PerFamily;
  readonly nodePorts: readonly [first: number, last: number];
}

/** RFC 3339 with whole seconds, as metadata times are. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** RFC 3339 with microseconds, as leases and events have. */
export function microTimestamp(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
