/**
 * Copies from Kubernetes' Go sources how the built-in types are numbered in protobuf (`protobuf.json`), as the tags of
 * their structs say. Run by hand when the Kubernetes version moves, with the two modules' directories:
 *
 *     node src/lab/api/upstream/extract-protobuf.ts GOPATH/pkg/mod/k8s.io/api@v0.36.3 GOPATH/pkg/mod/k8s.io/apimachinery@v0.36.3
 *
 * Notation of a field: `name type`, where `name` is the JSON name (`.` when the fields of the message stand in the object
 * itself), and `type` is `string`, `int`, `bool`, `number`, `bytes`, a special one of `SPECIAL`, or a message; `[]` before it
 * is a list, `{}` a map; `?` after it says that JSON leaves out its zero.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import schema from './schema.json' with { type: 'json' };

const [api = '', machinery = ''] = process.argv.slice(2);

/** Go types with a wire format of their own. */
const SPECIAL: Readonly<Record<string, string>> = {
  'resource.Quantity': 'quantity',
  'intstr.IntOrString': 'intOrString',
  'runtime.RawExtension': 'raw',
  'meta.v1.FieldsV1': 'raw',
  'meta.v1.Time': 'time',
  'meta.v1.MicroTime': 'time',
  'authentication.v1.ExtraValue': 'stringList',
  'authorization.v1.ExtraValue': 'stringList',
};

/** Types of the language itself; all others that are no structs are strings. The tags name other wire types here and there. */
const BUILT_IN: Readonly<Record<string, string>> = { bool: 'bool', int32: 'int', int64: 'int', float64: 'number' };

interface GoField {
  readonly number: string;
  readonly name: string;
  readonly goType: string;
  readonly omitEmpty: boolean;
}

interface GoPackage {
  readonly structs: ReadonlyMap<string, readonly GoField[]>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly imports: ReadonlyMap<string, string>;
}

const packages = new Map<string, GoPackage>();

/** A package such as `core.v1`; undefined when it is not one of the two modules'. */
function packageOf(name: string): GoPackage | undefined {
  const [group = '', version = ''] = name.split('.');
  const directory = group === 'meta' ? join(machinery, 'pkg/apis/meta', version) : join(api, group, version);
  const file = join(directory, 'types.go');
  if (!packages.has(name) && existsSync(file)) packages.set(name, parsePackage(readFileSync(file, 'utf8')));
  return packages.get(name);
}

function parsePackage(source: string): GoPackage {
  const structs = new Map<string, readonly GoField[]>();
  for (const [, name = '', body = ''] of source.matchAll(/^type (\w+) struct \{\n(.*?)^\}/gms)) {
    structs.set(name, body.split('\n').flatMap(parseField));
  }
  const aliases = new Map<string, string>();
  for (const [, name = '', of = ''] of source.matchAll(/^type (\w+) ([^\s{]+)$/gm)) aliases.set(name, of);
  const imports = new Map<string, string>();
  for (const [, alias = '', path = ''] of source.matchAll(/^\t(\w*) ?"k8s\.io\/([\w/.]+)"/gm)) {
    const [group = '', version = ''] = path.split('/').slice(-2);
    const target = /^v\d/.test(version) ? `${group}.${version}` : version;
    imports.set(alias === '' ? version : alias, target);
  }
  return { structs, aliases, imports };
}

function parseField(line: string): readonly GoField[] {
  const found = /^\t(?:(\w+) +)?(\S+) +`json:"([^"]*)"(?: [^`]*)? protobuf:"\w+,(\d+),/.exec(line);
  if (!found) return [];
  const [, , goType = '', json = '', number = ''] = found;
  const [name = '', ...options] = json.split(',');
  return [{ number, name: name === '' ? '.' : name, goType, omitEmpty: options.includes('omitempty') }];
}

const wanted = new Set<string>();

function typeOf(field: GoField, inPackage: string): string {
  const pointer = field.goType.startsWith('*');
  const type = resolve(field.goType.replace(/^\*/, ''), inPackage);
  return !pointer && field.omitEmpty && !/^(\[\]|\{\})/.test(type) ? `${type}?` : type;
}

function resolve(goType: string, inPackage: string): string {
  if (goType === '[]byte') return 'bytes';
  if (goType.startsWith('[]')) return `[]${resolve(goType.slice(2), inPackage)}`;
  const map = /^map\[[^\]]+\](.*)$/.exec(goType);
  if (map) return `{}${resolve(map[1] ?? '', inPackage)}`;
  const [first = '', second] = goType.split('.');
  const home = second === undefined ? inPackage : (packageOf(inPackage)?.imports.get(first) ?? first);
  const name = second ?? first;
  const special = SPECIAL[`${home}.${name}`];
  if (special !== undefined) return special;
  const alias = packageOf(home)?.aliases.get(name);
  if (alias !== undefined) return resolve(alias, home);
  if (packageOf(home)?.structs.has(name) !== true) return BUILT_IN[name] ?? 'string';
  wanted.add(`${home}.${name}`);
  return `${home}.${name}`;
}

for (const root of Object.values(schema.roots)) wanted.add(root);
wanted.add('meta.v1.DeleteOptions');
const messages: Record<string, Record<string, string>> = {};
for (const full of wanted) {
  const [group, version, name = ''] = full.split('.');
  const inPackage = `${group}.${version}`;
  const fields = packageOf(inPackage)?.structs.get(name);
  if (fields) messages[full] = Object.fromEntries(fields.map((f) => [f.number, `${f.name} ${typeOf(f, inPackage)}`]));
}
const lines = Object.entries(messages)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, fields]) => ` ${JSON.stringify(name)}: ${JSON.stringify(fields)}`);
writeFileSync(new URL('protobuf.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
