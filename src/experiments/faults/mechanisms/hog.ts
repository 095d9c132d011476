import { SeaworthyError } from '../../../model/errors.ts';
import { at as dig, list, records, text } from '../../../model/json.ts';
import { refOf, type KubernetesObject } from '../../../model/object.ts';
import type { ExecResult, PodAddress } from '../../../cluster/types.ts';
import type { Applied, Ending, FaultContext, Injection, Preflight, Residue, Undone } from '../define-fault.ts';
import { injectionId } from '../injection-id.ts';
import { podName } from '../../pods.ts';
import { choose, podsOf, type Mode, type PodTarget } from '../targets/pod-target.ts';

/**
 * Processes that eat something inside the target's own container and end by themselves after their time, whatever
 * happens to whoever started them. They are found again by their mark, which stands in their command line.
 */
export interface Hog {
  readonly fault: string;
  /** Shell text; gets the seconds as $1 and the amount as $2. */
  readonly script: string;
  /** What it does, for a person. */
  says(amount: number): string;
}

const markOf = (id: string): string => `seaworthy-hog-${id}`;

/**
 * Lists the processes whose command line holds the mark and their children: `pid marked|child utime+stime rssPages`.
 * The pattern is not what it looks for, so that the looking processes do not find themselves; all command lines are
 * read by one process, because a container may be starved and have many.
 */
const LOOK = `marked=" "
for f in $(grep -la "seaworthy-hog[-]$1" /proc/[0-9]*/cmdline 2>/dev/null); do f=\${f#/proc/}; marked="$marked\${f%/cmdline} "; done
for d in /proc/[0-9]*; do
  read -r s 2>/dev/null <$d/stat || continue
  p=\${d#/proc/}; set -- \${s##*) }; kind=
  case "$marked" in *" $p "*) kind=marked;; *" $2 "*) kind=child;; esac
  [ -n "$kind" ] && echo "$p $kind $((\${12} + \${13})) \${22}"
done; true`;

/** A process of ours in a container. */
export interface HogProcess {
  readonly pid: number;
  readonly kind: 'marked' | 'child';
  /** CPU used so far, in clock ticks (100 a second). */
  readonly ticks: number;
  /** Resident memory in pages of 4 KiB. */
  readonly pages: number;
}

/** Chooses the pods and writes one injection each; `amountOf` says how much, or why it can't be known. */
export async function preflightHog(
  hog: Hog,
  parameters: {
    readonly target: PodTarget;
    readonly mode: Mode;
    readonly container?: string | undefined;
    readonly lasts: number;
  },
  amountOf: (pod: KubernetesObject, container: string) => number | string,
  at: FaultContext,
): Promise<Preflight> {
  const { target, mode } = parameters;
  const pods = await podsOf(at.cluster, target);
  if (pods.kind !== 'ok')
    return { kind: 'refused', because: `the pods of ${target.namespace} can't be listed: ${pods.because}` };
  const chosen = choose(pods.value, mode, at.rng);
  if (chosen.length === 0) return { kind: 'refused', because: `no live pod of ${target.namespace} has these labels` };
  const seconds = Math.max(1, Math.ceil(Math.min(parameters.lasts, at.ttlMs) / 1_000));
  const injections: Injection[] = [];
  for (const pod of chosen) {
    const container = parameters.container ?? text(dig(pod, 'spec', 'containers', 0, 'name')) ?? '';
    const amount = amountOf(pod, container);
    if (typeof amount === 'string') return { kind: 'refused', because: amount };
    const shell = await at.cluster.exec(address(pod, container), [
      'sh',
      '-c',
      'for p in sleep head tail cat grep; do command -v $p || exit 1; done',
    ]);
    if (shell.kind !== 'exited' || shell.code !== 0) {
      return {
        kind: 'refused',
        because: `container ${container} of pod ${podName(pod)} has no shell with sleep, head, tail, cat and grep: nothing can be run in it`,
      };
    }
    injections.push({
      fault: hog.fault,
      id: injectionId(at.rng),
      run: at.run,
      target: { ...refOf(pod), ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }) },
      says: `${hog.says(amount)} in container ${container} of pod ${podName(pod)} for ${seconds} s`,
      touches: { namespaces: [target.namespace], pods: [podName(pod)], nodes: [] },
      data: { container, seconds, amount },
    });
  }
  return { kind: 'ready', injections };
}

/** Its processes sleep for their time and end with it. */
export function hogEnds({ data }: Injection): Ending {
  return { by: 'itself', says: `its processes end after ${Number(data['seconds'])} s` };
}

