import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { listen } from '../../../agent/listen.ts';
import type { ExecSession } from '../../../cluster/types.ts';
import { mapLimited } from '../limited.ts';
import { keepOpen } from '../testing/this-machine.ts';
import { converse, type Conversation, type Heard } from './conversation.ts';
import { createPool, type Pool } from './pool.ts';
import { probeLines } from './probe-lines.ts';
import { shellLines } from './shell-lines.ts';

const PROBE = fileURLToPath(new URL('../../../agent/probe.ts', import.meta.url));
const children: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Programs of a container as processes of this machine. */
function startHere(command: readonly string[]): ExecSession {
  const [program = '', ...rest] = command;
  const [file, args] = program === 'seaworthy-probe' ? [process.execPath, [PROBE, ...rest]] : [program, rest];
  const child = spawn(file, args);
  children.push(child);
  return keepOpen(child);
}

const times = { helloWithinMs: 20_000, now: () => new Date() };
const ended = async (child = children[0]): Promise<void> => {
  if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

async function shell(): Promise<Conversation<readonly string[], { code: number; stdout: string; stderr: string }>> {
  const begun = await converse(startHere(shellLines.command), shellLines, times);
  if (!('ask' in begun)) throw new Error(begun.because);
  return begun;
}

describe('the shell of a container', () => {
  const run = async (...commands: readonly (readonly string[])[]): Promise<readonly unknown[]> => {
    const talk = await shell();
    const heard = await talk.ask(commands.map((question) => ({ question, withinMs: 20_000 })));
    return heard.map((one) => (one.kind === 'answer' ? one.answer : one.because));
  };

  test('runs a command and gives both streams apart, and its exit status', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2; echo more; exit 3'])).toEqual([
      { code: 3, stdout: 'out\nmore\n', stderr: 'err\n' },
    ]);
    expect(await run(['true'], ['no-such-program'])).toMatchObject([
      { code: 0, stdout: '', stderr: '' },
      { code: 127, stdout: '' },
    ]);
  });

  test('takes every word literally', async () => {
    const words = ["it's", '$HOME `id` $(id)', '"', '\\n', '*', 'two\nlines', ' - ', '; exit 9', ''];
    const printed = words.map((word) => `[${word}]\n`).join('');
    expect(await run(['printf', '[%s]\n', ...words])).toEqual([{ code: 0, stdout: printed, stderr: '' }]);
  });

  test('keeps the lines of commands apart that run side by side', async () => {
    const commands = Array.from({ length: 40 }, (_, n) => [
      'sh',
      '-c',
      `for i in 1 2 3 4 5; do echo "$0 $i"; done`,
      `${n}`,
    ]);
    const expected = commands.map((_, n) => ({
      code: 0,
      stdout: [1, 2, 3, 4, 5].map((i) => `${n} ${i}\n`).join(''),
      stderr: '',
    }));
    expect(await run(...commands)).toEqual(expected);
  });

  test('gives the beginning of a line without end, and reads its standard input for no command', async () => {
    const [long, cat] = await run(['sh', '-c', 'head -c 100000 /dev/urandom | od -An -v -tx1 | tr -d " \\n"'], ['cat']);
    expect(long).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{600}\n$/) as string });
    expect(cat).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('ends with its input', async () => {
    const talk = await shell();
    await talk.end();
    await ended();
    expect(children[0]).toMatchObject({ exitCode: 0, signalCode: null });
  });
});

test('a program that can not be started, or says nothing of what it should, is no conversation', async () => {
  expect(await converse(startHere(['no-such-program']), shellLines, times)).toMatchObject({
    kind: 'none',
    because: expect.stringContaining('no-such-program') as string,
  });
  expect(await converse(startHere(['sleep', '60']), probeLines, { ...times, helloWithinMs: 100 })).toEqual({
    kind: 'none',
    because: 'no answer in 100 ms',
  });
});

describe('conversations are kept', () => {
  const from = { namespace: 'shop', pod: 'web' };
  const whoami = [{ question: { kind: 'whoami' }, withinMs: 20_000 }] as const;
  type Asking = Pool<Parameters<typeof probeLines.write>[1], unknown>;
  const createHere = (): Asking =>
    createPool(probeLines, {
      open: async (_from, command) => startHere(command),
      starting: (work) => work(),
      now: () => new Date(),
    });
  const kinds = (heard: readonly Heard<unknown>[]): readonly string[] => heard.map(({ kind }) => kind);

  test('one program answers question after question, also those asked while it starts', async () => {
    const pool = createHere();
    const first = await Promise.all([pool.ask(from, whoami), pool.ask(from, whoami)]);
    const more = await mapLimited([1, 2, 3], 1, () => pool.ask(from, whoami));
    expect([...first, ...more].flatMap(kinds)).toEqual(Array(5).fill('answer'));
    expect(children).toHaveLength(1);
    await pool.hangUp();
    await ended();
    expect(children[0]).toMatchObject({ exitCode: 0 });
    expect(kinds(await pool.ask(from, whoami))).toEqual(['answer']);
    expect(children).toHaveLength(2);
  });

  test('each container has its own', async () => {
    const pool = createHere();
    await Promise.all(['a', 'b'].map((pod) => pool.ask({ ...from, pod }, whoami)));
    expect(children).toHaveLength(2);
  });

  test('a program that is killed leaves its questions without an answer; the next one starts it again', async () => {
    const pool = createHere();
    await pool.ask(from, whoami);
    const silence = await listen(0, '127.0.0.1');
    await silence.close();
    const slow = {
      kind: 'dns',
      name: 'nobody.invalid',
      server: `127.0.0.1:${silence.port}`,
      timeoutMs: 60_000,
    } as const;
    const waiting = pool.ask(from, [{ question: slow, withinMs: 60_000 }]);
    const killed = pool.ask(from, whoami).then(() => children[0]?.kill('SIGKILL'));
    const [heard] = await Promise.all([waiting, killed]);
    // A resolver may be told at once that nobody is there; then there was an answer before the end.
    if (heard[0]?.kind === 'none')
      expect(heard).toEqual([{ kind: 'none', because: 'the probe in the container has ended' }]);
    await ended();
    // The end of the process is known here before the end of its streams is known there.
    await expect
      .poll(async () => kinds(await pool.ask(from, whoami)), { timeout: 15_000, interval: 10 })
      .toEqual(['answer']);
    expect(children).toHaveLength(2);
  });

  test('a question that is let pass unanswered ends the conversation, and one asked in vain is no answer', async () => {
    const pool = createPool(shellLines, {
      open: async (_from, command) => startHere(command),
      starting: (work) => work(),
      now: () => new Date(),
    });
    const [late] = await pool.ask(from, [{ question: ['sleep', '60'], withinMs: 200 }]);
    expect(late).toEqual({ kind: 'none', because: 'no answer in 200 ms' });
    await ended();
    const stop = AbortSignal.timeout(100);
    const [given] = await pool.ask(from, [{ question: ['sleep', '1'], withinMs: 20_000 }], stop);
    expect(given).toEqual({ kind: 'none', because: 'interrupted' });
  });
});
