import { records, strings, text } from '../../model/json.ts';
import type { ContainerEntry } from '../../model/pods.ts';
import type { PodUnit } from './pod-units.ts';

/** A program that gives whoever reaches its port what it holds, as its image and its arguments say. */
export interface KnownService {
  readonly unit: PodUnit;
  readonly container: string;
  readonly port: number;
  readonly program: Program;
  /** The container's place in the spec. */
  readonly path: readonly (string | number)[];
}

interface Program {
  /** The edge it belongs to. */
  readonly edge: 'A3' | 'G5' | 'G6';
  readonly image: RegExp;
  readonly port: number;
  /** Code in its container, or what its service account may do. */
  readonly gives: 'Code' | 'Identity';
  readonly says: string;
  /** Whether it is set up so that nothing is asked of who comes; the words of its command and arguments. */
  readonly isOpen: (words: readonly string[], image: string, env: (name: string) => string | undefined) => boolean;
}

const PROGRAMS: readonly Program[] = [
  {
    edge: 'A3',
    image: /(^|\/)tiller(:|@|$)/,
    port: 44134,
    gives: 'Identity',
    says: 'Tiller installs whatever it is asked to, with the rights of its service account',
    isOpen: (words, _image, env) =>
      env('TILLER_TLS_VERIFY') !== '1' &&
      !words.some((word) => word === '--tls-verify' || /^--listen=(localhost|127\.)/.test(word)),
  },
  {
    edge: 'A3',
    image: /(^|\/)(kubectl|hyperkube)(:|@|$)/,
    port: 8001,
    gives: 'Identity',
    says: 'kubectl proxy hands requests on with the rights of its service account',
    isOpen: (words) => words.includes('proxy') && words.some((word) => /^(--address=)?0\.0\.0\.0$/.test(word)),
  },
  {
    edge: 'A3',
    image: /(^|\/)docker:[^/]*dind/,
    port: 2375,
    gives: 'Code',
    says: 'a Docker daemon without TLS runs what it is asked to',
    isOpen: (words, _image, env) =>
      env('DOCKER_TLS_CERTDIR') === '' || words.some((word) => /tcp:\/\/(0\.0\.0\.0)?:2375/.test(word)),
  },
  {
    edge: 'A3',
    image: /(^|\/)(jupyter\/|jupyterhub\/|[^/]*-notebook(:|@|$))/,
    port: 8888,
    gives: 'Code',
    says: 'a notebook without a token runs what is typed into it',
    isOpen: (words) => words.some((word) => /^--(NotebookApp|ServerApp|IdentityProvider)\.token=(''|"")?$/.test(word)),
  },
  {
    edge: 'G6',
    image: /(^|\/)(kubernetes-?ui\/dashboard|kubernetes-dashboard[^/]*)(:|@|$)/,
    port: 8443,
    gives: 'Identity',
    says: 'the dashboard lets everybody skip the login, and acts with the rights of its service account',
    isOpen: (words) => words.some((word) => /^--enable-skip-login(=true)?$/.test(word)),
  },
  {
    edge: 'G5',
    image: /(^|\/)ingress-nginx\/controller(-chroot)?:v?\d/,
    port: 8443,
    gives: 'Code',
    says: 'the admission webhook of this ingress-nginx runs code that comes with an Ingress (CVE-2025-1974)',
    isOpen: (words, image) =>
      words.some((word) => word.startsWith('--validating-webhook=')) && hasIngressNightmare(image),
  },
];

const ANY = new RegExp(PROGRAMS.map(({ image }) => image.source).join('|'));

/** Fixed in 1.11.5 and 1.12.1. Source: kubernetes/kubernetes#131009. */
function hasIngressNightmare(image: string): boolean {
  const [major = 0, minor = 0, patch = 0] = (/:v?(\d+)\.(\d+)\.(\d+)/.exec(image) ?? []).slice(1).map(Number);
  return major === 0 || (major === 1 && (minor < 11 || (minor === 11 && patch < 5) || (minor === 12 && patch < 1)));
}

/** Every known open service of the pods. Images are compared first: most pods have none of these. */
export function knownServices(units: readonly PodUnit[]): readonly KnownService[] {
  return units.flatMap((unit) =>
    records(unit.spec['containers']).some(([, container]) => ANY.test(text(container['image']) ?? ''))
      ? unit.containers.flatMap(({ entry }) => servicesIn(unit, entry))
      : [],
  );
}

function servicesIn(unit: PodUnit, { name, container, path }: ContainerEntry): readonly KnownService[] {
  const image = text(container['image']) ?? '';
  const words = [...strings(container['command']), ...strings(container['args'])].flatMap((word) => word.split(/\s+/));
  const env = (wanted: string): string | undefined => {
    const found = records(container['env']).find(([, one]) => one['name'] === wanted)?.[1];
    return found && text(found['value']);
  };
  return PROGRAMS.filter((program) => program.image.test(image) && program.isOpen(words, image, env)).map(
    (program) => ({
      unit,
      container: name,
      port: program.port,
      program,
      path: [...path, 'image'],
    }),
  );
}
