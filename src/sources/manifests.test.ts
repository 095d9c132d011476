import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../model/snapshot.ts';
import { readManifests } from './manifests.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'manifests-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true });
    writeFileSync(join(cwd, file), content);
  }
}

function read(inputs: readonly string[], namespace?: string): Promise<Snapshot> {
  return readManifests(inputs, { cwd, ...(namespace === undefined ? {} : { namespace }) });
}

async function readText(text: string | Buffer, file = 'input.yaml'): Promise<Snapshot> {
  write({ [file]: text });
  return read([file]);
}

function objects(snapshot: Snapshot): readonly string[] {
  return snapshot.kinds().flatMap((kind) =>
    snapshot.list(kind).map(({ object, origin }) => {
      const { namespace, name } = object.metadata;
      return `${kind} ${namespace ?? '-'}/${name} at ${origin?.file}:${origin?.line}:${origin?.column}`;
    }),
  );
}

function findings(snapshot: Snapshot): readonly string[] {
  return snapshot.findings.map(({ code, at }) => `${code} at ${at?.file}:${at?.line}:${at?.column}`);
}

function gaps(snapshot: Snapshot): readonly string[] {
  return snapshot.coverage.gaps.map(({ kind, namespace, reason }) => `${reason} ${kind} in ${namespace ?? 'all'}`);
}

