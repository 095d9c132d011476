import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer, type WebSocket } from 'ws';
import type { Core } from '../core.ts';
import { getObject } from '../operations/read.ts';
import { runExec } from '../subresources/exec.ts';
import { podTarget } from '../subresources/pod-target.ts';
import { runPortForward } from '../subresources/port-forward.ts';
import { PORT_FORWARD_PROTOCOL, servePortForward, TUNNELLED_PROTOCOL } from '../subresources/port-forward-spdy.ts';
import type { RequestInfo } from './request-info.ts';
import { badRequest, methodNotAllowed, noSuchPath, notImplemented } from './status.ts';

const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const FORWARD_PROTOCOLS = [TUNNELLED_PROTOCOL, 'v4.channel.k8s.io'];

/** Turns an authorized request for exec or portforward into a stream of its protocol, and serves it until it ends. */
export async function upgradePod(
  core: Core,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  info: RequestInfo,
  query: URLSearchParams,
  started: () => void,
): Promise<void> {
  if (info.kind !== 'resource' || info.resource !== 'pods') throw noSuchPath();
  const kind = core.registry.find(info.group, info.version, info.resource);
  if (!kind) throw noSuchPath();
  if (info.subresource === 'attach') throw notImplemented('this lab does not attach to running containers; use exec');
  if (info.subresource !== 'exec' && info.subresource !== 'portforward') throw methodNotAllowed();
  const pod = getObject(core, kind, info.namespace, info.name);
  if (info.subresource === 'exec') {
    const target = podTarget(pod, query.get('container'));
    const command = query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
    const websocket = await accept(request, socket, head, EXEC_PROTOCOLS);
    started();
    return runExec(core.runtime, target, command, query, websocket);
  }
  const containers = (pod['spec'] as { readonly containers?: readonly { readonly name?: string }[] } | undefined)
    ?.containers;
  const target = podTarget(pod, containers?.[0]?.name ?? null);
  if (request.headers.upgrade?.toLowerCase() === 'spdy/3.1') {
    started();
    return servePortForward(core.runtime, target, switchToSpdy(request, socket, head));
  }
  const websocket = await accept(request, socket, head, FORWARD_PROTOCOLS);
  started();
  if (websocket.protocol === TUNNELLED_PROTOCOL) {
    return servePortForward(core.runtime, target, createWebSocketStream(websocket));
  }
  return runPortForward(core.runtime, target, query.getAll('ports').map(Number), websocket);
}

/** SPDY without a websocket around it: what clients older than the tunnel ask for. */
function switchToSpdy(request: IncomingMessage, socket: Duplex, head: Buffer): Duplex {
  const offered = [request.headers['x-stream-protocol-version'] ?? []].flat();
  if (!offered.some((one) => one.split(',').some((name) => name.trim() === PORT_FORWARD_PROTOCOL))) {
    throw badRequest(`unable to upgrade: the stream protocol served is ${PORT_FORWARD_PROTOCOL}`);
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${PORT_FORWARD_PROTOCOL}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return socket;
}

function accept(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocols: readonly string[],
): Promise<WebSocket> {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const chosen = protocols.find((protocol) => offered.includes(protocol));
  if (chosen === undefined) {
    throw badRequest(
      `unable to upgrade: none of the protocols offered (${offered.join(', ')}) is served; served: ${protocols.join(', ')}`,
    );
  }
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => chosen, maxPayload: 32 * 1024 * 1024 });
  return new Promise((resolve) => server.handleUpgrade(request, socket, head, resolve));
}