/** Starts the processes in the background of the container: the exec session ends, they go on. */
export async function startHog(hog: Hog, injection: Injection, at: FaultContext): Promise<Applied> {
  if ((await hogProcesses(injection, at)).length > 0) return { kind: 'applied' };
  const { seconds, amount } = injection.data;
  const script = `(${hog.script}) </dev/null >/dev/null 2>&1 &`;
  const started = await execIn(
    injection,
    ['sh', '-c', script, markOf(injection.id), `${Number(seconds)}`, `${Number(amount)}`],
    at,
  );
  if (started.kind === 'exited' && started.code === 0) return { kind: 'applied' };
  return { kind: 'failed', because: whyNot(started) };
}

/** Ends what is marked, children first: loops that wait for a child then end by themselves. */
export async function stopHog(injection: Injection, at: FaultContext): Promise<Undone> {
  if (await podIsGone(injection, at))
    return { kind: 'undone', says: `pod ${injection.target.name} is gone, and its processes with it` };
  for (let attempt = 0; attempt < 5; attempt++) {
    const running = await hogProcesses(injection, at).catch(() => undefined);
    if (running === undefined) return { kind: 'failed', because: `pod ${injection.target.name} can't be looked into` };
    if (running.length === 0) return { kind: 'undone', says: `nothing of ours runs in pod ${injection.target.name}` };
    const pids = [...running].sort((a) => (a.kind === 'child' ? -1 : 1)).map((process) => `${process.pid}`);
    await execIn(injection, ['sh', '-c', 'for p; do kill -9 "$p" 2>/dev/null; done; true', 'seaworthy', ...pids], at);
    await at.clock.sleep(200);
  }
  return {
    kind: 'failed',
    because: `processes in pod ${injection.target.name} can't be ended; they end by themselves after ${Number(injection.data['seconds'])} s`,
  };
}

/** Processes of an injection that still run. A pod that is gone has none; one that can not be looked into may. */
export async function hogResidue(injection: Injection, at: FaultContext): Promise<readonly Residue[]> {
  if (await podIsGone(injection, at)) return [];
  const running = await hogProcesses(injection, at).catch(() => undefined);
  const remedy = `kubectl -n ${injection.target.namespace} delete pod ${injection.target.name}`;
  if (running === undefined) return [{ what: `pod ${injection.target.name} can't be looked into`, remedy }];
  return running.length === 0
    ? []
    : [{ what: `${running.length} processes of ours run in pod ${injection.target.name}`, remedy }];
}

/** The processes of an injection that run now. Throws when the container can't be looked into. */
export async function hogProcesses(injection: Injection, at: FaultContext): Promise<readonly HogProcess[]> {
  const looked = await execIn(injection, ['sh', '-c', LOOK, 'sh', injection.id], at);
  if (looked.kind !== 'exited' || looked.code !== 0) throw new SeaworthyError('SW_FAULT_TARGET_LOST', whyNot(looked));
  return looked.stdout
    .split('\n')
    .map((line) => line.trim().split(' '))
    .flatMap(([pid, kind, ticks, pages]): readonly HogProcess[] =>
      kind === 'marked' || kind === 'child'
        ? [{ pid: Number(pid), kind, ticks: Number(ticks), pages: Number(pages) }]
        : [],
    );
}

async function podIsGone({ target }: Injection, { cluster }: FaultContext): Promise<boolean> {
  const { uid, ...ref } = target;
  const found = await cluster.get(ref);
  return found.kind === 'missing' || (found.kind === 'ok' && uid !== undefined && found.value.metadata.uid !== uid);
}

/** Runs a command in the container an injection is about. */
export function execIn(injection: Injection, command: readonly string[], at: FaultContext): Promise<ExecResult> {
  const { namespace = 'default', name } = injection.target;
  return at.cluster.exec({ namespace, pod: name, container: text(injection.data['container']) ?? '' }, command, {
    timeoutMs: 15_000,
  });
}

function address(pod: KubernetesObject, container: string): PodAddress {
  return { namespace: pod.metadata.namespace ?? 'default', pod: pod.metadata.name, container };
}

/** Why a command did not do what it should. */
export function whyNot(result: ExecResult): string {
  if (result.kind === 'failed') return result.because;
  return result.kind === 'timeout'
    ? 'the exec session did not end in time'
    : result.stderr.trim() || `it ended with ${result.code}`;
}

/** The limit a container's manifest sets on a resource, as written. */
export function limitOf(pod: KubernetesObject, container: string, resource: 'cpu' | 'memory'): string | undefined {
  const found = records(list(dig(pod, 'spec', 'containers'))).find(([, entry]) => entry['name'] === container);
  return text(dig(found?.[1], 'resources', 'limits', resource));
}
