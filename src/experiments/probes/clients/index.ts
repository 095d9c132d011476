import { bashTcp } from './bash-tcp.ts';
import { curl } from './curl.ts';
import type { ProbeClient } from './define-client.ts';
import { netcat } from './netcat.ts';
import { probeImage } from './probe-image.ts';
import { procStatus } from './proc-status.ts';
import { python } from './python.ts';
import { seaworthyProbe } from './seaworthy-probe.ts';
import { wget } from './wget.ts';

/** Every client we know, the most telling first: the first that is there and speaks the question is asked. */
export const PROBE_CLIENTS: readonly ProbeClient[] = [
  seaworthyProbe,
  probeImage,
  python,
  curl,
  netcat,
  bashTcp,
  wget,
  procStatus,
];
