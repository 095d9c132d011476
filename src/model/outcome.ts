import type { KubernetesObject } from './object.ts';

/** What asking a cluster gives. Expected refusals are values; only a broken connection or our own mistake is thrown. */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'forbidden'; readonly because: string }
  | { readonly kind: 'missing'; readonly because: string }
  | { readonly kind: 'conflict'; readonly because: string; readonly current?: KubernetesObject }
  /** The API server (or an admission controller) refused the object itself: 400 or 422, with its message. */
  | { readonly kind: 'rejected'; readonly because: string; readonly status: number }
  /** 429 (an eviction a disruption budget forbids, after retries) and 5xx after retries. */
  | { readonly kind: 'unavailable'; readonly because: string; readonly retryAfterSeconds?: number };
