import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startControllers } from '../../controllers/index.ts';
import { createApiServer, type ApiServer } from '../server.ts';
import recorded from './answers.json' with { type: 'json' };
import { askAll, RECORDED_NAMESPACE, type Send, type Settled } from './ask.ts';
import { NAMESPACE } from './case.ts';
import { CASES } from './index.ts';

/** The lab's API server answers as a real one has answered (`answers.json`, made by `record.ts`). */

const answers = recorded.answers as Readonly<Record<string, Settled>>;

let api: ApiServer;
let stop: () => void;
let given: ReadonlyMap<string, Settled>;

beforeAll(async () => {
  const nowhere = (): never => {
    throw new Error('this test has no nodes');
  };
  api = createApiServer({ runtime: { exec: nowhere, logs: nowhere, dial: nowhere, kubeletGet: nowhere } });
  stop = startControllers(api);
  const { port } = await api.listen({ kind: 'https', host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true });
  const send: Send = (method, path, body, headers) =>
    new Promise((resolve, reject) => {
      const authorization = `Bearer ${api.adminToken}`;
      // Node sends the body of a DELETE without its length unless told to.
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const all = { authorization, ...length, ...headers };
      const options = { host: '127.0.0.1', port, method, path, ca: api.ca, agent, headers: all };
      const sent = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ code: response.statusCode ?? 0, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const client = api.client('kubernetes-admin', ['system:masters']);
  client.create(RECORDED_NAMESPACE);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount' };
  while (client.get(account, NAMESPACE, 'default') === undefined) await delay(10);
  given = await askAll(send, CASES);
  agent.destroy();
}, 60_000);
afterAll(async () => {
  stop();
  await api.close();
});

describe(`as Kubernetes ${recorded.of}`, () => {
  test.for(CASES.map(({ name }) => name))('%s', (name) => {
    expect(answers[name]).toBeDefined();
    expect(given.get(name)).toEqual(answers[name]);
  });
});
