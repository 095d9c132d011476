import { isRecord } from '../../../model/json.ts';
import { badRequest } from './status.ts';

/** Where the next page starts, and at which revision the whole list is read. */
export interface ContinueToken {
  readonly revision: number;
  /** Key of the last object given: `namespace/name`. */
  readonly after: string;
}

export function writeContinue(token: ContinueToken): string {
  const body = { v: 'meta.k8s.io/v1', rv: token.revision, start: `${token.after}\0` };
  return Buffer.from(JSON.stringify(body)).toString('base64url');
}

export function readContinue(written: string): ContinueToken {
  try {
    const body: unknown = JSON.parse(Buffer.from(written, 'base64url').toString());
    if (isRecord(body) && body['v'] === 'meta.k8s.io/v1') {
      const { rv, start } = body;
      if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start.replace(/\0$/, '') };
    }
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest('continue key is not valid');
}
