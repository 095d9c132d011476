import type { Store } from '../storage/store.ts';
import type { RequestInfo } from './request-info.ts';

/** Counters of the API server, under the names Prometheus rules for Kubernetes know. */
export interface Metrics {
  observe(info: RequestInfo, code: number, seconds: number): void;
  watch(info: RequestInfo, change: 1 | -1): void;
  auditLost(events: number): void;
  auditRecorded(): void;
  render(): string;
}

const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

interface Histogram {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export function createMetrics(store: Store): Metrics {
  const requests = new Map<string, number>();
  const durations = new Map<string, Histogram>();
  const watchers = new Map<string, number>();
  let auditEvents = 0;
  let auditDropped = 0;

  return {
    observe(info, code, seconds) {
      const labels = labelsOf(info);
      const counted = `${labels},code="${code}"`;
      requests.set(counted, (requests.get(counted) ?? 0) + 1);
      let histogram = durations.get(labels);
      if (!histogram) durations.set(labels, (histogram = { buckets: BUCKETS.map(() => 0), sum: 0, count: 0 }));
      for (const [index, bound] of BUCKETS.entries()) {
        if (seconds <= bound) histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1;
      }
      histogram.sum += seconds;
      histogram.count++;
    },
    watch(info, change) {
      const labels = labelsOf(info);
      watchers.set(labels, (watchers.get(labels) ?? 0) + change);
    },
    auditLost: (events) => {
      auditDropped += events;
    },
    auditRecorded: () => {
      auditEvents++;
    },
    render() {
      const lines = [
        '# HELP apiserver_request_total Counter of apiserver requests broken out for each verb, resource, scope and code.',
        '# TYPE apiserver_request_total counter',
        ...[...requests].map(([labels, count]) => `apiserver_request_total{${labels}} ${count}`),
        '# HELP apiserver_request_duration_seconds Response latency distribution in seconds.',
        '# TYPE apiserver_request_duration_seconds histogram',
        ...[...durations].flatMap(([labels, histogram]) => histogramLines(labels, histogram)),
        '# HELP apiserver_longrunning_requests Gauge of all active long-running apiserver requests.',
        '# TYPE apiserver_longrunning_requests gauge',
        ...[...watchers].map(([labels, count]) => `apiserver_longrunning_requests{${labels}} ${count}`),
        '# HELP apiserver_resource_objects Number of stored objects by resource.',
        '# TYPE apiserver_resource_objects gauge',
        ...Object.entries(store.counts()).map(
          ([resource, count]) => `apiserver_resource_objects{resource="${resource}"} ${count}`,
        ),
        '# HELP apiserver_audit_event_total Counter of audit events generated and sent to the audit backend.',
        '# TYPE apiserver_audit_event_total counter',
        `apiserver_audit_event_total ${auditEvents}`,
        '# HELP apiserver_audit_error_total Counter of audit events that failed to be audited properly.',
        '# TYPE apiserver_audit_error_total counter',
        `apiserver_audit_error_total{plugin="webhook"} ${auditDropped}`,
        '# HELP process_resident_memory_bytes Resident memory size in bytes.',
        '# TYPE process_resident_memory_bytes gauge',
        `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}

function histogramLines(labels: string, { buckets, sum, count }: Histogram): readonly string[] {
  const name = 'apiserver_request_duration_seconds';
  return [
    ...BUCKETS.map((bound, index) => `${name}_bucket{${labels},le="${bound}"} ${buckets[index]}`),
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ];
}

function labelsOf(info: RequestInfo): string {
  if (info.kind === 'nonResource')
    return `verb="${info.verb.toUpperCase()}",group="",resource="",subresource="",scope=""`;
  const scope = info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
  const verb = UPPER[info.verb] ?? info.verb.toUpperCase();
  const clean = (text: string): string => text.replaceAll(/["\\\n]/g, '');
  return `verb="${verb}",group="${clean(info.group)}",version="${clean(info.version)}",resource="${clean(info.resource)}",subresource="${clean(info.subresource)}",scope="${scope}"`;
}

const UPPER: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', patch: 'PATCH' };
