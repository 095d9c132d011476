import { at, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { matches, type LabelSelector, type Requirement } from '../../../model/selectors.ts';
import type { ApiKind } from '../kinds.ts';
import { badRequest } from './status.ts';

/** Whether an object is one a list or watch asks for. */
export type ObjectFilter = (object: KubernetesObject) => boolean;

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  replicationcontrollers: ['status.replicas'],
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
};

/** Reads `labelSelector` and `fieldSelector`; throws 400 for what cannot be read or is not selectable. */
export function readFilter(kind: ApiKind, query: URLSearchParams): ObjectFilter | undefined {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  const filters: ObjectFilter[] = [];
  if (labels) {
    const selector = parseLabelSelector(labels);
    filters.push((object) => matches(selector, object.metadata.labels ?? {}));
  }
  if (fields) filters.push(...parseFieldSelector(kind, fields));
  return filters.length === 0 ? undefined : (object) => filters.every((filter) => filter(object));
}

const TERM =
  /^\s*(?:(?<absent>!\s*)(?<absentKey>[^\s,=!()]+)|(?<key>[^\s,=!()]+)\s*(?:(?<equal>==?|!=)\s*(?<value>[^\s,=!()]*)|(?<set>in|notin)\s*\((?<values>[^)]*)\))?)\s*(?:,|$)/;

/** Reads `a=b,c!=d,e in (f,g),!h,i`; throws 400. */
export function parseLabelSelector(written: string): LabelSelector {
  const requirements: Requirement[] = [];
  let rest = written;
  while (rest.trim() !== '') {
    const found = TERM.exec(rest)?.groups;
    const whole = TERM.exec(rest)?.[0] ?? '';
    if (!found || whole === '')
      throw badRequest(`unable to parse requirement: found '${rest.trim()}', expected: identifier`);
    rest = rest.slice(whole.length);
    const key = found['key'] ?? found['absentKey'] ?? '';
    if (found['absent'] !== undefined) requirements.push({ operator: 'DoesNotExist', key });
    else if (found['set'] !== undefined) {
      const values = (found['values'] ?? '').split(',').map((value) => value.trim());
      requirements.push({ operator: found['set'] === 'in' ? 'In' : 'NotIn', key, values });
    } else if (found['equal'] !== undefined) {
      requirements.push({ operator: found['equal'] === '!=' ? 'NotIn' : 'In', key, values: [found['value'] ?? ''] });
    } else requirements.push({ operator: 'Exists', key });
  }
  return requirements;
}

function parseFieldSelector(kind: ApiKind, written: string): readonly ObjectFilter[] {
  const resource = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`;
  const allowed = new Set(['metadata.name', 'metadata.namespace', ...(FIELDS[resource] ?? [])]);
  return written
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const found = /^(.*?)(!=|==?)(.*)$/.exec(term);
      if (!found) throw badRequest(`invalid selector: '${written}'; can't understand '${term}'`);
      const [, field = '', operator, wanted = ''] = found;
      if (!allowed.has(field)) {
        throw badRequest(`field label not supported: ${field}`);
      }
      return (object) => (fieldValue(object, field) === wanted) === (operator !== '!=');
    });
}

function fieldValue(object: KubernetesObject, field: string): string {
  if (field === 'source') return text(at(object, 'source', 'component')) ?? '';
  if (field === 'status.successful') return String(at(object, 'status', 'succeeded') ?? 0);
  const value = at(object, ...field.split('.'));
  if (value === undefined || value === null) {
    return field === 'spec.unschedulable' || field === 'spec.hostNetwork' ? 'false' : '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
