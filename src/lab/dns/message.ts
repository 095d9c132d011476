import { addressBytes } from '../network/ip.ts';

/** As much of RFC 1035 (with RFC 2782 for SRV, RFC 3596 for AAAA) as answering the cluster's names takes. */

export const TYPE = { A: 1, PTR: 12, AAAA: 28, SRV: 33, ANY: 255 } as const;
export const RCODE = { ok: 0, formatError: 1, serverFailure: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;

export interface Query {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** Lower case, without the final dot. */
  readonly name: string;
  readonly type: number;
  /** The question as it came, to be repeated in the answer. */
  readonly question: Buffer;
}

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly address: string }
  | { readonly type: 'PTR'; readonly name: string; readonly target: string }
  | { readonly type: 'SRV'; readonly name: string; readonly port: number; readonly target: string };

export interface Reply {
  readonly rcode: number;
  readonly answers: readonly DnsRecord[];
}

const HEADER_BYTES = 12;
const TTL_SECONDS = 5;
/** Without EDNS a datagram holds this much; the rest is asked for over TCP. */
const UDP_BYTES = 512;

/** Reads a query with one question; undefined for anything else. */
export function parseQuery(message: Buffer): Query | undefined {
  if (message.length < HEADER_BYTES || message.readUInt16BE(4) !== 1) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) !== 0 || (flags & 0x7800) !== 0) return undefined;
  const labels: string[] = [];
  let offset = HEADER_BYTES;
  for (;;) {
    const length = message[offset];
    if (length === undefined || length > 63) return undefined;
    offset++;
    if (length === 0) break;
    if (offset + length > message.length) return undefined;
    labels.push(message.toString('latin1', offset, offset + length));
    offset += length;
  }
  if (offset + 4 > message.length) return undefined;
  return {
    id: message.readUInt16BE(0),
    recursionDesired: (flags & 0x0100) !== 0,
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(offset),
    question: message.subarray(HEADER_BYTES, offset + 4),
  };
}

/** Writes an answer; over UDP one that does not fit is cut and marked so. */
export function writeReply(query: Query, reply: Reply, transport: 'udp' | 'tcp'): Buffer {
  const answers = reply.answers.map(writeRecord);
  const size = HEADER_BYTES + query.question.length + answers.reduce((sum, answer) => sum + answer.length, 0);
  const truncated = transport === 'udp' && size > UDP_BYTES;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.id, 0);
  // QR, AA, TC when cut, RD as asked, RA.
  header.writeUInt16BE(0x8480 | (truncated ? 0x0200 : 0) | (query.recursionDesired ? 0x0100 : 0) | reply.rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(truncated ? 0 : answers.length, 6);
  return Buffer.concat([header, query.question, ...(truncated ? [] : answers)]);
}

function writeRecord(record: DnsRecord): Buffer {
  const name = writeName(record.name);
  const data = recordData(record);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(TYPE[record.type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(TTL_SECONDS, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, fixed, data]);
}

function recordData(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return addressBytes(record.address);
    case 'PTR':
      return writeName(record.target);
    case 'SRV': {
      const fixed = Buffer.alloc(6);
      fixed.writeUInt16BE(0, 0);
      fixed.writeUInt16BE(100, 2);
      fixed.writeUInt16BE(record.port, 4);
      return Buffer.concat([fixed, writeName(record.target)]);
    }
  }
}

function writeName(name: string): Buffer {
  const labels = name.split('.').filter(Boolean);
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}
