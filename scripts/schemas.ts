import { z } from 'zod';
import { ClaimSchema } from '../src/claims/schema/claim.ts';
import { ExperimentSchema } from '../src/experiments/schema.ts';

/** Each published JSON Schema: its file under schemas/ and the text it should have. */
export function SCHEMAS(): readonly { readonly file: string; readonly text: string }[] {
  return [
    { file: 'claim.schema.json', text: jsonSchema(ClaimSchema, 'Claim') },
    { file: 'experiment.schema.json', text: jsonSchema(ExperimentSchema, 'Experiment') },
  ];
}

function jsonSchema(schema: z.ZodType, title: string): string {
  const generated = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12', reused: 'ref' });
  return `${JSON.stringify({ title, ...generated }, null, 2)}\n`;
}