const pod = (name: string, more = ''): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${more}`;

describe('what is read', () => {
  test('many documents, with comments and empty ones between them', async () => {
    const snapshot = await readText(`# first\n---\n${pod('a')}---\n# nothing\n---\n\n---  # b\n${pod('b')}...\n`);
    expect(objects(snapshot)).toEqual(['Pod default/a at input.yaml:3:1', 'Pod default/b at input.yaml:12:1']);
    expect(findings(snapshot)).toEqual([]);
  });

  test('directories recursively, sorted; a file named directly may have any name', async () => {
    write({
      'd/b.yml': pod('b'),
      'd/a/x.yaml': pod('x'),
      'd/c.json': '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}',
    });
    write({
      'd/readme.txt': pod('no'),
      'd/.git/x.yaml': pod('no'),
      'd/node_modules/y.yaml': pod('no'),
      other: pod('o'),
    });
    expect(objects(await read(['./d/', 'other']))).toEqual([
      'Pod default/x at ./d/a/x.yaml:1:1',
      'Pod default/b at ./d/b.yml:1:1',
      'Pod default/c at ./d/c.json:1:1',
      'Pod default/o at other:1:1',
    ]);
  });

  test('several paths between commas, as kubectl takes them; a comma may be in a name', async () => {
    write({ 'a.yaml': pod('a'), 'b.yaml': pod('b'), 'c,d.yaml': pod('c') });
    const read = async (...inputs: readonly string[]) =>
      objects(await readManifests(inputs, { cwd })).map((one) => one.replace(/ at .*/, ''));
    expect(await read('a.yaml,b.yaml')).toEqual(['Pod default/a', 'Pod default/b']);
    expect(await read('c,d.yaml')).toEqual(['Pod default/c']);
    await expect(read('a.yaml,none.yaml')).rejects.toMatchObject({ message: expect.stringContaining('none.yaml') });
    await expect(read('*.yaml')).rejects.toMatchObject({ hint: expect.stringContaining('Patterns are for the shell') });
  });

  test('a file that is given twice is read once, in its first place', async () => {
    write({ 'd/a.yaml': pod('a'), 'd/b.yaml': pod('b') });
    const snapshot = await read(['d/b.yaml', 'd', './d/b.yaml']);
    expect(objects(snapshot)).toEqual(['Pod default/b at d/b.yaml:1:1', 'Pod default/a at d/a.yaml:1:1']);
    expect(snapshot.findings).toEqual([]);
  });

  test('standard input, whose positions are found again', async () => {
    const snapshot = await readManifests(['-'], {
      stdin: Readable.from([Buffer.from(`${pod('a')}spec:\n  nodeName: n1\n`)]),
    });
    expect(objects(snapshot)).toEqual(['Pod default/a at -:1:1']);
    expect(snapshot.locate(snapshot.list('Pod')[0]!, ['spec', 'nodeName'])).toEqual({ file: '-', line: 6, column: 3 });
  });

  test('Lists of any kind, in YAML and in JSON; a dump of the API leaves out what every entry is', async () => {
    write({
      'list.yaml':
        'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n-\n  apiVersion: v1\n  kind: Service\n  metadata: {name: s}\n',
      'list.json': `{"kind":"PodList","apiVersion":"v1","metadata":{},\n"items":[{"metadata":{"name":"b","namespace":"n"}},\n  {"metadata":{"name":"c"}}]}`,
    });
    expect(objects(await read(['list.yaml', 'list.json']))).toEqual([
      'Pod default/a at list.yaml:4:3',
      'Pod n/b at list.json:2:10',
      'Pod default/c at list.json:3:3',
      'Service default/s at list.yaml:8:3',
    ]);
  });

  test('JSON objects one after another', async () => {
    const line = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });
    expect(objects(await readText(`${line('a')}\n${line('b')}\n`, 'x.json'))).toHaveLength(2);
  });

  test('byte order marks of files that were put together', async () => {
    const pod = (name: string) => `\uFEFFapiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;
    const snapshot = await readText(`${pod('a')}---\n${pod('b')}`);
    expect(objects(snapshot)).toEqual(['Pod default/a at input.yaml:1:1', 'Pod default/b at input.yaml:5:1']);
    expect(snapshot.locate(snapshot.list('Pod')[1]!, ['metadata', 'name'])).toMatchObject({ line: 7, column: 12 });
  });

  test('a byte order mark, CRLF and UTF-16', async () => {
    write({
      'bom.yaml': Buffer.from(`\uFEFF${pod('bom')}`),
      'crlf.yaml': pod('crlf').replaceAll('\n', '\r\n'),
      'wide.yaml': Buffer.from(`\uFEFF${pod('wide')}`, 'utf16le'),
    });
    const snapshot = await read(['bom.yaml', 'crlf.yaml', 'wide.yaml']);
    expect(objects(snapshot).map((line) => line.split(' at')[0])).toEqual([
      'Pod default/bom',
      'Pod default/crlf',
      'Pod default/wide',
    ]);
    for (const resource of snapshot.list('Pod')) {
      expect(snapshot.locate(resource, ['metadata', 'name'])).toMatchObject({ line: 4, column: 3 });
    }
  });

  test('old API versions are filed under the kind of today', async () => {
    const text = 'apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: old}\n';
    expect((await readText(text)).list('NetworkPolicy.networking.k8s.io')).toHaveLength(1);
  });

  test('a generated name is a name nobody else has', async () => {
    const job =
      'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: j-}\nspec: {template: {spec: {containers: []}}}\n';
    const snapshot = await readText(`${job}---\n${job}`);
    expect(snapshot.list('Job.batch')).toHaveLength(2);
    expect(findings(snapshot)).toEqual([]);
    expect(snapshot.coverage.notes).toHaveLength(2);
  });
});

describe('namespaces', () => {
  const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r, namespace: x}\n';
  const custom = (spec: string): string => `apiVersion: example.com/v1\nkind: Thing\nmetadata: {${spec}}\n`;
  const crd = (scope: string): string =>
    `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec: {group: example.com, scope: ${scope}, names: {kind: Thing, plural: things}}\n`;
  const namespaceOf = async (text: string, kind: string): Promise<string | undefined> => {
    write({ 'x.yaml': text });
    return (await read(['x.yaml'], 'given')).list(kind)[0]!.object.metadata.namespace;
  };

  test('a namespaced object without one gets the one given', async () => {
    expect(await namespaceOf(pod('a'), 'Pod')).toBe('given');
    expect(await namespaceOf(pod('a', '  namespace:\n'), 'Pod')).toBe('given');
  });
  test('a cluster-scoped object has none', async () => {
    expect(await namespaceOf(role, 'ClusterRole.rbac.authorization.k8s.io')).toBeUndefined();
  });
  test('a custom resource has the scope of its definition, else what it says', async () => {
    expect(await namespaceOf(`${crd('Namespaced')}---\n${custom('name: t')}`, 'Thing.example.com')).toBe('given');
    expect(
      await namespaceOf(`${crd('Cluster')}---\n${custom('name: t, namespace: ns')}`, 'Thing.example.com'),
    ).toBeUndefined();
    expect(await namespaceOf(custom('name: t'), 'Thing.example.com')).toBeUndefined();
    expect(await namespaceOf(custom('name: t, namespace: ns'), 'Thing.example.com')).toBe('ns');
  });
});

describe('what is broken is a finding, and the rest is read', () => {
  test('a document that is not YAML leaves a gap of its kind and namespace', async () => {
    const broken =
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: n\n  namespace: shop\nspec: a: b\n';
    const snapshot = await readText(`${pod('a')}---\n${broken}---\n${pod('b')}`);
    expect(snapshot.list('Pod')).toHaveLength(2);
    expect(findings(snapshot)).toEqual(['SW_NOT_YAML at input.yaml:11:8']);
    expect(gaps(snapshot)).toEqual(['invalid NetworkPolicy.networking.k8s.io in shop']);
  });

  test('text that was never an object leaves no gap', async () => {
    const snapshot = await readText('just: some: words\n');
    expect(findings(snapshot)).toEqual(['SW_NOT_YAML at input.yaml:1:11']);
    expect(gaps(snapshot)).toEqual([]);
  });

  test('JSON that is cut off', async () => {
    const snapshot = await readText('{"apiVersion":"v1","kind":"Secret",\n"metadata":{"name":"a"', 'x.json');
    expect(findings(snapshot)[0]).toMatch(/^SW_NOT_JSON at x.json:2:/);
    expect(gaps(snapshot)).toEqual(['invalid Secret in all']);
  });

  test('a broken entry of a List of JSON does not take the others with it', async () => {
    const snapshot = await readText(
      '{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"metadata":{,}}]}',
      'x.json',
    );
    expect(snapshot.list('Pod')).toHaveLength(1);
    expect(findings(snapshot)[0]).toMatch(/^SW_NOT_JSON/);
  });

  test('a Helm chart is named as such', async () => {
    write({
      'chart/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
      'chart/values.yaml': 'replicas: 1\n',
      'chart/templates/d.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n',
      'chart/templates/q.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: "{{ .Release.Name }}"\n',
    });
    const snapshot = await read(['chart']);
    expect(snapshot.findings.map(({ code }) => code)).toEqual([
      'SW_HELM_CHART',
      'SW_HELM_TEMPLATE',
      'SW_HELM_TEMPLATE',
      'SW_NOT_AN_OBJECT',
    ]);
    expect(snapshot.findings[1]?.hint).toContain('helm template');
    expect(gaps(snapshot)).toEqual(['invalid Deployment.apps in all', 'invalid Service in all']);
    for (const { detail, remedy } of snapshot.coverage.gaps) {
      expect(detail).toMatch(/^an object of kind \S+ stands in a template \(Helm\)$/);
      expect(remedy).toContain('helm template');
    }
  });

  test('files of other tools in a directory', async () => {
    write({
      'd/kustomization.yaml': 'resources:\n- pod.yaml\n',
      'd/pod.yaml': pod('a'),
      'd/docker-compose.yml': 'services:\n  web: {image: nginx}\n',
      'd/list.yaml': '- a\n- b\n',
      'd/empty.yaml': '',
      'd/word.yaml': 'hello\n',
    });
    const snapshot = await read(['d']);
    expect(snapshot.findings.map(({ code, at }) => `${code} ${at?.file}`)).toEqual([
      'SW_NOT_AN_OBJECT d/docker-compose.yml',
      'SW_KUSTOMIZATION d/kustomization.yaml',
      'SW_NOT_AN_OBJECT d/list.yaml',
      'SW_NOT_AN_OBJECT d/word.yaml',
    ]);
    expect(gaps(snapshot)).toEqual([]);
  });

  test('labels the API server would refuse', async () => {
    const snapshot = await readText(pod('a', '  namespace: ns\n  labels: {enabled: yes}\n'));
    expect(snapshot.findings[0]).toMatchObject({
      code: 'SW_BAD_LABELS',
      message: expect.stringContaining('metadata.labels.enabled is true'),
    });
    expect(gaps(snapshot)).toEqual(['invalid Pod in ns']);
    expect(snapshot.list('Pod')).toEqual([]);
  });

  test('owners that are no list', async () => {
    for (const owners of [
      '{kind: ReplicaSet, name: a}',
      '[ReplicaSet]',
      'a',
      '[{kind: ReplicaSet, name: a}]',
      '[{apiVersion: v1, kind: 7, name: a}]',
    ]) {
      const snapshot = await readText(pod('a', `  ownerReferences: ${owners}\n`));
      expect(snapshot.findings[0]).toMatchObject({ code: 'SW_BAD_LABELS' });
      expect(gaps(snapshot)).toHaveLength(1);
    }
  });

  test('an object without a name, or without metadata', async () => {
    const snapshot = await readText('apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: 7}\n');
    expect(snapshot.findings.map(({ code }) => code)).toEqual(['SW_NO_NAME', 'SW_NO_NAME']);
    expect(gaps(snapshot)).toHaveLength(2);
  });

  test('half an object was meant to be one', async () => {
    const snapshot = await readText('kind: NetworkPolicy\nmetadata: {name: a}\n');
    expect(findings(snapshot)).toEqual(['SW_NOT_AN_OBJECT at input.yaml:1:1']);
    expect(gaps(snapshot)).toEqual(['invalid NetworkPolicy.networking.k8s.io in all']);
  });

  test('objects in a bare list, and a List within a List, are said to be lost', async () => {
    const pod = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}';
    const array = await readText(`[${pod}]`, 'array.json');
    expect(findings(array)).toEqual(['SW_NOT_AN_OBJECT at array.json:1:1']);
    expect(array.coverage.gaps).toMatchObject([{ kind: '*', reason: 'invalid' }]);
    const nested = await readText(
      `{"apiVersion": "v1", "kind": "List", "items": [${pod}, {"apiVersion": "v1", "kind": "PodList", "items": [${pod}]}]}`,
    );
    expect(nested.list('Pod')).toHaveLength(1);
    expect(nested.coverage.gaps).toMatchObject([{ kind: 'Pod', reason: 'invalid' }]);
    expect((await readText('[1, 2]')).coverage.gaps).toEqual([]);
  });

  test('a controller without its pod, such as a patch, does not take the place of a whole one', async () => {
    const deployment = (spec: string) =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: ${spec}\n`;
    const whole = deployment('{template: {spec: {containers: [{name: c}]}}}');
    for (const patch of ['{replicas: 3}', '{template: }', '{template: {metadata: {labels: {a: b}}}}']) {
      const snapshot = await readText(`${whole}---\n${deployment(patch)}`);
      expect(findings(snapshot)).toEqual(['SW_NO_POD_TEMPLATE at input.yaml:6:1']);
      expect(snapshot.list('Deployment.apps')[0]?.object['spec']).toHaveProperty('template.spec.containers');
      expect(snapshot.coverage.gaps).toMatchObject([{ kind: 'Deployment.apps', namespace: 'shop', reason: 'invalid' }]);
    }
  });

  test('two objects of one name: the last counts, and it is said', async () => {
    const snapshot = await readText(`${pod('a')}---\n${pod('a', '  labels: {v: "2"}\n')}`);
    expect(findings(snapshot)).toEqual(['SW_DUPLICATE_OBJECT at input.yaml:6:1']);
    expect(snapshot.list('Pod')[0]?.object.metadata.labels).toEqual({ v: '2' });
  });

  test('an alias bomb is refused and the rest is read', async () => {
    const bomb = Array.from(
      { length: 30 },
      (_, i) => `l${i}: &l${i} [${i === 0 ? 'x, '.repeat(10) : `*l${i - 1}, `.repeat(10)}]`,
    );
    const snapshot = await readText(`${bomb.join('\n')}\n---\n${pod('a')}`);
    expect(snapshot.findings.map(({ code }) => code)).toEqual(['SW_YAML_ALIAS_BOMB']);
    expect(snapshot.list('Pod')).toHaveLength(1);
  });

  test('bytes that are no text', async () => {
    const snapshot = await readText(
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 0xff, 0xfe, 0x0a]),
      'program.yaml',
    );
    expect(snapshot.findings).toHaveLength(1);
  });
});

