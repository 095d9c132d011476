import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startTestServer } from '../testing/connect.ts';
import { decodeProtobuf } from './protobuf.ts';

const CASES = new URL('./protobuf-cases/', import.meta.url);
const names = readdirSync(CASES).flatMap((file) => (file.endsWith('.pb') ? [file.slice(0, -3)] : []));
const bytesOf = (name: string): Buffer => readFileSync(new URL(`${name}.pb`, CASES));

describe('upstream writes the same object in protobuf and in JSON', () => {
  test.each(names)('%s', (name) => {
    expect(decodeProtobuf(bytesOf(name))).toEqual(JSON.parse(readFileSync(new URL(`${name}.json`, CASES), 'utf8')));
  });
});

test('what is cut off or spoiled is refused with an Error, whatever it is', () => {
  const broken = fc.constantFrom(...names).chain((name) => {
    const bytes = bytesOf(name);
    return fc
      .tuple(fc.nat(bytes.length - 1), fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }))
      .map(([length, changes]) => {
        const out = Buffer.from(bytes);
        for (const [at, byte] of changes) out[at] = byte;
        return out.subarray(0, length);
      });
  });
  fc.assert(
    fc.property(broken, (bytes) => {
      try {
        expect(decodeProtobuf(bytes)).toHaveProperty('kind');
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 200 },
  );
});

test('the API server takes protobuf, and refuses what is none with 400', async () => {
  const server = await startTestServer();
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };
  const path = '/api/v1/namespaces';
  const field = (number: number, content: Buffer | string): Buffer =>
    Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.byteLength(content)]), Buffer.from(content)]);
  const type = Buffer.concat([field(1, 'v1'), field(2, 'Namespace')]);
  const namespace = field(1, field(1, 'proto'));
  const body = Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, namespace)]);
  const made = await server.send('POST', path, body, headers);
  expect(made).toMatchObject({ code: 201, body: { kind: 'Namespace', metadata: { name: 'proto' } } });
  const refused = await server.send('POST', path, Buffer.from('not protobuf'), headers);
  expect(refused).toMatchObject({ code: 400, body: { reason: 'BadRequest' } });
  const unknown = await server.send('POST', path, Buffer.from('x'), { 'content-type': 'application/cbor' });
  expect(unknown).toMatchObject({ code: 415, body: { reason: 'UnsupportedMediaType' } });
  await server.api.close();
});
