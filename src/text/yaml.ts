import {
  constructFromEvents,
  defineScalarTag,
  FAILSAFE_SCHEMA,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  seqTag,
  YAMLException,
  type Event,
} from 'js-yaml';
import { excessiveAliasing } from './yaml-aliases.ts';

/** What is wrong with a YAML text, with the offset where it shows. */
export interface YamlProblem {
  readonly code: 'SW_NOT_YAML' | 'SW_YAML_ALIAS_BOMB' | 'SW_DUPLICATE_KEY';
  readonly message: string;
  readonly offset: number;
}

/** The values of a text, or what is wrong with it. */
export type YamlReading =
  | {
      readonly kind: 'ok';
      readonly values: readonly unknown[];
      readonly events: readonly Event[];
      readonly warning?: YamlProblem;
    }
  | { readonly kind: 'broken'; readonly problem: YamlProblem };

/** Deep enough for every generated CRD, shallow enough for the parser's recursion. */
const MAX_DEPTH = 500;

/**
 * Reads YAML as kubectl does: the resolver of go.yaml.in/yaml/v2, which is YAML 1.1 without sexagesimal numbers
 * and with timestamps left as text. A key given twice keeps its last value, with a warning.
 */
export function readYaml(text: string): YamlReading {
  try {
    const { events, source } = parse(text);
    const bomb = excessiveAliasing(events, source);
    if (bomb) return { kind: 'broken', problem: { code: 'SW_YAML_ALIAS_BOMB', ...bomb } };
    return construct(events, source);
  } catch (thrown) {
    return { kind: 'broken', problem: { code: 'SW_NOT_YAML', ...problemOf(thrown) } };
  }
}

/** The events of a text for finding positions; undefined when it can't be parsed. */
export function yamlEvents(text: string): readonly Event[] | undefined {
  try {
    return parse(text).events;
  } catch {
    return undefined;
  }
}

/**
 * go-yaml takes tabs before the entries of a `[ ]` or `{ }` that spans lines, js-yaml counts them as no indentation:
 * where it says so they are read as blanks, one for one, so that offsets stay.
 */
function parse(text: string): { readonly events: Event[]; readonly source: string } {
  for (let source = text; ;) {
    try {
      return { events: parseEvents(source, { maxDepth: MAX_DEPTH }), source };
    } catch (thrown) {
      if (!(thrown instanceof YAMLException) || thrown.reason !== 'deficient indentation') throw thrown;
      const start = source.lastIndexOf('\n', problemOf(thrown).offset - 1) + 1;
      const indent = /^[ \t]*/.exec(source.slice(start))?.[0] ?? '';
      if (!indent.includes('\t')) throw thrown;
      source = source.slice(0, start) + ' '.repeat(indent.length) + source.slice(start + indent.length);
    }
  }
}

function construct(events: Event[], source: string): YamlReading {
  try {
    return { kind: 'ok', events, values: constructFromEvents(events, { source, schema: KUBERNETES_SCHEMA }) };
  } catch (thrown) {
    if (!(thrown instanceof YAMLException) || thrown.reason !== 'duplicated mapping key') throw thrown;
    return {
      kind: 'ok',
      events,
      values: constructFromEvents(events, { source, schema: KUBERNETES_SCHEMA, json: true }),
      warning: {
        code: 'SW_DUPLICATE_KEY',
        message: `the key ${keyAt(source, problemOf(thrown).offset)}is given twice in one map`,
        offset: problemOf(thrown).offset,
      },
    };
  }
}

function keyAt(source: string, offset: number): string {
  const key = /^["']?([\w./-]+)/.exec(source.slice(offset, offset + 100))?.[1];
  return key === undefined ? '' : `${key} `;
}

function problemOf(thrown: unknown): { readonly message: string; readonly offset: number } {
  if (thrown instanceof YAMLException) return { message: thrown.reason, offset: thrown.mark?.position ?? 0 };
  if (thrown instanceof RangeError) return { message: 'nested too deeply', offset: 0 };
  return { message: thrown instanceof Error ? thrown.message : String(thrown), offset: 0 };
}

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL = new Set(['', '~', 'null', 'Null', 'NULL']);
const NUMBER_STARTS = ['+', '-', '.', ...'0123456789'.split('')];

const nullTag = defineScalarTag<null>('tag:yaml.org,2002:null', {
  implicit: true,
  implicitFirstChars: ['', '~', 'n', 'N'],
  resolve: (text) => (NULL.has(text) ? null : NOT_RESOLVED),
  identify: () => false,
});

const boolTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: 'yYnNtTfFoO'.split(''),
  resolve: (text) => (TRUE.has(text) ? true : FALSE.has(text) ? false : NOT_RESOLVED),
  identify: () => false,
});

const intTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: NUMBER_STARTS,
  resolve: (text) => goInteger(text) ?? NOT_RESOLVED,
  identify: () => false,
});

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: NUMBER_STARTS,
  resolve: (text) => {
    const plain = text.replaceAll('_', '');
    const value = FLOAT.test(plain) ? Number(plain) : Number.NaN;
    return Number.isFinite(value) ? value : NOT_RESOLVED;
  },
  identify: () => false,
});

const binaryTag = defineScalarTag<string>('tag:yaml.org,2002:binary', {
  resolve: (text) => Buffer.from(text, 'base64').toString('utf8'),
  identify: () => false,
});

/** Go's `strconv.ParseInt(text, 0, 64)` after underscores are dropped: 0x, 0o, 0b and a leading 0 for octal. */
function goInteger(text: string): number | undefined {
  const found = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/.exec(text.replaceAll('_', ''));
  const digits = found?.[2];
  if (digits === undefined) return undefined;
  const magnitude = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return magnitude >= 2 ** 64 ? undefined : found?.[1] === '-' && magnitude !== 0 ? -magnitude : magnitude;
}

/** A tag nobody knows changes nothing: the value is read as what it looks like. */
const anyScalar = (tagName: string) =>
  defineScalarTag<string>(tagName, { matchByTagPrefix: true, resolve: (text) => text, identify: () => false });

const KUBERNETES_SCHEMA = FAILSAFE_SCHEMA.withTags(
  nullTag,
  boolTag,
  intTag,
  floatTag,
  binaryTag,
  mergeTag,
  ...['!', 'tag:'].flatMap((tagName) => [
    anyScalar(tagName),
    { ...seqTag, tagName, matchByTagPrefix: true },
    { ...mapTag, tagName, matchByTagPrefix: true },
  ]),
);
