import { describe, expect, test } from 'vitest';
import { readYaml } from './yaml.ts';

/** What kubectl 1.36 sends to the API server for a value written so (`kubectl patch --local -o json`). */
const KUBECTL: readonly (readonly [written: string, sent: unknown])[] = [
  ['yes', true],
  ['y', true],
  ['On', true],
  ['no', false],
  ['off', false],
  ['yEs', 'yEs'],
  ['0777', 511],
  ['0o777', 511],
  ['-0777', -511],
  ['0o08', '0o08'],
  ['08', 8],
  ['0x1F', 31],
  ['0b11', 3],
  ['+5', 5],
  ['-0', 0],
  ['1_000', 1000],
  ['1:30', '1:30'],
  ['22:22', '22:22'],
  ['2020-01-01', '2020-01-01'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['1e3', 1000],
  ['1.50', 1.5],
  ['1.', 1],
  ['.5', 0.5],
  ['0.', 0],
  ['=', '='],
  ['~', null],
  ['Null', null],
  ['', null],
  ['"yes"', 'yes'],
  ['!!str 1', '1'],
  ['!!binary aGVsbG8=', 'hello'],
  ['!foo bar', 'bar'],
  ['12345678901234567890', 1.2345678901234567e19],
  ['1.2.3', '1.2.3'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['100m', '100m'],
  ['a: b', undefined],
];

describe('values are read as kubectl reads them', () => {
  test.each(KUBECTL.filter(([, sent]) => sent !== undefined))('%s', (written, sent) => {
    const reading = readYaml(`v: ${written}\n`);
    expect(reading).toMatchObject({ kind: 'ok', values: [{ v: sent }] });
  });

  test('keys that look like booleans and numbers become texts', () => {
    expect(readYaml('yes: 1\n1: 2\n1.5: 3\n')).toMatchObject({ values: [{ true: 1, '1': 2, '1.5': 3 }] });
  });

  test('merge keys are merged and an explicit key wins', () => {
    const reading = readYaml('base: &b {one: 1, two: 2}\nv:\n  <<: *b\n  two: 3\n');
    expect(reading).toMatchObject({ values: [{ v: { one: 1, two: 3 } }] });
  });

  test('a key named __proto__ is a key', () => {
    const reading = readYaml('__proto__: {polluted: 1}\n');
    expect(reading.kind === 'ok' && Object.keys(reading.values[0] as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('what is wrong is said with its place', () => {
  const problem = (text: string): unknown => {
    const reading = readYaml(text);
    return reading.kind === 'broken' ? reading.problem : reading.warning;
  };

  test('a tab as indentation', () => {
    expect(problem('a:\n\tb: 1\n')).toMatchObject({ code: 'SW_NOT_YAML', message: expect.stringContaining('tab') });
  });

  test('a key given twice keeps the last value', () => {
    const reading = readYaml('a: 1\nb: 2\na: 3\n');
    expect(reading).toMatchObject({ kind: 'ok', values: [{ a: 3, b: 2 }] });
    expect(problem('a: 1\nb: 2\na: 3\n')).toEqual({
      code: 'SW_DUPLICATE_KEY',
      message: 'the key a is given twice in one map',
      offset: 10,
    });
  });

  test('an alias bomb costs no more than its text', () => {
    const levels = Array.from({ length: 40 }, (_, i) =>
      i === 0 ? 'l0: &l0 [x, x, x, x, x, x, x, x, x]' : `l${i}: &l${i} [${`*l${i - 1}, `.repeat(9)}]`,
    );
    const before = performance.now();
    expect(problem(levels.join('\n'))).toMatchObject({ code: 'SW_YAML_ALIAS_BOMB' });
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test('an anchor that contains itself', () => {
    expect(problem('a: &a [*a]\n')).toMatchObject({
      code: 'SW_YAML_ALIAS_BOMB',
      message: 'the anchor a contains itself',
    });
  });

  test('aliases as people use them are fine', () => {
    const uses = Array.from({ length: 300 }, (_, i) => `k${i}: *labels`).join('\n');
    expect(readYaml(`labels: &labels {app: web}\n${uses}\n`).kind).toBe('ok');
  });

  test('nesting without end', () => {
    expect(problem('['.repeat(100_000))).toMatchObject({ code: 'SW_NOT_YAML' });
  });
});
