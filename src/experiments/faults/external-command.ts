import { z } from 'zod';
import { API_VERSION } from '../../model/api-version.ts';
import { list, strings } from '../../model/json.ts';
import { defineFault, type FaultContext, type Injection } from './define-fault.ts';
import { injectionId } from './injection-id.ts';

const Command = z.array(z.string().min(1)).min(1).describe('Program and arguments; no shell reads them.');

/** The longest a given command may take. */
const TIMEOUT_MS = 30_000;

/**
 * A fault only the operator knows how to make: power cut by a management board, a process paused on a node, a chaos
 * tool that is installed already. The pair of commands is in the local journal, and never run from what a cluster
 * says: whoever can write a ConfigMap must not be able to run programs on the machine of whoever recovers.
 */
export const externalCommand = defineFault({
  id: 'external-command',
  title: 'A command of the operator breaks something, another one mends it',
  tier: 'external',
  breaks: ['anything'],
  oneShot: false,
  parameters: z.strictObject({
    describe: z.string().min(1).describe('What the command breaks, for the person who confirms it.'),
    apply: Command,
    undo: Command.describe('Mends it. Must be safe to repeat, and safe when nothing was broken.'),
    bit: Command.optional().describe('Exits 0 when the fault is in effect; without it the treatment is unknown.'),
    clean: Command.optional().describe('Exits 0 when nothing is left of the fault.'),
  }),
  async preflight(parameters, at) {
    if (!at.command) return { kind: 'refused', because: 'commands are not run here' };
    const id = injectionId(at.rng);
    return {
      kind: 'ready',
      injections: [
        {
          fault: 'external-command',
          id,
          run: at.run,
          target: { apiVersion: API_VERSION, kind: 'Command', name: id },
          says: `${parameters.describe}: ${parameters.apply.join(' ')}`,
          touches: { namespaces: [], pods: [], nodes: [] },
          data: { ...parameters },
        },
      ],
    };
  },
  async apply(injection, at) {
    const done = await runStep(injection, 'apply', at);
    return done.code === 0 ? { kind: 'applied' } : { kind: 'failed', because: done.output };
  },
  async undo(injection, at) {
    if (!at.command)
      return { kind: 'failed', because: 'its undo is a command of the machine the experiment ran on; recover there' };
    const done = await runStep(injection, 'undo', at);
    return done.code === 0
      ? { kind: 'undone', says: 'the undo command succeeded' }
      : { kind: 'failed', because: done.output };
  },
  async residue(injection, at) {
    if (injection.data['clean'] === undefined) return [];
    const done = await runStep(injection, 'clean', at);
    if (done.code === 0) return [];
    return [
      { what: `its own check finds something left: ${done.output}`, remedy: strings(injection.data['undo']).join(' ') },
    ];
  },
  async bit(injection, at) {
    if (injection.data['bit'] === undefined)
      return { bit: 'unknown', says: 'no command says whether the fault is in effect' };
    const done = await runStep(injection, 'bit', at);
    return { bit: done.code === 0, says: done.output || `its check ended with ${done.code}` };
  },
});

async function runStep(
  injection: Injection,
  step: 'apply' | 'undo' | 'bit' | 'clean',
  at: FaultContext,
): Promise<{ code: number; output: string }> {
  const command = strings(list(injection.data[step]));
  if (!at.command || command.length === 0) return { code: 127, output: `there is no ${step} command` };
  const { code, output } = await at.command(command, { timeoutMs: TIMEOUT_MS });
  return { code, output: output.trim() || `${command.join(' ')} ended with ${code}` };
}
