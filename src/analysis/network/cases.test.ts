import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePeer, parseTarget } from '../../cli/reach/arguments.ts';
import { withUnreadable, type Snapshot } from '../../model/snapshot.ts';
import { readManifests } from '../../sources/manifests.ts';
import { analyseNetwork, isProfileName, type ProfileName } from './index.ts';
import { listed } from './answers/report.ts';

/**
 * Text cases a security reviewer can read. Lines:
 *
 *     load FILE …                                    the cluster of the lines that follow
 *     | YAML                                         objects added to the loaded ones until the next `load`
 *     profile NAME, unreadable KIND                  until the next `load`
 *     reach FROM -> TO VERDICT [because WORDS]       some reason must contain the words
 *     list FROM => TO : PORTS                        what the list of connections says; `-` for nothing
 *     expose WORKLOAD VIA VERDICT                    a way in from outside
 *     unexposed WORKLOAD VIA                         no such way
 *     problem CODE PATH
 */
const CASES = join(import.meta.dirname, 'cases');
const files = readdirSync(CASES).filter((name) => name.endsWith('.case'));

interface World {
  paths: readonly string[];
  yaml: string[];
  profile: ProfileName;
  hidden: string[];
  snapshot: Snapshot | undefined;
}

test.each(files)('%s', async (file) => {
  const world: World = { paths: [], yaml: [], profile: 'kubernetes', hidden: [], snapshot: undefined };
  const wrong: string[] = [];
  for (const [index, line] of readFileSync(join(CASES, file), 'utf8').split('\n').entries()) {
    const found = await follow(world, line);
    if (found !== undefined) wrong.push(`${file}:${index + 1}: ${line}\n    ${found}`);
  }
  expect(wrong).toEqual([]);
});

test.each(files)('%s: what was not read leaves an answer open or as it was', async (file) => {
  const world: World = { paths: [], yaml: [], profile: 'kubernetes', hidden: [], snapshot: undefined };
  const wrong: string[] = [];
  for (const line of readFileSync(join(CASES, file), 'utf8').split('\n')) {
    const [, from = '', to = ''] = /^reach (\S+)\s+-> (\S+)/.exec(line.trim()) ?? [];
    if (from === '') {
      if (/^(load|profile|unreadable|\|)/.test(line.trim())) await follow(world, line);
      continue;
    }
    world.snapshot ??= await build(world);
    const target = parseTarget(to);
    const ask = (snapshot: Snapshot) =>
      analyseNetwork(snapshot, { profile: world.profile }).query(parsePeer(from), target.peer, target.port).verdict;
    const before = ask(world.snapshot);
    for (const kind of world.snapshot.kinds()) {
      const after = ask(withUnreadable(world.snapshot, [kind]));
      if (after !== before && after !== 'unknown') wrong.push(`${line} without ${kind}: ${after}`);
    }
  }
  expect(wrong).toEqual([]);
});

/** Does what a line says; returns what was found when that isn't what the line expects. */
async function follow(world: World, line: string): Promise<string | undefined> {
  const [word = '', ...rest] = line.trim().split(/\s+/);
  if (word === '' || word.startsWith('#')) return undefined;
  if (word === '|') {
    world.yaml.push(line.replace(/^\s*\| ?/, ''));
    world.snapshot = undefined;
    return undefined;
  }
  if (word === 'load') {
    Object.assign(world, {
      paths: rest.map((name) => join(CASES, name)),
      yaml: [],
      profile: 'kubernetes',
      hidden: [],
      snapshot: undefined,
    });
    return undefined;
  }
  if (word === 'profile') {
    const [name = ''] = rest;
    if (!isProfileName(name)) return 'no profile';
    world.profile = name;
    return undefined;
  }
  if (word === 'unreadable') {
    world.hidden.push(...rest);
    world.snapshot = undefined;
    return undefined;
  }
  world.snapshot ??= await build(world);
  const analysis = analyseNetwork(world.snapshot, { profile: world.profile });
  if (word === 'problem') {
    const { problems } = analysis;
    return problems.some(({ code, path }) => code === rest[0] && path === rest[1])
      ? undefined
      : JSON.stringify(problems);
  }
  if (word === 'expose') {
    const exposures = analysis
      .exposures()
      .map(({ workload, via, verdict }) => `${workload.namespace}/${workload.name} ${via} ${verdict}`);
    return exposures.includes(rest.join(' ')) ? undefined : exposures.join('\n    ');
  }
  if (word === 'unexposed') {
    const found = analysis
      .exposures()
      .filter((e) => `${e.workload.namespace}/${e.workload.name} ${e.via}` === rest.join(' '));
    return found.length === 0 ? undefined : found.map(({ verdict }) => verdict).join();
  }
  const list = /^list (\S+)\s+=> (\S+)\s+: (.+)$/.exec(line.trim());
  if (list) {
    const connections = listed(analysis.connections());
    const ports = connections.find(({ from, to }) => from === list[1] && to === list[2])?.ports ?? '-';
    return ports === list[3]
      ? undefined
      : connections.map(({ from, to, ports: p }) => `${from} => ${to} : ${p}`).join('\n    ');
  }
  const reach = /^reach (\S+)\s+-> (\S+)\s+(\w+)(?:\s+because (.+))?$/.exec(line.trim());
  if (!reach) return 'not a case';
  const [, from = '', to = '', verdict, words] = reach;
  const target = parseTarget(to);
  const answer = analysis.query(parsePeer(from), target.peer, target.port);
  const says = answer.because.map((because) => because.says);
  const fine = answer.verdict === verdict && (words === undefined || says.some((text) => text.includes(words)));
  return fine ? undefined : [answer.verdict, ...says].join('\n    ');
}

async function build({ paths, yaml, hidden }: World): Promise<Snapshot> {
  const directory = mkdtempSync(join(tmpdir(), 'network-case-'));
  const added = join(directory, 'case.yaml');
  writeFileSync(added, yaml.join('\n'));
  const snapshot = await readManifests(yaml.length === 0 ? paths : [...paths, added]);
  rmSync(directory, { recursive: true });
  return hidden.length === 0 ? snapshot : withUnreadable(snapshot, hidden);
}
