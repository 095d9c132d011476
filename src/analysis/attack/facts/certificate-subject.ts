/** Who a client certificate says its holder is: the user by CN, the groups by O. */
export interface CertificateSubject {
  readonly user: string | undefined;
  readonly groups: readonly string[];
}

/** One value of the Distinguished Encoding Rules: its tag and what is in it. Source: ITU-T X.690. */
interface Value {
  readonly tag: number;
  readonly content: string;
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;
const COMMON_NAME = '\x55\x04\x03';
const ORGANISATION = '\x55\x04\x0a';

/**
 * The subject of the first certificate in a PEM text; undefined for what is none. Nothing is verified: who signed it, and
 * until when it counts, is for the API server to say. Source: RFC 5280 §4.1, Kubernetes authentication by X.509 certificates.
 */
export function certificateSubject(pem: string): CertificateSubject | undefined {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(pem) ?? [];
  const [certificate] = valuesIn(decoded(body));
  const [signed] = valuesIn(certificate?.content ?? '');
  const fields = valuesIn(signed?.content ?? '').filter(({ tag }) => tag !== VERSION);
  // Serial number, algorithm, issuer, validity, subject.
  const subject = fields[4];
  if (subject?.tag !== SEQUENCE) return undefined;
  const names = valuesIn(subject.content)
    .flatMap(({ content }) => valuesIn(content))
    .map(({ content }) => valuesIn(content));
  const ofKind = (kind: string): readonly string[] =>
    names.flatMap(([type, value]) => (type?.content === kind && value ? [utf8(value.content)] : []));
  return { user: ofKind(COMMON_NAME)[0], groups: ofKind(ORGANISATION) };
}

/** The values one after the other in a text of bytes; it ends where one is broken off. */
function valuesIn(bytes: string): readonly Value[] {
  const found: Value[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const tag = bytes.charCodeAt(at);
    let length = bytes.charCodeAt(at + 1);
    at += 2;
    if (length > 0x80) {
      const size = length - 0x80;
      length = 0;
      for (const byte of bytes.slice(at, at + size)) length = length * 256 + byte.charCodeAt(0);
      at += size;
    }
    if (at + length > bytes.length) break;
    found.push({ tag, content: bytes.slice(at, at + length) });
    at += length;
  }
  return found;
}

/** The bytes of a base64 text, one character each; empty for what is none. */
export function decoded(base64: string): string {
  try {
    return atob(base64.replaceAll(/\s/g, ''));
  } catch {
    return '';
  }
}

function utf8(bytes: string): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