describe('what can not be read at all', () => {
  test('a path that is not there', async () => {
    await expect(read(['nowhere'])).rejects.toMatchObject({ code: 'SW_FILE_NOT_FOUND', exit: 2 });
  });
  test('an address', async () => {
    await expect(read(['https://example.com/x.yaml'])).rejects.toMatchObject({ code: 'SW_URL_REFUSED' });
  });
  test('a directory without manifests, an empty file, comments only', async () => {
    write({ 'd/readme.md': 'hello', 'empty.yaml': '', 'comments.yaml': '# a\n---\n# b\n' });
    for (const input of ['d', 'empty.yaml', 'comments.yaml']) {
      await expect(read([input])).rejects.toMatchObject({ code: 'SW_NOTHING_TO_READ' });
    }
  });
  test('a link into nowhere is a finding and a gap', async () => {
    write({ 'd/a.yaml': pod('a') });
    symlinkSync('/nowhere', join(cwd, 'd/b.yaml'));
    const snapshot = await read(['d']);
    expect(snapshot.findings.map(({ code }) => code)).toEqual(['SW_CANNOT_READ']);
    expect(gaps(snapshot)).toEqual(['invalid * in all']);
    expect(snapshot.coverage.gaps[0]?.detail).toBe("it can't be read: there is no such file");
    await expect(read(['d/b.yaml'])).rejects.toMatchObject({ code: 'SW_FILE_NOT_FOUND' });
    rmSync(join(cwd, 'd/a.yaml'));
    await expect(read(['d'])).rejects.toMatchObject({ code: 'SW_CANNOT_READ' });
  });
});

