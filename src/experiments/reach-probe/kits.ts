import type { JsonRecord } from '../../model/json.ts';

/** TCP ports every server of the canary listens on; UDP on the first as well. The first is named `http`. */
export const SERVER_PORTS = [8080, 8081, 8082] as const;

/** What the canary needs of an image: servers, a client that waits, and two measurements made inside a container. */
export interface ProbeKit {
  readonly image: string;
  /** Containers that together listen on SERVER_PORTS. */
  servers(): readonly JsonRecord[];
  client(): JsonRecord;
  /**
   * Tries one address again and again from the container's first moment and writes `SECONDS connected|blocked` lines
   * to /data/attempts. Undefined where the image has no means for it.
   */
  readonly attempts?: (host: string, port: number) => readonly string[];
  /** Keeps one connection in use for about `seconds`; the last line printed is `alive` or `silent`. */
  readonly hold?: (host: string, port: number, seconds: number) => readonly string[];
}

/** The image to use where none is named: the lab's own toolbox there, else the image of Kubernetes' conformance tests. */
export const DEFAULT_IMAGES = {
  lab: 'seaworthy.dev/toolbox:1.0.0',
  cluster: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
} as const;

/** The kit of an image, told by its name; an unknown image is taken for one like agnhost. */
export function kitOf(image: string): ProbeKit {
  const name = (image.split('@')[0] ?? image).replace(/:[^/:]*$/, '');
  if (/(^|\/)toolbox$/.test(name)) return toolbox(image);
  if (/(^|\/)probe$/.test(name)) return probe(image);
  return agnhost(image);
}

const RESTRICTED: JsonRecord = {
  runAsNonRoot: true,
  runAsUser: 65_534,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

function container(image: string, name: string, command: readonly string[], more: JsonRecord = {}): JsonRecord {
  return {
    name,
    image,
    ...(command.length === 0 ? {} : { command }),
    securityContext: RESTRICTED,
    resources: { requests: { cpu: '10m', memory: '16Mi' } },
    ...more,
  };
}

const [HTTP, SECOND, THIRD] = SERVER_PORTS;
const DECLARED = {
  ports: [
    { name: 'http', containerPort: HTTP, protocol: 'TCP' },
    { name: 'second', containerPort: SECOND, protocol: 'TCP' },
    { name: 'third', containerPort: THIRD, protocol: 'TCP' },
    { name: 'http-udp', containerPort: HTTP, protocol: 'UDP' },
  ],
  readinessProbe: { tcpSocket: { port: HTTP }, periodSeconds: 1 },
};

const WAIT = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done';

/** Twelve tries blocked in a row mean that isolation is in place; /proc/uptime counts hundredths of a second everywhere. */
const attemptLoop = (tryOnce: string): readonly string[] => [
  'sh',
  '-c',
  `n=0; i=0
while [ $n -lt 12 ] && [ $i -lt 1500 ]; do
  i=$((i+1)); read up _ < /proc/uptime
  if ${tryOnce}; then n=0; echo "$up connected"; else n=$((n+1)); echo "$up blocked"; fi >> /data/attempts
done
echo done >> /data/attempts
${WAIT}`,
  'attempts',
];

/** The lab's toolbox: our own probe program, and the tools of the machine. */
function toolbox(image: string): ProbeKit {
  return {
    image,
    servers: () => [
      container(
        image,
        'server',
        ['seaworthy-probe', 'listen', ...SERVER_PORTS.flatMap((port) => ['--port', `${port}`])],
        DECLARED,
      ),
    ],
    client: () => container(image, 'client', ['sh', '-c', WAIT]),
    attempts: (host, port) => [
      ...attemptLoop(`timeout 0.3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null`),
      host,
      `${port}`,
    ],
    hold: (host, port, seconds) => [
      'bash',
      '-c',
      `exec 3<>"/dev/tcp/$0/$1" || exit 3
SECONDS=0
while [ $SECONDS -lt "$2" ]; do
  echo ping >&3
  if read -r -t 0.5 -u 3 _; then echo alive; else echo silent; fi
  sleep 0.2
done`,
      host,
      `${port}`,
      `${seconds}`,
    ],
  };
}

/** An image with the program `probe`, a server and client in one. */
function probe(image: string): ProbeKit {
  return {
    image,
    servers: () => [
      container(
        image,
        'server',
        [
          'sh',
          '-c',
          `probe serve -http ${HTTP} -tcp ${SECOND} -udp ${HTTP} & exec probe serve -http ${THIRD} -tcp ${THIRD + 1} -udp ${THIRD}`,
        ],
        DECLARED,
      ),
    ],
    client: () => container(image, 'client', ['probe', 'sleep']),
    attempts: (host, port) => [
      ...attemptLoop('probe tcp -t 0.3 "$1:$2" >/dev/null 2>&1').map((part) => part.replace(WAIT, 'exec probe sleep')),
      host,
      `${port}`,
    ],
    // The last line of a request is held back: the answer comes only if the client is still heard when time is over.
    hold: (host, _port, seconds) => [
      'sh',
      '-c',
      `{ printf 'GET / HTTP/1.1\\r\\nHost: canary\\r\\n'; sleep "$2"; printf 'Connection: close\\r\\n\\r\\n'; sleep 2; } |
timeout "$(($2 + 4))" nc "$0" "$1" | grep -q host= && echo alive || echo silent`,
      host,
      `${HTTP}`,
      `${seconds}`,
    ],
  };
}

/** agnhost, the image of Kubernetes' own conformance tests, or anything that understands its `netexec`. */
function agnhost(image: string): ProbeKit {
  const server = (port: number, more: JsonRecord): JsonRecord =>
    container(image, `server-${port}`, [], {
      args: ['netexec', `--http-port=${port}`, `--udp-port=${port === HTTP ? port : -1}`],
      ...more,
    });
  return {
    image,
    servers: () => SERVER_PORTS.map((port) => server(port, port === HTTP ? DECLARED : {})),
    client: () => container(image, 'client', [], { args: ['pause'] }),
  };
}
