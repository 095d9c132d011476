import { at, stringMap } from '../../../model/json.ts';
import { kindKey } from '../../../model/object.ts';
import { podTemplateOf } from '../../../model/pods.ts';
import type { Endpoint } from '../index.ts';
import { add } from './change.ts';
import { isolating } from './blocked-port.ts';
import { homeOf, some, type Lint, type LintInput } from './define-lint.ts';
import { podIndex } from './pod-index.ts';

/** Pods that ask to be scraped and are isolated from the Prometheus that is there send no metrics and raise no alert. */
export const metricsBlocked: Lint = {
  id: 'metrics-blocked',
  title: 'Prometheus can not reach a pod that asks to be scraped',
  severity: 'medium',
  *run(input) {
    const { all } = podIndex(input.analysis);
    const scrapers = all.filter(
      ({ labels }) => labels['app.kubernetes.io/name'] === 'prometheus' || labels['app'] === 'prometheus',
    );
    const [scraper] = scrapers;
    if (!scraper) return;
    const told = new Set<string>();
    for (const pod of all) {
      const port = scrapedPort(pod, input);
      if (port === undefined || pod.hostNetwork || told.has(pod.workload.id)) continue;
      const [policy] = isolating(input, pod);
      if (!policy) continue;
      const end = ({ workload }: Endpoint) =>
        ({
          kind: 'workload',
          namespace: workload.namespace,
          name: workload.ref.name,
          workloadKind: workload.ref.kind,
        }) as const;
      if (input.analysis.query(end(scraper), end(pod), { port, protocol: 'TCP' }).verdict !== 'denied') continue;
      told.add(pod.workload.id);
      const key = scraper.labels['app.kubernetes.io/name'] === 'prometheus' ? 'app.kubernetes.io/name' : 'app';
      const inside = scraper.workload.namespace === homeOf(policy);
      yield {
        policy,
        path: ['spec', 'ingress'],
        pods: [pod],
        message: `${some([pod])} asks to be scraped on ${port}, and ${some([scraper])} can not reach it`,
        fix: {
          says: 'Let Prometheus in on that port.',
          changes: [
            add(policy.ref, ['spec', 'ingress', '-'], {
              from: [
                {
                  ...(inside
                    ? {}
                    : {
                        namespaceSelector: {
                          matchLabels: { 'kubernetes.io/metadata.name': scraper.workload.namespace },
                        },
                      }),
                  podSelector: { matchLabels: { [key]: 'prometheus' } },
                },
              ],
              ports: [{ protocol: 'TCP', port }],
            }),
          ],
        },
      };
    }
  },
};

/** The port of the annotations that Prometheus' common configuration reads. */
function scrapedPort({ workload, pod }: Endpoint, { snapshot }: LintInput): number | undefined {
  const { ref } = workload;
  const object =
    pod === undefined
      ? snapshot.get(kindKey(ref.apiVersion, ref.kind), ref.namespace, ref.name)?.object
      : snapshot.get('Pod', workload.namespace, pod)?.object;
  const template = object && podTemplateOf(object);
  const annotations = stringMap(template && at(object, ...template.path, 'metadata', 'annotations'));
  const port = Number(annotations['prometheus.io/port']);
  return annotations['prometheus.io/scrape'] === 'true' && Number.isInteger(port) && port > 0 ? port : undefined;
}