test('fifty megabytes are read in reasonable time', async () => {
  const item = `- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: NAME\n  data:\n    text: |\n${'      - not an entry, however much it looks like one\n'.repeat(200)}`;
  const count = 5000;
  const text = `apiVersion: v1\nitems:\n${Array.from({ length: count }, (_, i) => item.replace('NAME', `c${i}`)).join('')}kind: List\n`;
  expect(text.length).toBeGreaterThan(50e6);
  const snapshot = await readText(text);
  expect(snapshot.list('ConfigMap')).toHaveLength(count);
  const last = snapshot.get('ConfigMap', 'default', `c${count - 1}`)!;
  const line = 3 + (count - 1) * 206;
  expect(last.origin).toMatchObject({ line, column: 3 });
  expect(snapshot.locate(last, ['data', 'text'])).toEqual({ file: 'input.yaml', line: line + 5, column: 5 });
});

test('a large List on one line is read, and where its fields stand is found afterwards', async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `c${i}`);
  const items = names.map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } }));
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  write({ 'first.json': text, 'second.json': JSON.stringify({ ...items[0], metadata: { name: 'other' } }) });
  const snapshot = await read(['first.json', 'second.json']);
  expect(snapshot.list('ConfigMap')).toHaveLength(names.length + 1);
  const last = snapshot.get('ConfigMap', 'default', 'c19999')!;
  const column = text.indexOf('"a":"b"', text.indexOf('"c19999"')) + 1;
  expect(snapshot.locate(last, ['data', 'a'])).toMatchObject({ file: 'first.json', line: 1 });
  expect(snapshot.locate(last, ['data', 'a'])?.column).toBeGreaterThanOrEqual(column);
});
