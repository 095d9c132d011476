import { z } from 'zod';
import { faultKey, FAULTS } from '../../experiments/faults/index.ts';
import { PROBES } from '../../experiments/probes/index.ts';
import { record, strings, text } from '../../model/json.ts';
import type { Page } from './pages.ts';

/** A page for each probe, made from what it says of itself. */
export function probePages(): readonly Page[] {
  return PROBES.map(({ id, title, needs, parameters }) => ({
    id,
    room: 'probes',
    text:
      `# ${id}\n\n${title}: a probe. It looks at the live cluster and changes nothing there.\n\n` +
      `It needs the permission to ${needs.join(', ')}.\n\n${parametersOf(parameters)}`,
  }));
}

const TIERS = {
  T0: 'the API alone: it needs no privilege in any pod',
  T2: "a process inside the target's own container",
  T3: 'a privileged pod on the node',
  external: 'commands that you give, run on the machine of the conductor',
  none: 'nothing: it changes nothing',
} as const;

/** A page for each fault, made from what it says of itself. */
export function faultPages(): readonly Page[] {
  return FAULTS.map(({ id, title, tier, breaks, oneShot, parameters }) => ({
    id,
    room: 'faults',
    text:
      `# ${id}\n\n${title}: a fault for experiments, written \`${faultKey(id)}\`.\n\n` +
      `- it takes away: ${breaks.join(', ') || 'nothing'}\n- it reaches for ${TIERS[tier]} (${tier})\n` +
      `- ${oneShot ? 'it does its harm at once; there is nothing to take back' : 'it lasts until it is taken back, or its time to live ends'}\n` +
      `- what it does is in the journal before it is done; \`seaworthy experiment recover\` takes it back when all else is dead\n\n` +
      parametersOf(parameters),
  }));
}

/** The parameters by name, with what the schema says of each. */
function parametersOf(schema: z.ZodType): string {
  const json = record(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const required = new Set(strings(json['required']));
  const lines = Object.entries(record(json['properties'])).map(([name, raw]) => {
    const { description, type, enum: words, default: preset } = record(raw);
    const values = Array.isArray(words) ? words.map(String).join(' | ') : text(type);
    const facts = [
      values,
      required.has(name) ? 'required' : undefined,
      preset === undefined ? undefined : `default ${JSON.stringify(preset)}`,
    ].filter((fact) => fact !== undefined);
    const says = text(description);
    return `- \`${name}\`${facts.length === 0 ? '' : ` (${facts.join(', ')})`}${says === undefined ? '' : `: ${says}`}\n`;
  });
  return `## Parameters\n\n${lines.join('')}`;
}
