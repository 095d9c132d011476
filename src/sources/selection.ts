import { SeaworthyError } from '../model/errors.ts';
import { at, text } from '../model/json.ts';
import { kindKey, type KubernetesObject } from '../model/object.ts';
import { WORKLOAD_KINDS } from '../model/pods.ts';
import { matches, parseSelector, type LabelSelector } from '../model/selectors.ts';
import { contentsOf, createSnapshot, type Gap, type Snapshot } from '../model/snapshot.ts';

/** Which pods and workloads are looked at: kubectl's `-l` and `--field-selector`. */
export interface Selection {
  readonly labels: LabelSelector;
  readonly fields: readonly FieldTerm[];
  /** As a person wrote it. */
  readonly written: string;
}

interface FieldTerm {
  readonly path: readonly string[];
  readonly equals: boolean;
  readonly value: string;
}

/** Reads both flags; undefined when neither says anything. Throws SW_SELECTOR_INVALID. */
export function parseSelection(flags: {
  readonly selector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}): Selection | undefined {
  const { selector = '', fieldSelector = '' } = flags;
  if (selector.trim() === '' && fieldSelector.trim() === '') return undefined;
  const written = [selector && `-l '${selector}'`, fieldSelector && `--field-selector '${fieldSelector}'`];
  return {
    labels: parseLabels(selector),
    fields: terms(fieldSelector).map(parseField),
    written: written.filter(Boolean).join(' '),
  };
}

/**
 * The snapshot without the pods and workloads a selection does not mean. All other kinds stay, because what they do to
 * the selected ones counts; and what was left out is a gap, because nothing can be said of it.
 */
export function select(snapshot: Snapshot, selection: Selection): Snapshot {
  const contents = contentsOf(snapshot);
  const left = new Map<string, number>();
  const resources = contents.resources.filter(({ object }) => {
    const key = kindKey(object.apiVersion, object.kind);
    if (!WORKLOAD_KINDS.includes(key) || isSelected(selection, object)) return true;
    left.set(key, (left.get(key) ?? 0) + 1);
    return false;
  });
  const gaps = [...left].map(([kind, count]): Gap => ({
    kind,
    reason: 'unreadable',
    detail: `${count} ${kind} ${count === 1 ? 'object' : 'objects'} that ${selection.written} does not mean ${count === 1 ? 'was' : 'were'} left out`,
    remedy: 'Leave the selector out.',
  }));
  return createSnapshot({ ...contents, resources, gaps: [...(contents.gaps ?? []), ...gaps] });
}

function isSelected({ labels, fields }: Selection, object: KubernetesObject): boolean {
  const hasField = ({ path, equals, value }: FieldTerm): boolean =>
    ((text(at(object, ...path)) ?? '') === value) === equals;
  return matches(labels, object.metadata.labels ?? {}) && fields.every(hasField);
}

/** `app=web,tier in (a, b),!legacy`, as kubectl takes it. */
function parseLabels(selector: string): LabelSelector {
  const matchExpressions = terms(selector).map((term) => {
    const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
    if (set) {
      const [, key = '', operator, values = ''] = set;
      return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: values.split(',').map((one) => one.trim()) };
    }
    const equality = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(term);
    if (equality) {
      const [, key = '', operator, value = ''] = equality;
      return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] };
    }
    if (/^!\s*[^\s=!(),]+$/.test(term)) return { key: term.slice(1).trim(), operator: 'DoesNotExist' };
    if (/^[^\s=!(),]+$/.test(term)) return { key: term, operator: 'Exists' };
    throw invalid(`-l ${selector}`, `${term} is no requirement`);
  });
  const parsed = parseSelector({ matchExpressions });
  if (parsed.kind === 'invalid') throw invalid(`-l ${selector}`, parsed.says);
  return parsed.selector;
}

function parseField(term: string): FieldTerm {
  const [, path = '', operator, value = ''] = /^([a-zA-Z][a-zA-Z.]*)\s*(==|=|!=)\s*(\S*)$/.exec(term) ?? [];
  if (operator === undefined) throw invalid(`--field-selector ${term}`, 'it is no field=value');
  return { path: path.split('.'), equals: operator !== '!=', value };
}

/** Parts between commas that stand outside of parentheses. */
function terms(selector: string): readonly string[] {
  const parts = selector.match(/(?:[^,(]|\([^)]*\)?)+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function invalid(flag: string, says: string): SeaworthyError {
  return new SeaworthyError('SW_SELECTOR_INVALID', `${flag} can't be read: ${says}`, {
    hint: "Write it as kubectl takes it: -l 'app=web,tier in (a,b),!legacy', --field-selector spec.nodeName=n1.",
  });
}
