import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSnapshot, isFromFiles, type Resource, type Snapshot } from '../model/snapshot.ts';
import { writeFileSafely } from '../cli/output.ts';
import { formatSnapshot, readSnapshotFile } from './snapshot-file.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'snapshot-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const at = { file: 'a.yaml', line: 3, column: 1, document: 0 };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function snapshotOf(resources: readonly Resource[]): Snapshot {
  return createSnapshot({
    source: { kind: 'files', description: 'a.yaml' },
    resources,
    kubernetesVersion: { major: 1, minor: 35 },
    takenAt: '2026-01-01T00:00:00.000Z',
    gaps: [{ kind: 'Node', reason: 'forbidden', detail: 'd', remedy: 'r', at: { file: 'a.yaml' } }],
    notes: ['a note'],
    findings: [{ code: 'SW_NOT_YAML', message: 'm', hint: 'h', at: { file: 'b.yaml', line: 1 } }],
  });
}

const pod: Resource = {
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'n' }, spec: { x: '],"é' } },
  origin: at,
};
const node: Resource = { object: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } } };
const secret: Resource = {
  object: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'n', annotations: { [LAST_APPLIED]: '{"data":{"key":"hunter2"}}', kept: 'yes' } },
    type: 'Opaque',
    data: { key: 'hunter2' },
    stringData: { other: 'hunter2' },
  },
};

async function roundTrip(snapshot: Snapshot, file = 's.json', options = {}): Promise<Snapshot> {
  await writeFileSafely(file, formatSnapshot(snapshot, options), cwd);
  return readSnapshotFile(file, cwd);
}

function facts({ kubernetesVersion, takenAt, coverage, findings, ...rest }: Snapshot): unknown {
  return { kubernetesVersion, takenAt, coverage, findings, resources: rest.kinds().flatMap((kind) => rest.list(kind)) };
}

describe('what is saved is read back', () => {
  test.each(['s.json', 's.json.gz'])('objects, coverage, findings, positions, version and time: %s', async (file) => {
    const snapshot = snapshotOf([pod, node]);
    const back = await roundTrip(snapshot, file);
    expect(facts(back)).toEqual(facts(snapshot));
    expect(back.source).toEqual({ kind: 'snapshot', description: `${file} (a.yaml)`, takenOf: 'files' });
    expect(isFromFiles(await roundTrip(back, file))).toBe(true);
    expect(back.locate(back.list('Pod')[0]!, ['spec'])).toEqual({ file: 'a.yaml', line: 3, column: 1 });
  });

  test('a snapshot of nothing', async () => {
    expect(facts(await roundTrip(snapshotOf([])))).toEqual(facts(snapshotOf([])));
  });

  test('as one JSON document, an object a line', () => {
    const text = [...formatSnapshot(snapshotOf([pod, node]))].join('');
    expect(JSON.parse(text)).toMatchObject({
      apiVersion: 'seaworthy.dev/v1alpha1',
      kind: 'Snapshot',
      objects: [{ kind: 'Node' }, { kind: 'Pod' }],
    });
    expect(text.split('\n').filter((line) => line.startsWith('{"apiVersion":"v1"'))).toHaveLength(2);
  });

  test('and in many chunks when there is much', async () => {
    const pods = Array.from({ length: 5000 }, (_, i): Resource => ({
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${i}`, namespace: 'n' }, text: 'x'.repeat(100) },
    }));
    expect([...formatSnapshot(snapshotOf(pods))].length).toBeGreaterThan(5);
    expect((await roundTrip(snapshotOf(pods))).list('Pod')).toEqual(pods);
  });
});

describe('values of Secrets', () => {
  test('are left out, their keys kept, and that is a gap', async () => {
    const back = await roundTrip(snapshotOf([secret]));
    expect(readFileSync(join(cwd, 's.json'), 'utf8')).not.toContain('hunter2');
    expect(back.list('Secret')[0]?.object).toMatchObject({
      type: 'Opaque',
      data: { key: null },
      stringData: { other: null },
      metadata: { annotations: { kept: 'yes' } },
    });
    expect(back.gaps(['Secret'])).toMatchObject([{ reason: 'withheld' }]);
  });

  test('the gap is there once, however often it is saved', async () => {
    const twice = await roundTrip(await roundTrip(snapshotOf([secret])), 't.json');
    expect(twice.gaps(['Secret'])).toHaveLength(1);
  });

  test('are kept when asked for', async () => {
    const back = await roundTrip(snapshotOf([secret]), 's.json', { includeSecretValues: true });
    expect(facts(back)).toEqual(facts(snapshotOf([secret])));
  });
});

describe('files that are no snapshot', () => {
  const text = (): string => [...formatSnapshot(snapshotOf([pod, node]))].join('');
  test.each([
    ['manifests', () => 'apiVersion: v1\nkind: Pod\n'],
    ['other JSON', () => '{"objects":[],"kind":"Snapshot"}'],
    ['nothing', () => ''],
    ['a cut off file', () => text().slice(0, -40)],
    ['a file cut off earlier', () => text().slice(0, 300)],
  ])('%s', async (_, content) => {
    writeFileSync(join(cwd, 'x.json'), content());
    await expect(readSnapshotFile('x.json', cwd)).rejects.toMatchObject({ code: 'SW_NOT_A_SNAPSHOT', exit: 2 });
  });

  test('a cut off gzip file', async () => {
    await writeFileSafely('s.json.gz', text(), cwd);
    const whole = readFileSync(join(cwd, 's.json.gz'));
    expect(gunzipSync(whole).toString()).toBe(text());
    writeFileSync(join(cwd, 'cut.gz'), whole.subarray(0, -20));
    await expect(readSnapshotFile('cut.gz', cwd)).rejects.toMatchObject({ code: 'SW_NOT_A_SNAPSHOT' });
  });

  test('a file that is not there', async () => {
    await expect(readSnapshotFile('none', cwd)).rejects.toMatchObject({ code: 'SW_FILE_NOT_FOUND' });
  });
});

describe('a file is written whole or not at all', () => {
  test('a full disk is said so', async () => {
    await expect(writeFileSafely('/dev/full', 'x'.repeat(100_000), cwd)).rejects.toMatchObject({
      code: 'SW_CANNOT_WRITE',
      message: expect.stringContaining('the disk is full'),
    });
  });

  test('what fails half way leaves the old file and nothing beside it', async () => {
    writeFileSync(join(cwd, 's.json'), 'old');
    function* failing(): Generator<string> {
      yield 'new';
      throw new Error('in the middle');
    }
    await expect(writeFileSafely('s.json', failing(), cwd)).rejects.toMatchObject({ code: 'SW_CANNOT_WRITE' });
    expect(readFileSync(join(cwd, 's.json'), 'utf8')).toBe('old');
    expect(readdirSync(cwd)).toEqual(['s.json']);
  });
});
