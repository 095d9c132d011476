import messages from '../upstream/protobuf.json' with { type: 'json' };

/**
 * Reads Kubernetes' protobuf into the JSON that stands for the same object. The bytes are an envelope
 * (`runtime.Unknown`) behind a magic number, which names the kind; a table copied from upstream gives the fields their
 * names. Answers are never protobuf: whoever sends it takes JSON as well.
 */

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');
const TABLE = messages as Readonly<Record<string, Readonly<Record<string, string>>>>;
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

type Json = Record<string, unknown>;

/** The object in a body; throws an Error with a sentence when it can't be read. */
export function decodeProtobuf(body: Buffer): Json {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('the body does not begin as Kubernetes protobuf');
  const envelope = fieldsOf(body.subarray(MAGIC.length));
  const type = fieldsOf(bytes(envelope.get(1)?.[0]));
  const [apiVersion, kind] = [bytes(type.get(1)?.[0]).toString(), bytes(type.get(2)?.[0]).toString()];
  const name = messageName(apiVersion, kind);
  if (TABLE[name] === undefined) throw new Error(`${apiVersion} ${kind} is not known in protobuf`);
  return { apiVersion, kind, ...message(name, bytes(envelope.get(2)?.[0])) };
}

/** `rbac.authorization.k8s.io/v1` `Role` is the message `rbac.v1.Role`. */
function messageName(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return 'meta.v1.DeleteOptions';
  const [version = '', group = 'core'] = apiVersion.split('/').reverse();
  return `${group.split('.')[0]}.${version}.${kind}`;
}

type Value = Buffer | bigint;

/** The fields of a message by number, each with its values in order. */
function fieldsOf(buffer: Buffer): ReadonlyMap<number, readonly Value[]> {
  const found = new Map<number, Value[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at++];
      if (byte === undefined || shift > 63n) throw new Error('a number in the body has no end');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > buffer.length) throw new Error('the body ends too soon');
    at += length;
    return buffer.subarray(at - length, at);
  };
  while (at < buffer.length) {
    const key = Number(varint());
    const values = found.get(key >> 3) ?? [];
    found.set(key >> 3, values);
    switch (key & 7) {
      case WIRE.varint:
        values.push(varint());
        break;
      case WIRE.fixed64:
        values.push(take(8));
        break;
      case WIRE.bytes:
        values.push(take(Number(varint())));
        break;
      case WIRE.fixed32:
        values.push(take(4));
        break;
      default:
        throw new Error(`the body has a field of wire type ${key & 7}`);
    }
  }
  return found;
}

function message(name: string, buffer: Buffer): Json {
  const out: Json = {};
  for (const [number, values] of fieldsOf(buffer)) {
    const [field = '', notation = ''] = TABLE[name]?.[number]?.split(' ') ?? [];
    if (field === '') continue;
    if (field === '.') Object.assign(out, message(notation.replace('?', ''), bytes(values.at(-1))));
    else if (notation.startsWith('[]')) out[field] = values.map((value) => single(notation.slice(2), value));
    else if (notation.startsWith('{}')) out[field] = Object.fromEntries(values.map((v) => entry(notation.slice(2), v)));
    else {
      const type = notation.replace('?', '');
      const value = single(type, values.at(-1));
      if (notation === type || !isZero(value)) out[field] = value;
    }
  }
  return out;
}

function entry(type: string, value: Value): readonly [string, unknown] {
  const parts = fieldsOf(bytes(value));
  return [bytes(parts.get(1)?.[0]).toString(), single(type, parts.get(2)?.[0] ?? Buffer.alloc(0))];
}

function single(type: string, value: Value | undefined): unknown {
  switch (type) {
    case 'string':
      return bytes(value).toString();
    case 'bytes':
      return bytes(value).toString('base64');
    case 'int':
      return Number(value);
    case 'bool':
      return value !== 0n;
    case 'number':
      return bytes(value).readDoubleLE();
    case 'quantity':
      return bytes(fieldsOf(bytes(value)).get(1)?.[0]).toString();
    case 'intOrString': {
      const parts = fieldsOf(bytes(value));
      return (parts.get(1)?.[0] ?? 0n) === 0n ? Number(parts.get(2)?.[0] ?? 0n) : bytes(parts.get(3)?.[0]).toString();
    }
    case 'time':
      return time(bytes(value));
    case 'raw':
      return JSON.parse(bytes(fieldsOf(bytes(value)).get(1)?.[0]).toString() || 'null');
    case 'stringList':
      return (fieldsOf(bytes(value)).get(1) ?? []).map((one) => bytes(one).toString());
    default:
      return message(type, bytes(value));
  }
}

/** Seconds, and nanoseconds for a MicroTime; without any it is no time. */
function time(buffer: Buffer): string | null {
  const parts = fieldsOf(buffer);
  const seconds = Number(parts.get(1)?.[0] ?? 0n);
  const micros = Number(parts.get(2)?.[0] ?? 0n) / 1_000;
  if (parts.size === 0) return null;
  const written = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return micros === 0 ? `${written}Z` : `${written}.${String(micros).padStart(6, '0')}Z`;
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || value === null;
}

function bytes(value: Value | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}
