import type { Exited } from '../clients/define-client.ts';
import type { Protocol } from './protocol.ts';

/**
 * Runs a numbered command and prints what it prints, each line with the number and the stream before it, and at last
 * its exit status as stream 0. POSIX shell alone, and without a pipeline: every process is waited for by the one that
 * started it, because the first process of many containers collects no orphans. A line is cut to a length that a pipe
 * takes in one piece, so that lines of commands that run side by side are never mixed.
 */
const FUNCTIONS = `exec 4>&1
trap wait EXIT
n='
'
p() { t=$2 k=0
while [ -n "$t" ] && [ $k -lt 200 ]; do
printf '%s %s %.600s\n' "$i" "$1" "\${t%%"$n"*}"
case $t in *"$n"*) t=\${t#*"$n"};; *) t=;; esac
k=$((k+1)); done; }
r() { i=$1; shift
e=$(exec 2>&1; o=$("$@" </dev/null 4>&-); c=$?; p 1 "$o" >&4; exit $c); c=$?
p 2 "$e"; printf '%s 0 %s\n' "$i" "$c"; }
`;

/**
 * The shell of a container, reading commands from its standard input. Commands run in the background and end by
 * themselves; the shell ends with its input, and after them.
 */
export const shellLines: Protocol<readonly string[], Exited> = {
  command: ['sh'],
  atOnce: 16,
  hello: `${FUNCTIONS}r 0 true\n`,
  write: (id, command) => `r ${id} ${command.map(quoted).join(' ')} & j${id}=$!\n`,
  answered: (id) => `wait $j${id}; unset j${id}\n`,
  reader() {
    const printed = new Map<number, { stdout: string; stderr: string }>();
    return (line) => {
      const [, number, stream, text = ''] = /^(\d+) ([012]) (.*)$/s.exec(line) ?? [];
      if (number === undefined) return undefined;
      const id = Number(number);
      const { stdout, stderr } = printed.get(id) ?? { stdout: '', stderr: '' };
      if (stream === '0') {
        printed.delete(id);
        return { id, answer: { code: Number(text), stdout, stderr } };
      }
      printed.set(
        id,
        stream === '1' ? { stdout: `${stdout}${text}\n`, stderr } : { stdout, stderr: `${stderr}${text}\n` },
      );
      return undefined;
    };
  },
};

/** A word as the shell takes it literally. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
