/** What a probe can be asked, one request a line in a batch, and what it answers. Plain data: it crosses an exec. */

export type ConnectProtocol = 'tcp' | 'udp';

export interface ConnectRequest {
  readonly kind: 'connect';
  readonly host: string;
  readonly port: number;
  /** tcp when absent. */
  readonly protocol?: ConnectProtocol;
  /** 2000 when absent. */
  readonly timeoutMs?: number;
  /** Attempts, one after the other; 1 when absent. */
  readonly count?: number;
  /** Local address to open the connection from. */
  readonly source?: string;
}

export interface HttpRequest {
  readonly kind: 'http';
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** 5000 when absent. */
  readonly timeoutMs?: number;
  /** Characters of the body to give back; 4096 when absent. */
  readonly bodyLimit?: number;
}

export interface DnsRequest {
  readonly kind: 'dns';
  readonly name: string;
  /** `address` or `address:port`; the servers of /etc/resolv.conf when absent. */
  readonly server?: string;
  readonly timeoutMs?: number;
}

export interface WhoamiRequest {
  readonly kind: 'whoami';
}

export type ProbeRequest = ConnectRequest | HttpRequest | DnsRequest | WhoamiRequest;

/**
 * connected: the handshake was finished, or a datagram was answered. timeout: nothing came back. refused: somebody
 * said no (a reset, or an ICMP error from the way). probeError: the probe itself could not be made, so nothing is
 * known of the target.
 */
export type ConnectOutcome = 'connected' | 'timeout' | 'refused' | 'probeError';

export interface ConnectAttempt {
  readonly outcome: ConnectOutcome;
  /** The system's word for it: `ECONNREFUSED`, `echo`. */
  readonly detail: string;
  readonly milliseconds: number;
}

export interface ConnectAnswer extends ConnectAttempt {
  readonly kind: 'connect';
  /** Address and port at the other end, when there was one. */
  readonly peer?: string;
  /** Present when more than one attempt was asked for. The outcome is `connected` if any connected, else the last one's. */
  readonly attempts?: readonly ConnectAttempt[];
}

export interface HttpAnswer {
  readonly kind: 'http';
  readonly outcome: ConnectOutcome;
  readonly detail: string;
  readonly milliseconds: number;
  readonly status?: number;
  /** Its first `bodyLimit` characters. */
  readonly body?: string;
}

export interface DnsAnswer {
  readonly kind: 'dns';
  /** noSuchName is an answer; timeout and refused are none. */
  readonly outcome: 'answered' | 'noSuchName' | 'timeout' | 'refused' | 'probeError';
  readonly detail: string;
  readonly milliseconds: number;
  readonly addresses: readonly string[];
}

export interface WhoamiAnswer {
  readonly kind: 'whoami';
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Names as `CAP_NET_RAW`, sorted by number. */
  readonly capabilities: {
    readonly effective: readonly string[];
    readonly permitted: readonly string[];
    readonly bounding: readonly string[];
  };
  readonly noNewPrivileges: boolean;
  readonly seccomp: 'disabled' | 'strict' | 'filter' | 'unknown';
  /** Whether a file can be created in `/`. */
  readonly rootWritable: boolean;
  readonly hostname: string;
  /** A service-account token is mounted where Kubernetes puts it. */
  readonly tokenMounted: boolean;
}

/** The request could not be understood. */
export interface InvalidAnswer {
  readonly kind: 'invalid';
  readonly outcome: 'probeError';
  readonly detail: string;
}

export type ProbeAnswer = ConnectAnswer | HttpAnswer | DnsAnswer | WhoamiAnswer | InvalidAnswer;
