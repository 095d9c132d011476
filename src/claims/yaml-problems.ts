import { isMap, isSeq, LineCounter, parseAllDocuments, type Document, type ParsedNode } from 'yaml';
import type { z } from 'zod';
import type { ErrorCode, Position } from '../model/errors.ts';
import { formatPath } from '../model/because.ts';
import { nearest } from '../model/suggest.ts';

/** Something wrong in a file of claims or experiments, at its place. */
export interface DocumentProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly at: Position;
}

/** One YAML document with the means to find any of its fields in the text. */
export interface YamlDocument {
  readonly value: unknown;
  /** Of the value at a path, or of its nearest parent that is there. With `key`, of the key that names it. */
  position(path: readonly PropertyKey[], what?: 'value' | 'key'): Position;
}

/** An alias bomb expands no further than this many nodes. */
const MAX_ALIASES = 100;

/** The documents of a YAML (or JSON) text; broken ones become problems and the rest is still read. Empty ones are skipped. */
export function readYaml(
  text: string,
  file: string,
): { readonly documents: readonly YamlDocument[]; readonly problems: readonly DocumentProblem[] } {
  const lines = new LineCounter();
  const documents: YamlDocument[] = [];
  const problems: DocumentProblem[] = [];
  const parsed = parseAllDocuments<ParsedNode>(text, { lineCounter: lines, prettyErrors: false });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const place = (offset: number): Position => {
      const { line, col } = lines.linePos(offset);
      return { file, line, column: col };
    };
    const [broken] = document.errors;
    if (broken) {
      problems.push({ code: 'SW_YAML_INVALID', message: `no YAML: ${broken.message}`, at: place(broken.pos[0]) });
      continue;
    }
    const start = document.contents?.range[0] ?? 0;
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch {
      problems.push({ code: 'SW_YAML_INVALID', message: 'too many YAML aliases', at: place(start) });
      continue;
    }
    if (value === null || value === undefined) continue;
    documents.push({ value, position: (path, what = 'value') => place(offsetOf(document, path, what) ?? start) });
  }
  return { documents, problems };
}

function offsetOf(
  document: Document<ParsedNode>,
  path: readonly PropertyKey[],
  what: 'value' | 'key',
): number | undefined {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0];
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step));
      if (!pair) return offset;
      const key = (pair.key as ParsedNode).range[0];
      node = pair.value;
      offset = last && what === 'key' ? key : ((pair.value as ParsedNode | null)?.range[0] ?? key);
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      if (node === undefined) return offset;
      offset = (node as ParsedNode).range[0];
    } else return offset;
  }
  return offset;
}

/** Every issue of a failed validation as a problem at its place in the text; unknown fields with the one most likely meant. */
export function problemsOf(
  error: z.ZodError,
  document: YamlDocument,
  code: ErrorCode,
  schema: z.ZodType,
  base: readonly PropertyKey[] = [],
): readonly DocumentProblem[] {
  const issues = error.issues.flatMap((issue) => flatten(issue, base));
  const misspelt = new Set(
    issues.flatMap(({ issue, path }) => (issue.code === 'unrecognized_keys' ? [path.join('/')] : [])),
  );
  return issues.flatMap(({ issue, path }): readonly DocumentProblem[] => {
    // What is missing from an object is most likely the field that was misspelt in it.
    if (issue.code === 'custom' && misspelt.has(path.join('/'))) return [];
    if (issue.code !== 'unrecognized_keys') {
      const where = fieldName(path.slice(base.length));
      const says = describe(issue, document.value, path);
      return [{ code, message: where === '' ? says : `${where}: ${says}`, at: document.position(path) }];
    }
    const known = keysAt(schema, path.slice(base.length));
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const hint =
        meant !== undefined
          ? `Did you mean ${meant}?`
          : known.length > 0
            ? `Known here: ${known.join(', ')}.`
            : undefined;
      return {
        code,
        message: `unknown field ${fieldName([...path.slice(base.length), key])}`,
        ...(hint === undefined ? {} : { hint }),
        at: document.position([...path, key], 'key'),
      };
    });
  });
}

type Issue = z.core.$ZodIssue;

/** Of the alternatives of a union, the one that came furthest is the one that was meant. */
function flatten(
  issue: Issue,
  base: readonly PropertyKey[],
): readonly { readonly issue: Issue; readonly path: readonly PropertyKey[] }[] {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }];
  const reach = (issues: readonly Issue[]): number =>
    Math.max(...issues.map((one) => (one.path.length === 0 && one.code === 'invalid_type' ? -1 : one.path.length)), -1);
  const meant = [...issue.errors].sort((a, b) => reach(b) - reach(a))[0] ?? [];
  return meant.flatMap((one) => flatten(one, path));
}

function describe(issue: Issue, root: unknown, path: readonly PropertyKey[]): string {
  if (issue.code === 'invalid_type') {
    let value: unknown = root;
    for (const step of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
    return value === undefined ? 'is missing' : `should be ${article(issue.expected)}`;
  }
  if (issue.code === 'invalid_value') return `should be ${choice(issue.values.map(String))}`;
  if (issue.code === 'custom') return issue.message;
  return issue.message
    .replace(/^Invalid string: must match pattern (.*)$/, 'does not match $1')
    .replace(/^Invalid input: /, '');
}

function fieldName(path: readonly PropertyKey[]): string {
  return formatPath(path.map((step) => (typeof step === 'number' ? step : String(step))));
}

function choice(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function article(type: string): string {
  if (type === 'array') return 'a list';
  if (type === 'record') return 'a map';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** The field names a schema knows at a path. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const found = path.reduce<readonly z.core.$ZodType[]>(
    (here, step) => here.flatMap((one) => alternatives(one)).flatMap((one) => below(one, step)),
    [schema],
  );
  return found.flatMap((one) => alternatives(one)).flatMap((one) => Object.keys(shapeOf(one) ?? {}));
}

function alternatives(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = schema._zod.def as { type: string; innerType?: z.core.$ZodType; options?: readonly z.core.$ZodType[] };
  if (def.innerType) return alternatives(def.innerType);
  return def.type === 'union' ? (def.options ?? []).flatMap((one) => alternatives(one)) : [schema];
}

function below(schema: z.core.$ZodType, step: PropertyKey): readonly z.core.$ZodType[] {
  const def = schema._zod.def as { type: string; element?: z.core.$ZodType };
  if (def.type === 'array') return def.element ? [def.element] : [];
  const field = shapeOf(schema)?.[String(step)];
  return field ? [field] : [];
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  return (schema._zod.def as { shape?: Readonly<Record<string, z.core.$ZodType>> }).shape;
}
