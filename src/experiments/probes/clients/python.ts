import { connectAnswer, failedAnswer, firstLine, type ProbeClient } from './define-client.ts';

const SCRIPT = `
import socket, sys
host, port, kind, wait = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
try:
    family, _, _, _, address = socket.getaddrinfo(host, port)[0]
    s = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    s.settimeout(wait)
    s.connect(address)
    if kind == "udp":
        s.send(b"seaworthy")
        s.recv(512)
    print("connected")
except socket.timeout:
    print("timeout")
except (ConnectionRefusedError, ConnectionResetError):
    print("refused")
except Exception as error:
    print("probeError", error)
`;

/** python3 and its sockets: TCP and UDP. */
export const python: ProbeClient = {
  id: 'python3',
  program: 'python3',
  speaks: (request) => request.kind === 'connect',
  command(request) {
    if (request.kind !== 'connect') return ['python3'];
    const wait = `${(request.timeoutMs ?? 2_000) / 1_000}`;
    return ['python3', '-c', SCRIPT, request.host, `${request.port}`, request.protocol ?? 'tcp', wait];
  },
  interpret(request, { stdout, stderr }) {
    const [outcome, ...detail] = firstLine(stdout).split(' ');
    if (outcome === 'connected' || outcome === 'timeout' || outcome === 'refused')
      return connectAnswer(outcome, `python3: ${outcome}`);
    return failedAnswer(request, detail.join(' ') || stderr);
  },
};
