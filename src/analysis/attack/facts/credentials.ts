import { record, text } from '../../../model/json.ts';
import { certificateSubject, decoded } from './certificate-subject.ts';
import { serviceAccountOf } from '../../access/subjects.ts';
import { identityOfGroup } from '../hops/principals.ts';
import { node, type AttackNode } from '../nodes.ts';

/** A credential that stands in plain text where it should not. */
export interface Credential {
  readonly gives: AttackNode;
  readonly says: string;
  readonly open?: string;
}

const TOKEN = /\beyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+/g;
const AWS_KEY = /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/;
/** The secret half of a key of AWS: forty characters of base64 that are not part of more. */
const AWS_SECRET = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/;

/** A certificate in a kubeconfig, and that its key is there, too. */
const CLIENT_CERTIFICATE = /client-certificate-data["']?\s*:\s*["']?([A-Za-z0-9+/=]{64,})/g;
const CLIENT_KEY = /client-key-data["']?\s*:\s*["']?[A-Za-z0-9+/=]{64,}/;

/**
 * Tokens of service accounts, client certificates in kubeconfigs (with their keys), keys of AWS (with both halves) and of service accounts of Google Cloud, in texts that are read
 * together. What is a credential elsewhere is not looked for: where it leads is not in the cluster.
 */
export function credentialsIn(texts: readonly string[]): readonly Credential[] {
  const found: Credential[] = [];
  for (const one of texts) {
    if (one.includes('eyJ')) for (const [, payload = ''] of one.matchAll(TOKEN)) found.push(...tokenIn(payload));
    if (CLIENT_KEY.test(one))
      for (const [, data = ''] of one.matchAll(CLIENT_CERTIFICATE)) found.push(...certificateIn(data));
    const key = /A[KS]IA/.test(one) ? AWS_KEY.exec(one)?.[0] : undefined;
    if (key !== undefined && texts.some((other) => AWS_SECRET.test(other)))
      found.push({ gives: node('CloudPrincipal', key), says: `the access key ${key} of AWS` });
    const email = one.includes('private_key') ? /"client_email"\s*:\s*"([^"]+)"/.exec(one)?.[1] : undefined;
    if (email !== undefined) found.push({ gives: node('CloudPrincipal', email), says: `a key of ${email}` });
  }
  return found;
}

/** Who a certificate makes its holder. Whether this cluster takes it is for its CA and the time to say. */
function certificateIn(data: string): readonly Credential[] {
  const subject = certificateSubject(decoded(data));
  if (subject?.user === undefined) return [];
  const { user, groups } = subject;
  const open = `whether this cluster takes the certificate of ${user} (who signed it, and until when it counts) is not in the facts`;
  const [, name] = /^system:node:(.+)$/.exec(user) ?? [];
  const holder = name === undefined ? node('Identity', user) : node('NodeIdentity', name);
  return [holder, ...groups.map(identityOfGroup)].map((gives) => ({
    gives,
    says: `a client certificate of ${user}`,
    open,
  }));
}

function tokenIn(payload: string): readonly Credential[] {
  const claims = record(parsed(decoded(payload.replaceAll('-', '+').replaceAll('_', '/'))));
  const account = serviceAccountOf(text(claims['sub']) ?? '');
  if (!account) return [];
  const { namespace, name } = account;
  return [
    {
      gives: node('Token', name, namespace),
      says: `a token of service account ${namespace}/${name}`,
      ...(claims['exp'] === undefined ? {} : { open: 'the token may have expired' }),
    },
  ];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
