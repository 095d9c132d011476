import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { formatRef } from '../../model/object.ts';
import { withUnreadable } from '../../model/snapshot.ts';
import { parseKubernetesVersion } from '../../model/version.ts';
import { kindKeyOf } from '../../sources/known-kinds.ts';
import { readManifests } from '../../sources/manifests.ts';
import {
  analyseAccess,
  formatSubject,
  mayBind,
  mayExec,
  mayForSigner,
  mayImpersonate,
  mayWriteRole,
  readRequest,
  readTarget,
  requesterOf,
  type AccessAnalysis,
  type AccessDecision,
  type Requester,
} from './index.ts';

/**
 * A case file has sections: a title (`# …`), manifests, a line `expect` (or `expect with unreadable KIND,…`), and one
 * line a question: the question, two blanks or more, the answer, and optionally `because` with a part of a reason.
 *
 *     can alice,dev get pods web -n shop    yes  because RoleBinding shop/readers
 *
 * Manifests may leave out the apiVersion of RBAC and core objects.
 */
const FOLDER = join(import.meta.dirname, 'cases');

for (const file of readdirSync(FOLDER)) {
  describe(file, () => {
    const sections = readFileSync(join(FOLDER, file), 'utf8').split(/^(?=# )/m);
    for (const section of sections) {
      const [, title = '', manifests = '', unreadable, questions = ''] =
        /^# (.*)\n([^]*?)^expect(?: with unreadable (.*))?\n([^]*)$/m.exec(section) ?? [];
      const lines = questions.split('\n').filter((line) => line.trim() !== '');
      test(title, async () => {
        expect(lines.length).toBeGreaterThan(0);
        const stdin = Readable.from([withVersions(manifests)]);
        const read = await readManifests(['-'], { cwd: '.', stdin });
        const access = analyseAccess(withUnreadable(read, unreadable?.split(',').map(kindKeyOf) ?? []));
        for (const line of lines) expect(answer(access, line)).toBe(line.replace(/\s{2,}/g, '  '));
      });
    }
  });
}

/** The line with the answer the engine gives; a wanted part of a reason is kept when the reasons hold it. */
function answer(access: AccessAnalysis, line: string): string {
  const [question = '', wanted = ''] = line.split(/\s{2,}/);
  const part = /\s{2,}because (.*)$/.exec(line)?.[1];
  const words = question.split(' ');
  if (words[0] === 'who-can') return `${question}  ${whoCan(access, words.slice(1))}`;
  if (words[0] === 'finding') {
    const found = access.findings.find(({ object }) => formatRef(object) === words.slice(1).join(' '));
    return `${question}  ${found?.code}`;
  }
  const { allowed, because } = decide(access, words);
  const said = allowed === true ? 'yes' : allowed === false ? 'no' : allowed;
  if (part === undefined || said !== wanted) return `${question}  ${said}`;
  const reasons = because.map(({ says }) => says);
  return `${question}  ${said}  because ${reasons.some((says) => says.includes(part)) ? part : reasons.join(' | ')}`;
}

function decide(access: AccessAnalysis, [kind, who = '', ...words]: readonly string[]): AccessDecision {
  const requester = requesterIn(who);
  const namespace = words.includes('-n') ? (words.at(-1) ?? '') : '';
  const [first = '', second = ''] = words;
  switch (kind) {
    case 'can':
      return access.decide(requester, requestIn(words));
    case 'write-role': {
      const [, , where = '', verb = '', target = ''] =
        /^(Role|ClusterRole) ?(.*?): (\S+) (\S+)$/.exec(words.join(' ')) ?? [];
      const { resource, group, subresource } = readTarget(target);
      const resources = [subresource === '' ? resource : `${resource}/${subresource}`];
      const rules = [{ verbs: [verb], apiGroups: [group], resources, resourceNames: [], nonResourceURLs: [] }];
      return mayWriteRole(access, requester, { verb: 'create', namespace: where, name: 'new', rules });
    }
    case 'bind': {
      const [roleKind, name = ''] = first.split('/');
      const role = { kind: roleKind === 'Role' ? ('Role' as const) : ('ClusterRole' as const), name };
      return mayBind(access, requester, { verb: 'create', namespace, name: 'new', role });
    }
    case 'impersonate': {
      const [user = '', ...groups] = first.split(',');
      return mayImpersonate(access, requester, { user, groups });
    }
    case 'exec': {
      const [of = '', pod = ''] = first.split('/');
      return mayExec(access, requester, { namespace: of, pod, subresource: 'exec' }, parseKubernetesVersion(second));
    }
    case 'approve':
      return mayForSigner(access, requester, 'approve', first);
    default:
      throw new Error(`no question of a case file begins with ${kind}`);
  }
}

function whoCan(access: AccessAnalysis, words: readonly string[]): string {
  return access
    .whoCan(requestIn(words))
    .subjects.map(({ subject }) => formatSubject(subject))
    .join('; ');
}

/** `alice,dev`: the user and groups besides those every such user has. */
function requesterIn(words: string): Requester {
  const [user = '', ...groups] = words.split(',');
  return requesterOf(user, groups);
}

function requestIn(words: readonly string[]): ReturnType<typeof readRequest> {
  const at = words.indexOf('-n');
  const [verb = '', target = '', name] = at < 0 ? words : words.slice(0, at);
  return readRequest({
    verb,
    target,
    ...(name === undefined ? {} : { name }),
    ...(at < 0 ? {} : { namespace: words[at + 1] ?? '' }),
  });
}

function withVersions(manifests: string): string {
  const versionOf = (kind: string): string => (/Role|Binding/.test(kind) ? 'rbac.authorization.k8s.io/v1' : 'v1');
  return manifests
    .split(/^---\n/m)
    .map((text) =>
      /^apiVersion:/m.test(text)
        ? text
        : text.replace(/^kind: (\w+)/m, (line, kind: string) => `apiVersion: ${versionOf(kind)}\n${line}`),
    )
    .map((text) =>
      text.replace(/- \{ kind: (\w+)/g, (_, kind: string) => `- { apiVersion: ${versionOf(kind)}, kind: ${kind}`),
    )
    .join('---\n');
}
