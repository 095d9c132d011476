/** How a container starts a program. */
export interface Started {
  readonly words: readonly string[];
  readonly image: string;
  readonly env: (name: string) => string | undefined;
  /** Where volumes are mounted. */
  readonly mounts: readonly string[];
}

/** A program that, as it is started, may ask nobody who they are. */
export interface Program {
  /** The edge it belongs to. */
  readonly edge: 'A3' | 'A6' | 'D12' | 'G5' | 'G6';
  readonly image: RegExp;
  readonly port: number;
  /** Only there it is what it is known for. */
  readonly namespace?: string;
  /** Code in its container, what its service account may do, the cluster; `images` that others run. */
  readonly gives: 'Code' | 'Identity' | 'ClusterAdmin' | 'images';
  readonly says: string;
  /** Where it answers whoever comes; undefined when it asks for credentials, or is not exposed so. */
  readonly listens: (started: Started) => 'everywhere' | 'loopback' | undefined;
}

/** What is known of programs whose ports give more than a connection. */
export const PROGRAMS: readonly Program[] = [
  {
    edge: 'A3',
    image: /(^|\/)tiller(:|@|$)/,
    port: 44134,
    gives: 'Identity',
    says: 'Tiller installs whatever it is asked to, with the rights of its service account',
    listens: ({ words, env }) => {
      if (env('TILLER_TLS_VERIFY') === '1' || words.includes('--tls-verify')) return undefined;
      return words.some((word) => /^--listen=(localhost|127\.)/.test(word)) ? 'loopback' : 'everywhere';
    },
  },
  {
    edge: 'A3',
    image: /(^|\/)(kubectl|hyperkube)(:|@|$)/,
    port: 8001,
    gives: 'Identity',
    says: 'kubectl proxy hands requests on with the rights of its service account',
    listens: ({ words }) => {
      if (!words.includes('proxy')) return undefined;
      return words.some((word) => /^(--address=)?0\.0\.0\.0$/.test(word)) ? 'everywhere' : 'loopback';
    },
  },
  {
    edge: 'A3',
    image: /(^|\/)docker:[^/]*dind/,
    port: 2375,
    gives: 'Code',
    says: 'a Docker daemon without TLS runs what it is asked to',
    listens: ({ words, env }) => {
      if (env('DOCKER_TLS_CERTDIR') === '') return 'everywhere';
      const [, address] = words.map((word) => /tcp:\/\/([^:]*):2375/.exec(word)).find(Boolean) ?? [];
      if (address === undefined) return undefined;
      return /^(127\.|localhost)/.test(address) ? 'loopback' : 'everywhere';
    },
  },
  {
    edge: 'A3',
    image: /(^|\/)(jupyter\/|jupyterhub\/|[^/]*-notebook(:|@|$))/,
    port: 8888,
    gives: 'Code',
    says: 'a notebook without a token runs what is typed into it',
    listens: ({ words }) =>
      words.some((word) => /^--(NotebookApp|ServerApp|IdentityProvider)\.token=(''|"")?$/.test(word))
        ? 'everywhere'
        : undefined,
  },
  {
    edge: 'A3',
    image: /(^|\/)kube-apiserver:v1\.(\d|1\d)\./,
    port: 8080,
    namespace: 'kube-system',
    gives: 'ClusterAdmin',
    says: 'the insecure port of this API server asks nobody who they are (on unless set to 0 before 1.20)',
    listens: ({ words }) => {
      if (words.includes('--insecure-port=0')) return undefined;
      return words.includes('--insecure-bind-address=0.0.0.0') ? 'everywhere' : 'loopback';
    },
  },
  {
    edge: 'A6',
    image: /(^|\/)(registry|distribution)(:|@|$)/,
    port: 5000,
    gives: 'images',
    says: 'this registry takes images from whoever comes',
    listens: ({ words, env, mounts }) => {
      const guarded = [
        'REGISTRY_AUTH',
        'REGISTRY_AUTH_HTPASSWD_REALM',
        'REGISTRY_AUTH_TOKEN_REALM',
        'REGISTRY_PROXY_REMOTEURL',
        'REGISTRY_STORAGE_MAINTENANCE_READONLY',
      ].some((name) => env(name) !== undefined);
      // A configuration of its own may say who is asked for what.
      const configured =
        words.some((word) => /\.ya?ml$/.test(word)) ||
        mounts.some((path) => /^\/etc\/(docker\/registry|distribution)/.test(path));
      return guarded || configured ? undefined : 'everywhere';
    },
  },
  {
    edge: 'D12',
    image: /(^|\/)etcd(:|@|$)/,
    port: 2379,
    namespace: 'kube-system',
    gives: 'ClusterAdmin',
    says: 'the etcd of the cluster lets whoever reaches it read and write all objects',
    listens: ({ words }) => {
      const urls = words.flatMap((word) => /^--listen-client-urls=(.*)$/.exec(word)?.[1]?.split(',') ?? []);
      const asks = words.some((word) => /^--client-cert-auth(=true)?$/.test(word));
      const open = urls.filter((url) => url.startsWith('http://') || (url.startsWith('https://') && !asks));
      if (open.length === 0) return undefined;
      return open.some((url) => !/\/\/(127\.|localhost|\[::1\])/.test(url)) ? 'everywhere' : 'loopback';
    },
  },
  {
    edge: 'G6',
    image: /(^|\/)(kubernetes-?ui\/dashboard|kubernetes-dashboard[^/]*)(:|@|$)/,
    port: 8443,
    gives: 'Identity',
    says: 'the dashboard lets everybody skip the login, and acts with the rights of its service account',
    listens: ({ words }) =>
      words.some((word) => /^--enable-skip-login(=true)?$/.test(word)) ? 'everywhere' : undefined,
  },
  {
    edge: 'G5',
    image: /(^|\/)ingress-nginx\/controller(-chroot)?:v?\d/,
    port: 8443,
    gives: 'Code',
    says: 'the admission webhook of this ingress-nginx runs code that comes with an Ingress (CVE-2025-1974)',
    listens: ({ words, image }) =>
      words.some((word) => word.startsWith('--validating-webhook=')) && hasIngressNightmare(image)
        ? 'everywhere'
        : undefined,
  },
];

/** Fixed in 1.11.5 and 1.12.1. Source: kubernetes/kubernetes#131009. */
function hasIngressNightmare(image: string): boolean {
  const [major = 0, minor = 0, patch = 0] = (/:v?(\d+)\.(\d+)\.(\d+)/.exec(image) ?? []).slice(1).map(Number);
  return major === 0 || (major === 1 && (minor < 11 || (minor === 11 && patch < 5) || (minor === 12 && patch < 1)));
}
