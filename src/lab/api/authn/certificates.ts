import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { addressBytes } from '../../network/ip.ts';

/** A certificate and its key, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A certificate authority for one lab, and one serving certificate it signs. X.509 v3 with ECDSA P-256, written in
 * DER here: a hundred lines against a dependency tree or a program that may not be installed, and it takes 2 ms.
 * Source: RFC 5280, RFC 5758.
 */
export function createCertificates(
  names: readonly string[],
  now: Date,
): { readonly ca: string; readonly serving: KeyPair } {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = { from: new Date(now.getTime() - 3_600_000), to: new Date(now.getTime() + 365 * 86_400_000) };
  const issuer = distinguishedName('seaworthy-lab-ca');
  const keyId = octets(createHash('sha1').update(spki(authority.publicKey)).digest());
  const ca = certificate({
    issuer,
    subject: issuer,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    validity,
    extensions: [
      extension(OID.basicConstraints, true, sequence(boolean(true))),
      extension(OID.keyUsage, true, Buffer.from([3, 2, 1, 0b0000_0110])),
      extension(OID.subjectKeyId, false, keyId),
    ],
  });
  const serving = certificate({
    issuer,
    subject: distinguishedName('kube-apiserver'),
    publicKey: server.publicKey,
    signer: authority.privateKey,
    validity,
    extensions: [
      extension(OID.basicConstraints, true, sequence()),
      extension(OID.keyUsage, true, Buffer.from([3, 2, 7, 0b1000_0000])),
      extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
      extension(OID.subjectAltName, false, sequence(...names.map(alternativeName))),
    ],
  });
  const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { ca, serving: { certificate: serving, key } };
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

interface Contents {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly validity: { readonly from: Date; readonly to: Date };
  readonly extensions: readonly Buffer[];
}

function certificate(of: Contents): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    // Positive, and not starting with a zero octet.
    integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    algorithm,
    of.issuer,
    sequence(utcTime(of.validity.from), utcTime(of.validity.to)),
    of.subject,
    spki(of.publicKey),
    tagged(0xa3, sequence(...of.extensions)),
  );
  const der = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, of.signer)));
  return new X509Certificate(der).toString();
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(OID.commonName), tagged(0x0c, Buffer.from(commonName)))));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) !== 0) return tagged(0x87, addressBytes(name));
  return tagged(0x82, Buffer.from(name));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function utcTime(date: Date): Buffer {
  return tagged(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(value: Buffer): Buffer {
  return tagged(0x04, value);
}

function bitString(value: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), value]));
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

function integer(value: Buffer): Buffer {
  return tagged(0x02, value);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const septets = [part & 0x7f];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift((left & 0x7f) | 0x80);
    bytes.push(...septets);
  }
  return tagged(0x06, Buffer.from(bytes));
}

/** Tag, length, value. */
function tagged(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
