import { matches, opposite, type LabelSelector, type Requirement } from '../../../../model/selectors.ts';

/*
 * Calico's selector language: `app == 'web' && !has(legacy) || tier in {'db', 'cache'}`.
 * Source: projectcalico/calico libcalico-go/lib/selector/parser.
 */

export type SelectorTree =
  | { readonly kind: 'all' }
  /** Only what is in no namespace. */
  | { readonly kind: 'global' }
  | { readonly kind: 'requirement'; readonly requirement: Requirement }
  /** The value contains, begins or ends with a text. */
  | {
      readonly kind: 'text';
      readonly operator: 'contains' | 'starts with' | 'ends with';
      readonly key: string;
      readonly value: string;
    }
  | { readonly kind: 'not'; readonly of: SelectorTree }
  | { readonly kind: 'and' | 'or'; readonly of: readonly SelectorTree[] };

export type ParsedTree =
  | { readonly kind: 'ok'; readonly tree: SelectorTree }
  | { readonly kind: 'invalid'; readonly says: string };

const TOKENS =
  /\s*(?:(&&|\|\||==|!=|[!(){},])|(all|global)\s*\(\s*\)|(has)\s*\(\s*([\w./-]+)\s*\)|"([^"]*)"|'([^']*)'|(not\s+in\b|in\b|contains\b|starts\s+with\b|ends\s+with\b)|([\w./-]+))/y;

interface Token {
  readonly kind: 'symbol' | 'call' | 'has' | 'string' | 'operator' | 'key';
  readonly text: string;
}

/** Reads a selector; an empty one selects everything. */
export function parseTree(source: string): ParsedTree {
  const tokens = tokenise(source);
  if (tokens === undefined) return { kind: 'invalid', says: `${JSON.stringify(source)} is no selector` };
  if (tokens.length === 0) return { kind: 'ok', tree: { kind: 'all' } };
  let next = 0;
  const take = (kind: Token['kind'], text?: string): Token | undefined => {
    const token = tokens[next];
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return undefined;
    next++;
    return token;
  };
  const chain = (
    kind: 'and' | 'or',
    symbol: string,
    part: () => SelectorTree | undefined,
  ): SelectorTree | undefined => {
    const parts: SelectorTree[] = [];
    do {
      const found = part();
      if (!found) return undefined;
      parts.push(found);
    } while (take('symbol', symbol));
    return parts.length === 1 ? parts[0] : { kind, of: parts };
  };
  const either = (): SelectorTree | undefined => chain('or', '||', both);
  const both = (): SelectorTree | undefined => chain('and', '&&', single);
  const single = (): SelectorTree | undefined => {
    if (take('symbol', '!')) {
      const of = single();
      return of && { kind: 'not', of };
    }
    if (take('symbol', '(')) {
      const inner = either();
      return take('symbol', ')') ? inner : undefined;
    }
    const call = take('call');
    if (call) return { kind: call.text === 'all' ? 'all' : 'global' };
    const has = take('has');
    if (has) return { kind: 'requirement', requirement: { operator: 'Exists', key: has.text } };
    return comparison();
  };
  const comparison = (): SelectorTree | undefined => {
    const key = take('key')?.text ?? take('operator')?.text;
    if (key === undefined) return undefined;
    const compared = take('symbol', '==') ?? take('symbol', '!=');
    if (compared) {
      const value = take('string')?.text;
      const operator = compared.text === '==' ? 'In' : 'NotIn';
      return value === undefined ? undefined : { kind: 'requirement', requirement: { operator, key, values: [value] } };
    }
    const operator = take('operator')?.text.replace(/\s+/, ' ');
    if (operator === 'in' || operator === 'not in') {
      const values = set();
      const requirement = values && { operator: operator === 'in' ? ('In' as const) : ('NotIn' as const), key, values };
      return requirement && { kind: 'requirement', requirement };
    }
    const value = take('string')?.text;
    if (value === undefined || operator === undefined) return undefined;
    return { kind: 'text', operator: operator as 'contains', key, value };
  };
  const set = (): readonly string[] | undefined => {
    if (!take('symbol', '{')) return undefined;
    const values: string[] = [];
    for (let value = take('string'); value; value = take('symbol', ',') ? take('string') : undefined)
      values.push(value.text);
    return take('symbol', '}') ? values : undefined;
  };
  const tree = either();
  return tree && next === tokens.length
    ? { kind: 'ok', tree }
    : { kind: 'invalid', says: `${JSON.stringify(source)} is no selector` };
}

function tokenise(source: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  while (TOKENS.lastIndex < source.length) {
    if (source.slice(TOKENS.lastIndex).trim() === '') break;
    const found = TOKENS.exec(source);
    if (!found) return undefined;
    const [, symbol, call, , has, double, single, operator, key] = found;
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
    else if (call !== undefined) tokens.push({ kind: 'call', text: call });
    else if (has !== undefined) tokens.push({ kind: 'has', text: has });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else if (key !== undefined) tokens.push({ kind: 'key', text: key });
    else tokens.push({ kind: 'string', text: double ?? single ?? '' });
  }
  return tokens;
}

/** Selectors of which one must hold; undefined when there would be too many. */
export type Alternatives = readonly LabelSelector[];

const MOST_ALTERNATIVES = 256;

/** What a key of a selector is here: another key, or a value that is the same everywhere. */
export type TranslatedKey = string | { readonly always: string };

/**
 * A tree as alternatives of plain selectors, which is all that classes of pods need. `values` gives every value a key
 * has here, so that a comparison of texts becomes a list of values.
 */
export function alternativesOf(
  tree: SelectorTree,
  values: (key: string) => Iterable<string>,
  translate: (key: string) => TranslatedKey,
): Alternatives | undefined {
  const one = (requirement: Requirement): Alternatives => {
    const key = translate(requirement.key);
    if (typeof key === 'string') return [[{ ...requirement, key }]];
    return matches([requirement], { [requirement.key]: key.always }) ? [[]] : [];
  };
  const expand = (node: SelectorTree, negated: boolean): Alternatives | undefined => {
    switch (node.kind) {
      case 'all':
        return negated ? [] : [[]];
      case 'global':
        return negated ? [[]] : [];
      case 'requirement':
        return one(negated ? opposite(node.requirement) : node.requirement);
      case 'text': {
        const { key, value, operator } = node;
        const fits = [...values(key)].filter((text) =>
          operator === 'contains'
            ? text.includes(value)
            : operator === 'starts with'
              ? text.startsWith(value)
              : text.endsWith(value),
        );
        return one({ operator: negated ? 'NotIn' : 'In', key, values: fits });
      }
      case 'not':
        return expand(node.of, !negated);
      case 'and':
      case 'or': {
        const parts = node.of.map((part) => expand(part, negated));
        return (node.kind === 'or') === negated ? product(parts) : sum(parts);
      }
    }
  };
  return expand(tree, false);
}

/** Alternatives of which one of each must hold. */
export function product(parts: readonly (Alternatives | undefined)[]): Alternatives | undefined {
  let done: Alternatives = [[]];
  for (const part of parts) {
    if (part === undefined || done.length * part.length > MOST_ALTERNATIVES) return undefined;
    done = done.flatMap((left) => part.map((right) => [...left, ...right]));
  }
  return done;
}

function sum(parts: readonly (Alternatives | undefined)[]): Alternatives | undefined {
  const all: LabelSelector[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    all.push(...part);
  }
  return all.length > MOST_ALTERNATIVES ? undefined : all;
}
