import { isCompleted, podTemplateOf, type PodTemplate } from '../../../model/pods.ts';
import type { Resource } from '../../../model/snapshot.ts';
import { evaluatePodSecurity } from '../../admission/pod-security/evaluate.ts';
import type { PodSecurityViolation } from '../../admission/types.ts';
import { defineCheck } from '../define-check.ts';
import type { Place } from '../examined.ts';
import type { PodSubject } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

interface Weaker {
  readonly pods: string;
  readonly who: string;
  readonly control: string;
}

const LEVELS = ['baseline', 'restricted'] as const;
type Level = (typeof LEVELS)[number];

/** A webhook that injects a container, or a pod that was made by hand, shows in no template: a look at manifests misses it. */
export const podDiffersFromOwner = defineCheck({
  id: 'pod-differs-from-owner',
  title: 'A live pod is weaker than its template',
  holds: 'Every live pod keeps to what its template keeps to',
  severity: 'high',
  severities: { restricted: 'medium' },
  examines: everyPod,
  frameworks: { nsa: ['pods'], attack: ['T1610'], owasp: ['K04'] },
  messages: {
    baseline: ({ pods, who, control }: Weaker) =>
      `${pods}: ${who} breaks ${control} of baseline, its template does not`,
    restricted: ({ pods, who, control }: Weaker) =>
      `${pods}: ${who} breaks ${control} of restricted, a level its template keeps to`,
  },
  *run(pod, report, { minor }) {
    const live = livePodsOf(pod);
    if (live.length === 0) {
      yield report.notApplicable('there is no live pod beside a template to compare it with');
      return;
    }
    for (const level of LEVELS) {
      const found = weaknesses(pod.workload.template, live, level, minor);
      for (const [first, ...others] of found) {
        if (!first) continue;
        const { container, control, path } = first.violation;
        const name = `pod ${first.resource.object.metadata.name}`;
        const more = new Set(others.map(({ resource }) => resource).filter((one) => one !== first.resource)).size;
        const place: Place = { resource: first.resource, path, ...(container === undefined ? {} : { container }) };
        const pods = more === 0 ? name : `${name} and ${more} more`;
        yield report(
          level,
          { pods, who: container === undefined ? 'the pod' : `container ${container}`, control },
          place,
        );
      }
      if (found.length > 0) return;
    }
  },
});

interface LivePod {
  readonly resource: Resource;
  readonly template: PodTemplate;
}

/** The pods of a workload that run now, where the workload itself was read, too. */
function livePodsOf({ workload }: PodSubject): readonly LivePod[] {
  if (workload.pods.includes(workload.writtenIn)) return [];
  return workload.pods.flatMap((resource) => {
    const template = isCompleted(resource.object) ? undefined : podTemplateOf(resource.object);
    return template ? [{ resource, template }] : [];
  });
}

interface Weakness {
  readonly resource: Resource;
  readonly violation: PodSecurityViolation;
}

/**
 * What live pods break of a level and their template does not, by control and container. A template that breaks restricted
 * itself promises nothing of that level.
 */
function weaknesses(
  template: PodTemplate,
  live: readonly LivePod[],
  level: Level,
  minor: number,
): readonly (readonly Weakness[])[] {
  const ofTemplate = evaluatePodSecurity(template, level, minor);
  if (level === 'restricted' && !ofTemplate.allowed) return [];
  const broken = new Set(ofTemplate.violations.map(keyOf));
  const found = live.flatMap(({ resource, template: pod }) =>
    evaluatePodSecurity(pod, level, minor).violations.map((violation): Weakness => ({ resource, violation })),
  );
  const news = found.filter(({ violation }) => !broken.has(keyOf(violation)));
  return [...Map.groupBy(news, ({ violation }) => keyOf(violation)).values()];
}

/** What is broken, by which field and which container; where a list has it does not matter, injection moves entries. */
function keyOf({ control, container = '', path }: PodSecurityViolation): string {
  return [control, container, ...path.filter((step) => typeof step === 'string')].join(' ');
}
