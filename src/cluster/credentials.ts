import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { SeaworthyError, systemReason } from '../model/errors.ts';
import { at, isRecord, text } from '../model/json.ts';
import type { Credential, ExecPlugin } from './kubeconfig.ts';

/** What a request needs to be recognised: a header, or a client certificate, or nothing more. */
export interface Proof {
  readonly authorization?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** Proves to the API server who asks. */
export interface Authenticator {
  /** The current proof; kept until it expires. */
  prove(): Promise<Proof>;
  /** Forgets the proof, after the API server refused it (401). False when another try can't help. */
  forget(): boolean;
}

const TOKEN_FILE_MS = 60_000;
/** A credential is not used in its last moments: it must still be good when it arrives. */
const SPARE_MS = 10_000;

/** Turns a credential into proofs: static ones as they are, token files read again, plugins run when needed. */
export function authenticator(credential: Credential, now: () => number = Date.now): Authenticator {
  if (credential.kind === 'none') return fixed({});
  if (credential.kind === 'token') return fixed({ authorization: `Bearer ${credential.token}` });
  if (credential.kind === 'basic') {
    const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
    return fixed({ authorization: `Basic ${pair}` });
  }
  const fetchProof =
    credential.kind === 'tokenFile'
      ? async (): Promise<Expiring> => ({ proof: await readToken(credential.path), until: now() + TOKEN_FILE_MS })
      : async (): Promise<Expiring> => runPlugin(credential.plugin);
  let held: Promise<Expiring> | undefined;
  return {
    async prove() {
      const before = held;
      const current = await before?.catch(() => undefined);
      if (current && current.until > now()) return current.proof;
      if (held === before) held = fetchProof(); // many requests wait for one renewal
      return ((await held) ?? (await fetchProof())).proof;
    },
    forget() {
      held = undefined;
      return true;
    },
  };
}

interface Expiring {
  readonly proof: Proof;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

function fixed(proof: Proof): Authenticator {
  return { prove: () => Promise.resolve(proof), forget: () => false };
}

async function readToken(path: string): Promise<Proof> {
  try {
    return { authorization: `Bearer ${(await readFile(path, 'utf8')).trim()}` };
  } catch (cause) {
    throw failed(`the token file ${path} can't be read: ${systemReason(cause)}`, undefined, cause);
  }
}

/** Runs a credential plugin and reads the ExecCredential it prints. Its own messages go to the person's terminal. */
async function runPlugin(plugin: ExecPlugin): Promise<Expiring> {
  const output = await new Promise<string>((done, fail) => {
    const info = {
      apiVersion: plugin.apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: process.stdin.isTTY, ...(plugin.clusterInfo ? { cluster: plugin.clusterInfo } : {}) },
    };
    const child = spawn(plugin.command, [...plugin.args], {
      env: { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      stdio: [process.stdin.isTTY ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (cause) => {
      fail(failed(`the credential plugin ${plugin.command} can't be run: ${cause.message}`, plugin.installHint, cause));
    });
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(chunks).toString());
      else fail(failed(`the credential plugin ${plugin.command} ended with status ${code}`, plugin.installHint));
    });
  });
  return parseExecCredential(output, plugin);
}

function parseExecCredential(output: string, plugin: ExecPlugin): Expiring {
  let credential: unknown;
  try {
    credential = JSON.parse(output);
  } catch (cause) {
    throw failed(`the credential plugin ${plugin.command} did not print JSON`, plugin.installHint, cause);
  }
  const status = at(credential, 'status');
  const token = text(at(status, 'token'));
  const cert = text(at(status, 'clientCertificateData'));
  const key = text(at(status, 'clientKeyData'));
  if (!isRecord(status) || (token === undefined && cert === undefined)) {
    throw failed(`the credential plugin ${plugin.command} gave neither a token nor a certificate`, plugin.installHint);
  }
  const expires = Date.parse(text(status['expirationTimestamp']) ?? '');
  return {
    proof: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    },
    until: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires - SPARE_MS,
  };
}

function failed(message: string, hint: string | undefined, cause?: unknown): SeaworthyError {
  return new SeaworthyError('SW_NO_CREDENTIALS', message, {
    exit: 4,
    hint: hint ?? 'Log in again with the tool that wrote this kubeconfig; kubectl must work with it first.',
    ...(cause === undefined ? {} : { cause }),
  });
}
