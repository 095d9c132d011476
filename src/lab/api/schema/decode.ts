import { isRecord } from '../../../model/json.ts';
import { canonicalQuantity } from './quantity.ts';
import { fieldType, type FieldType, type Scalar } from './types.ts';

/** What reading a body against its type gave. `object` has unknown fields, nulls and empty collections removed, as upstream. */
export interface Decoded {
  readonly object: unknown;
  readonly unknownFields: readonly string[];
  /** First value of the wrong type, as a sentence; the body is then refused. */
  readonly mistyped?: string;
}

/** Lists that upstream writes even when they are empty. */
const KEPT_EMPTY: ReadonlySet<string> = new Set(['rules', 'containers', 'endpoints', 'ports.none']);
/** Booleans that upstream does not tell apart from absent ones. */
const DROPPED_WHEN_FALSE: ReadonlySet<string> = new Set([
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'stdin',
  'stdinOnce',
  'tty',
  'readOnly',
  'unschedulable',
  'paused',
  'publishNotReadyAddresses',
  'terminating',
]);

/** Reads a body as Go's decoder and encoder would pass it through the type. Unknown fields are dropped and reported. */
export function decode(type: FieldType, value: unknown): Decoded {
  const unknownFields: string[] = [];
  const mistyped: string[] = [];
  const object = walk(type, value, '', { unknownFields, mistyped });
  return { object, unknownFields, ...(mistyped[0] === undefined ? {} : { mistyped: mistyped[0] }) };
}

interface Report {
  readonly unknownFields: string[];
  readonly mistyped: string[];
}

function walk(type: FieldType, value: unknown, path: string, report: Report): unknown {
  switch (type.kind) {
    case 'any':
      return value;
    case 'scalar':
      return scalar(type.name, value, path, report);
    case 'list': {
      if (!Array.isArray(value)) return wrong(value, path, 'array', report);
      return value.map((entry, index) => walk(type.of, entry, `${path}[${index}]`, report));
    }
    case 'map': {
      if (!isRecord(value)) return wrong(value, path, 'map', report);
      return Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [key, walk(type.of, entry, `${path}.${key}`, report)]),
      );
    }
    case 'struct': {
      if (!isRecord(value)) return wrong(value, path, 'object', report);
      const out: Record<string, unknown> = {};
      for (const [field, entry] of Object.entries(value)) {
        const at = path === '' ? field : `${path}.${field}`;
        const of = fieldType(type, field);
        if (!of) {
          report.unknownFields.push(at);
          continue;
        }
        if (entry === null || isEmpty(of, field, entry)) continue;
        out[field] = walk(of, entry, at, report);
      }
      return out;
    }
  }
}

function isEmpty(type: FieldType, field: string, value: unknown): boolean {
  if (value === false) return DROPPED_WHEN_FALSE.has(field);
  if (type.kind === 'list') return Array.isArray(value) && value.length === 0 && !KEPT_EMPTY.has(field);
  if (type.kind === 'map') return isRecord(value) && Object.keys(value).length === 0;
  return false;
}

function scalar(name: Scalar, value: unknown, path: string, report: Report): unknown {
  switch (name) {
    case 'string':
    case 'bytes':
    case 'time':
    case 'microTime':
      return typeof value === 'string' ? value : wrong(value, path, 'string', report);
    case 'bool':
      return typeof value === 'boolean' ? value : wrong(value, path, 'bool', report);
    case 'int':
      return Number.isInteger(value) ? value : wrong(value, path, 'int32', report);
    case 'number':
      return typeof value === 'number' ? value : wrong(value, path, 'float64', report);
    case 'intOrString':
      return typeof value === 'string' || Number.isInteger(value) ? value : wrong(value, path, 'int32', report);
    case 'quantity': {
      const canonical = typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(value) : undefined;
      if (canonical === undefined) {
        report.mistyped.push(
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        );
      }
      return canonical;
    }
  }
}

function wrong(value: unknown, path: string, wanted: string, report: Report): unknown {
  const given = Array.isArray(value)
    ? 'array'
    : isRecord(value)
      ? 'object'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value;
  report.mistyped.push(`json: cannot unmarshal ${given} into Go struct field .${path} of type ${wanted}`);
  return undefined;
}
