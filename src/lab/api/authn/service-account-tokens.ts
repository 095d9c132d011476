import { createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { at, isRecord, record, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { UserInfo } from '../core.ts';
import type { Store } from '../storage/store.ts';

/** What a token is bound to; it dies with it. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

export interface TokenWish {
  readonly account: KubernetesObject;
  readonly audiences: readonly string[];
  readonly seconds: number;
  readonly bound?: BoundObject;
}

export interface ServiceAccountTokens {
  readonly audience: string;
  issue(wish: TokenWish): { readonly token: string; readonly expires: Date };
  /** Who the bearer is; undefined when the token is not ours, over, or what it was bound to is gone. */
  authenticate(token: string, audiences?: readonly string[]): UserInfo | undefined;
  /** Public key, as `/openid/v1/jwks` shows it. */
  readonly jwks: JsonRecord;
}

const RESOURCES = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;

/**
 * Signs and checks service-account tokens with a key of this lab's own (ES256, which takes no time to make; a
 * cluster made by kubeadm uses RS256). Claims as in KEP-1205 and KEP-4193.
 */
export function createServiceAccountTokens(store: Store, now: () => Date): ServiceAccountTokens {
  const issuer = 'https://kubernetes.default.svc.cluster.local';
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = randomUUID();
  const checkKey = createPublicKey({ key: jwk, format: 'jwk' });

  return {
    audience: issuer,
    jwks: { keys: [{ ...jwk, use: 'sig', alg: 'ES256', kid }] },
    issue({ account, audiences, seconds, bound }) {
      const issued = Math.floor(now().getTime() / 1000);
      const { namespace, name, uid } = account.metadata;
      const payload = {
        aud: audiences.length > 0 ? audiences : [issuer],
        exp: issued + seconds,
        iat: issued,
        iss: issuer,
        jti: randomUUID(),
        'kubernetes.io': {
          namespace,
          ...(bound
            ? {
                [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid },
                ...nodeClaim(store, namespace, bound),
              }
            : {}),
          serviceaccount: { name, uid },
        },
        nbf: issued,
        sub: `system:serviceaccount:${namespace}:${name}`,
      };
      const head = encode({ alg: 'ES256', kid });
      const body = encode(payload);
      const signature = sign('sha256', Buffer.from(`${head}.${body}`), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return {
        token: `${head}.${body}.${signature.toString('base64url')}`,
        expires: new Date((issued + seconds) * 1000),
      };
    },
    authenticate(token, audiences = [issuer]) {
      const claims = open(token);
      if (!claims || claims['iss'] !== issuer) return undefined;
      const seconds = now().getTime() / 1000;
      if (!(Number(claims['exp']) > seconds) || Number(claims['nbf']) > seconds + 60) return undefined;
      const aud = claims['aud'];
      if (!Array.isArray(aud) || !aud.some((one) => audiences.includes(one as string))) return undefined;
      return bearer(store, claims);
    },
  };

  function open(token: string): JsonRecord | undefined {
    const [head = '', body = '', signature = '', ...more] = token.split('.');
    if (more.length > 0 || signature === '') return undefined;
    const key = { key: checkKey, dsaEncoding: 'ieee-p1363' as const };
    if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return undefined;
    try {
      const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
      return isRecord(claims) ? claims : undefined;
    } catch {
      return undefined;
    }
  }
}

/** A pod's token names the pod's node, so that a stolen one can be told by where it is used. */
function nodeClaim(store: Store, namespace: string | undefined, bound: BoundObject): JsonRecord {
  if (bound.kind !== 'Pod') return {};
  const node = text(at(store.get('pods', namespace, bound.name), 'spec', 'nodeName'));
  if (node === undefined) return {};
  const uid = store.get('nodes', undefined, node)?.metadata.uid;
  return { node: { name: node, ...(uid === undefined ? {} : { uid }) } };
}

function bearer(store: Store, claims: JsonRecord): UserInfo | undefined {
  const own = record(claims['kubernetes.io']);
  const namespace = text(own['namespace']) ?? '';
  const name = text(at(own, 'serviceaccount', 'name')) ?? '';
  const uid = text(at(own, 'serviceaccount', 'uid')) ?? '';
  if (store.get('serviceaccounts', namespace, name)?.metadata.uid !== uid) return undefined;
  const extra: Record<string, readonly string[]> = {
    'authentication.kubernetes.io/credential-id': [`JTI=${text(claims['jti'])}`],
  };
  for (const kind of ['Pod', 'Secret', 'Node'] as const) {
    const bound = own[kind.toLowerCase()];
    if (!isRecord(bound)) continue;
    const there = store.get(RESOURCES[kind], kind === 'Node' ? undefined : namespace, text(bound['name']) ?? '');
    const isClaimOnly = kind === 'Node' && own['pod'] !== undefined;
    if (!isClaimOnly && there?.metadata.uid !== bound['uid']) return undefined;
    if (kind === 'Secret') continue;
    const label = `authentication.kubernetes.io/${kind.toLowerCase()}`;
    extra[`${label}-name`] = [text(bound['name']) ?? ''];
    extra[`${label}-uid`] = [text(bound['uid']) ?? ''];
  }
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra,
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
