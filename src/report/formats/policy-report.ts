import { refId } from '../../model/object.ts';
import type { Report, ReportFormat, Result } from '../report.ts';
import { formatJson } from './json.ts';
import { formatAcceptance } from '../wording.ts';

const API_VERSION = 'wgpolicyk8s.io/v1alpha2';

/** Results of one object: more would come near what etcd takes (1.5 MiB), and slow an API server down. */
const MOST_RESULTS = 1000;

/** `result` in the words of the Policy Working Group: `error` could not be evaluated, `skip` was decided not to count. */
const RESULT: Readonly<Record<Result['verdict'], string>> = {
  fail: 'fail',
  unknown: 'error',
  pass: 'pass',
  notApplicable: 'skip',
};

/**
 * A List of `PolicyReport`, one a namespace (more where there are many results), and `ClusterPolicyReport` for what has
 * none: `kubectl apply -f -` takes it where the CRDs of wgpolicyk8s.io are installed.
 */
export const policyReport: ReportFormat = {
  id: 'policyreport',
  title: 'The cluster itself, and what shows policy reports there',
  render(report) {
    const byNamespace = Map.groupBy(report.results, ({ namespace }) => namespace);
    const namespaces = [...byNamespace.keys()].filter((namespace) => namespace !== undefined).sort();
    const items = [undefined, ...namespaces].flatMap((namespace) =>
      reportsOf(report, namespace, byNamespace.get(namespace) ?? []),
    );
    return formatJson({ apiVersion: 'v1', kind: 'List', items });
  },
};

function reportsOf(report: Report, namespace: string | undefined, results: readonly Result[]): readonly object[] {
  const count = Math.ceil(results.length / MOST_RESULTS);
  return Array.from({ length: count }, (_, index) => {
    const here = results.slice(index * MOST_RESULTS, (index + 1) * MOST_RESULTS);
    return {
      apiVersion: API_VERSION,
      kind: namespace === undefined ? 'ClusterPolicyReport' : 'PolicyReport',
      metadata: {
        name: `seaworthy-${report.command}${index === 0 ? '' : `-${index + 1}`}`,
        ...(namespace === undefined ? {} : { namespace }),
        labels: { 'app.kubernetes.io/managed-by': 'seaworthy' },
      },
      summary: summaryOf(here),
      results: here.map((result) => entryOf(result, report.generatedAt)),
    };
  });
}

function wordOf({ verdict, accepted }: Result): string {
  return accepted ? 'skip' : RESULT[verdict];
}

function summaryOf(results: readonly Result[]): object {
  const count = (word: string): number => results.filter((result) => wordOf(result) === word).length;
  return { pass: count('pass'), fail: count('fail'), warn: 0, error: count('error'), skip: count('skip') };
}

function entryOf(result: Result, generatedAt: string | undefined): object {
  const { rule, group, about, severity, message, object, container, path, level, id, accepted, because } = result;
  const [reason] = because.map(({ says }) => says).filter((says) => says !== message);
  // A gap stands for objects that could not be read: it refers to none.
  const isOne = object !== undefined && object.name !== '*';
  return {
    source: 'seaworthy',
    policy: group === 'claims' ? about : rule,
    ...(group === 'claims' ? { rule } : {}),
    category: group,
    severity,
    result: wordOf(result),
    scored: wordOf(result) === 'fail' || wordOf(result) === 'pass',
    message: reason === undefined ? message : `${message} Because ${reason}`,
    ...(isOne ? { resources: [object] } : {}),
    ...(generatedAt === undefined ? {} : { timestamp: timestampOf(generatedAt) }),
    properties: {
      id,
      level,
      ...(container === undefined ? {} : { container }),
      ...(path === undefined ? {} : { path }),
      ...(accepted === undefined ? {} : { accepted: formatAcceptance(accepted) }),
      ...(object !== undefined && !isOne ? { unread: refId(object) } : {}),
    },
  };
}

/** RFC 3339 as `metav1.Timestamp` has it. */
function timestampOf(time: string): object {
  const milliseconds = Date.parse(time);
  return { seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1_000_000 };
}
