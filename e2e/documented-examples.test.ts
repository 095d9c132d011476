import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseClaims } from '../src/claims/read-claims.ts';
import { parseExperiments } from '../src/experiments/read-experiments.ts';
import { runCommand } from '../src/testing/test-io.ts';

/**
 * Runs every example of the documentation: in a fenced block `console`, a line `$ seaworthy …` is a command, given from the project's
 * root, and the lines up to the next command are what it prints on stdout. A line `…` stands for any number of lines.
 */
const ROOT = join(import.meta.dirname, '..');
const pages = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.md') && !/(^|\/)(node_modules|\.git|dist)\//.test(file),
);
const examples = pages.flatMap((page) =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```console\n([^]*?)^```/gm)].flatMap(([, block]) =>
    (block ?? '')
      .split(/^(?=\$ )/m)
      .filter((part) => part.startsWith('$ '))
      .map((part) => {
        const [command, ...printed] = part.trimEnd().split('\n');
        return { page, command: (command ?? '').slice(2), printed };
      }),
  ),
);

describe('examples in the documentation', () => {
  test.each(examples)('$page: $command', async ({ command, printed }) => {
    const [program, ...args] = words(command);
    expect(program).toBe('seaworthy');
    const ran = await runCommand(args, { cwd: ROOT, env: { NO_COLOR: '1' } });
    const lines = ran.stdout.trimEnd().split('\n');
    if (!matches(printed, lines)) expect(lines).toEqual(printed);
  });

  test('there are some', () => {
    expect(examples.length).toBeGreaterThan(0);
  });
});

test('claims and experiments in the documentation are read without a mistake', () => {
  const blocks = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, text = '']) => ({
      page,
      text,
    })),
  );
  const claims = blocks.filter(({ text }) => /^kind: Claim$/m.test(text));
  const experiments = blocks.filter(({ text }) => /^kind: Experiment$/m.test(text));
  expect(claims.flatMap(({ page, text }) => parseClaims(text, page)).length).toBeGreaterThanOrEqual(claims.length);
  expect(experiments.flatMap(({ page, text }) => parseExperiments(text, page)).length).toBeGreaterThan(0);
  expect(claims.length).toBeGreaterThanOrEqual(7);
});

/** The words of a command line; quotes keep words together, a comment ends it. */
function words(command: string): string[] {
  return [...command.replace(/\s#\s.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

function matches(pattern: readonly string[], lines: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return lines.length === 0 || lines.join('') === '';
  if (first.trim() === '…') {
    for (let from = 0; from <= lines.length; from++) if (matches(rest, lines.slice(from))) return true;
    return false;
  }
  const [line, ...others] = lines;
  return line !== undefined && first.trimEnd() === line.trimEnd() && matches(rest, others);
}
