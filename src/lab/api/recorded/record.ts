/**
 * Asks a real API server all cases and writes its answers to `answers.json`. Run by hand, on a cluster for nothing else,
 * when a case is added or the Kubernetes version moves:
 *
 *     kubectl proxy --port 18055 & node src/lab/api/recorded/record.ts http://127.0.0.1:18055
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { at } from '../../../model/json.ts';
import { askAll, RECORDED_NAMESPACE, type Send } from './ask.ts';
import { core, NAMESPACE } from './case.ts';
import { CASES } from './index.ts';

const server = process.argv[2] ?? 'http://127.0.0.1:18055';

const send: Send = async (method, path, body, headers) => {
  const init = body === undefined ? {} : { body };
  const response = await fetch(`${server}${path}`, { method, headers, ...init });
  return { code: response.status, text: await response.text() };
};
const json = { 'content-type': 'application/json' };

const made = await send('POST', '/api/v1/namespaces', JSON.stringify(RECORDED_NAMESPACE), json);
if (made.code !== 201) throw new Error(`namespace ${NAMESPACE}: ${made.code} ${made.text}`);
for (let tries = 0; tries < 100; tries++) {
  const found = await Promise.all(
    ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'].map((p) => send('GET', `${core}/${p}`, undefined, {})),
  );
  if (found.every(({ code }) => code === 200)) break;
  await delay(100);
}
const answers = await askAll(send, CASES);
const version: unknown = JSON.parse((await send('GET', '/version', undefined, {})).text);
await send('DELETE', `/api/v1/namespaces/${NAMESPACE}`, undefined, {});
const lines = [...answers].map(([name, answer]) => `  ${JSON.stringify(name)}: ${JSON.stringify(answer)}`);
const file = new URL('answers.json', import.meta.url);
writeFileSync(
  file,
  `{\n "of": ${JSON.stringify(at(version, 'gitVersion'))},\n "answers": {\n${lines.join(',\n')}\n }\n}\n`,
);
