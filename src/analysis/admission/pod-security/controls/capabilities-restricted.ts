import { list, record, strings } from '../../../../model/json.ts';
import {
  containerOffence,
  defineControl,
  isWindowsPod,
  namedContainers,
  quoted,
  securityContextOf,
  sortedSet,
  type JudgedPod,
  type Refusal,
} from '../control.ts';

/** Containers drop ALL (spelled so) and take back at most NET_BIND_SERVICE. */
export const capabilitiesRestricted = defineControl({
  id: 'capabilities_restricted',
  level: 'restricted',
  title: 'Capabilities',
  versions: [
    { from: 22, judge, replaces: 'capabilities_baseline' },
    { from: 25, judge: (pod) => (isWindowsPod(pod) ? undefined : judge(pod)), replaces: 'capabilities_baseline' },
  ],
});

function judge({ containers }: JudgedPod): Refusal | undefined {
  const missing = containers.filter((entry) => !list(capabilitiesOf(entry)['drop']).includes('ALL'));
  const adding = containers.flatMap((entry) => {
    const added = list(capabilitiesOf(entry)['add']);
    const indexes = [...added.keys()].filter((i) => added[i] !== 'NET_BIND_SERVICE');
    return indexes.length === 0 ? [] : [{ entry, indexes, names: strings(indexes.map((i) => added[i])) }];
  });
  const details: string[] = [];
  if (missing.length > 0) {
    details.push(`${namedContainers(missing.map((c) => c.name))} must set securityContext.capabilities.drop=["ALL"]`);
  }
  if (adding.length > 0) {
    const names = quoted(sortedSet(adding.flatMap((a) => a.names)));
    details.push(
      `${namedContainers(adding.map((a) => a.entry.name))} must not include ${names} in securityContext.capabilities.add`,
    );
  }
  if (details.length === 0) return undefined;
  return {
    reason: 'unrestricted capabilities',
    detail: details.join('; '),
    offences: [
      ...missing.map((c) => containerOffence(c, 'securityContext', 'capabilities', 'drop')),
      ...adding.flatMap(({ entry, indexes }) =>
        indexes.map((i) => containerOffence(entry, 'securityContext', 'capabilities', 'add', i)),
      ),
    ],
  };
}

function capabilitiesOf(entry: JudgedPod['containers'][number]) {
  return record(securityContextOf(entry)['capabilities']);
}
