import { groupOf } from '../model/object.ts';
import type { Api } from './api-call.ts';
import { discoverResources, type Discovered } from './discovery.ts';
import type { ApiResource } from './types.ts';

/** What the server serves, asked once and kept. */
export interface ServedKinds {
  /** A failure is not remembered: the next caller asks again. */
  discovery(signal?: AbortSignal): Promise<Discovered>;
  /** The resource of a kind, in the version asked for where it is served; undefined when the kind is not. */
  resourceOf(apiVersion: string, kind: string): Promise<ApiResource | undefined>;
}

/** Nothing is asked of the server until the first call. */
export function createServedKinds(api: Api): ServedKinds {
  let discovered: Promise<Discovered> | undefined;
  const discovery = (signal?: AbortSignal): Promise<Discovered> => {
    const running = (discovered ??= discoverResources(api, signal));
    running.catch(() => {
      discovered = undefined;
    });
    return running;
  };
  return {
    discovery,
    async resourceOf(apiVersion, kind) {
      const group = groupOf(apiVersion);
      const version = apiVersion.slice(group === '' ? 0 : group.length + 1);
      const find = ({ all }: Discovered): ApiResource | undefined => {
        const ofKind = all.filter((resource) => resource.group === group && resource.kind === kind);
        return ofKind.find((resource) => resource.version === version) ?? ofKind[0];
      };
      const found = find(await discovery());
      if (found) return found;
      discovered = undefined; // perhaps its definition has been installed since
      return find(await discovery());
    },
  };
}
