import type { ProbeRequest } from '../../../agent/requests.ts';
import type { ClaimOf } from '../../../claims/claim.ts';
import { namespaceOf } from '../../../claims/facts.ts';
import { selectWorkloads } from '../../../claims/select.ts';
import type { PodSelectorSpec } from '../../../claims/schema/selection.ts';
import type { Verdict } from '../../../model/because.ts';
import { parseDuration } from '../../../model/duration.ts';
import { at as dig, number, records } from '../../../model/json.ts';
import { listAll } from '../../objects.ts';
import { firstLine, type Answer } from '../clients/define-client.ts';
import { isPodOf, livePods } from '../live-pods.ts';
import { defaultSources, type Asked } from './default-source.ts';
import { observed, sampleOf, type ClaimProbe, type ClaimSample, type ClaimWorld } from './claim-probe.ts';

type SteadyState = ClaimOf<'steadyState'>;

const DEFAULT_WITHIN_MS = 5_000;

/** Whether the service works, asked as a client of it would. */
export function steadyStateProbe(claim: SteadyState, world: ClaimWorld): ClaimProbe {
  const { probe, tolerance, window } = claim.spec;
  const uses = Object.keys(probe).map((kind) => (kind === 'endpoints' || kind === 'disruption' ? 'read' : kind));
  const look = lookOf(claim, world);
  return {
    claim,
    uses,
    tellsArmsApart: false,
    plan: [look.plan],
    tolerance: { successRatio: tolerance?.successRatio ?? 1, windowMs: parseDuration(window) ?? 10_000 },
    async sample(): Promise<ClaimSample> {
      const at = world.clock.now().toISOString();
      try {
        const { verdict, says, milliseconds } = await look.once();
        return sampleOf(at, [{ verdict, because: [observed(at, says)] }], milliseconds);
      } catch (thrown) {
        return sampleOf(at, [
          { verdict: 'unknown', because: [observed(at, `it could not be looked at: ${String(thrown)}`)] },
        ]);
      }
    },
  };
}

interface Look {
  readonly plan: string;
  once(): Promise<{ readonly verdict: Verdict; readonly says: string; readonly milliseconds?: number }>;
}

function lookOf(claim: SteadyState, world: ClaimWorld): Look {
  const { probe, tolerance } = claim.spec;
  const within = (tolerance?.within === undefined ? undefined : parseDuration(tolerance.within)) ?? DEFAULT_WITHIN_MS;
  if (probe.http) {
    const { url, from } = probe.http;
    const wanted = tolerance?.status === undefined ? undefined : [tolerance.status].flat();
    return fromPods(
      claim,
      from,
      world,
      { kind: 'http', url, method: probe.http.method, timeoutMs: within },
      `ask ${url}`,
      (answer) => {
        if (answer.kind !== 'http' || answer.outcome === 'probeError') return unasked(answer, from);
        if (answer.outcome !== 'connected' || answer.milliseconds > within) return 'violated';
        const status = answer.status ?? 0;
        return (wanted ? wanted.includes(status) : status > 0 && status < 400) ? 'holds' : 'violated';
      },
    );
  }
  if (probe.connect) {
    const { host, port, protocol, from } = probe.connect;
    const request: ProbeRequest = {
      kind: 'connect',
      host,
      port,
      protocol: protocol === 'UDP' ? 'udp' : 'tcp',
      timeoutMs: within,
    };
    return fromPods(claim, from, world, request, `connect to ${host}:${port}/${protocol}`, (answer) => {
      if (answer.kind !== 'connect' || answer.outcome === 'probeError') return unasked(answer, from);
      return answer.outcome === 'connected' ? 'holds' : 'violated';
    });
  }
  if (probe.dns) {
    const { name, from } = probe.dns;
    return fromPods(claim, from, world, { kind: 'dns', name, timeoutMs: within }, `resolve ${name}`, (answer) => {
      if (answer.kind !== 'dns' || answer.outcome === 'probeError') return 'unknown';
      return answer.outcome === 'answered' ? 'holds' : 'violated';
    });
  }
  if (probe.endpoints) return endpoints(claim, probe.endpoints, world);
  if (probe.disruption) return disruption(claim, probe.disruption, world);
  return { plan: 'nothing to look at', once: async () => ({ verdict: 'unknown', says: 'the claim names no probe' }) };
}

/** How resolvers and the programs that ask them say that a name was not resolved. */
const UNRESOLVED = /EAI_AGAIN|ENOTFOUND|not resolved|bad address|name resolution|name or service not known/i;

/**
 * A question that could not be put says nothing, but for one case: clients that the owner named and that can't resolve
 * the name can't use the service either. Of those we chose ourselves, DNS may be closed on purpose.
 */
function unasked(answer: Answer, from: PodSelectorSpec | undefined): Verdict {
  return from && 'detail' in answer && UNRESOLVED.test(answer.detail) ? 'violated' : 'unknown';
}

/** Asks from one pod of those selected, another one each time, so that no single client decides. */
function fromPods(
  claim: SteadyState,
  from: PodSelectorSpec | undefined,
  world: ClaimWorld,
  request: ProbeRequest,
  what: string,
  judge: (answer: Answer) => Verdict,
): Look {
  const asked = askedOf(request);
  const found = from
    ? selectWorkloads(world.facts, from, claim.namespace).found
    : asked
      ? defaultSources(world.facts, asked, claim.namespace)
      : [];
  if (!from && found.length === 0) {
    const says = `${what}: no pod is known to be let in by every policy: give \`from\`, the pods that ask`;
    return { plan: says, once: async () => ({ verdict: 'unknown', says }) };
  }
  const chosen = from ? '' : ' (chosen, because policies let them; `from` names others)';
  const namespaces = [...new Set(found.map(namespaceOf))];
  let turn = 0;
  return {
    plan: `${what} from ${found.map(({ ref }) => `${ref.namespace ?? 'default'}/${ref.name}`).join(', ') || 'no pod: none is selected'}${chosen}`,
    async once() {
      const pods = (await livePods(world.cluster, namespaces, world.signal)).filter((pod) =>
        found.some((workload) => isPodOf(workload, pod)),
      );
      const ready = pods.filter((pod) => pod.ready);
      const pod = ready[turn++ % Math.max(1, ready.length)];
      if (!pod) return { verdict: 'unknown', says: `${what}: none of the pods that would ask is ready` };
      const [asked] = await world.prober.ask({ namespace: pod.namespace, pod: pod.name }, [request], world.signal);
      if (!asked) return { verdict: 'unknown', says: `${what}: no answer of the probe` };
      const { answer } = asked;
      const detail = detailOf(answer);
      const milliseconds =
        'milliseconds' in answer && answer.milliseconds > 0 ? { milliseconds: answer.milliseconds } : {};
      const outcome = 'outcome' in answer ? answer.outcome : answer.kind;
      return {
        verdict: judge(answer),
        says: `${pod.namespace}/${pod.name}: ${what}: ${outcome}${detail === '' ? '' : ` (${detail})`}`,
        ...milliseconds,
      };
    },
  };
}

/** What a person wants to know of an answer: for a bad one over HTTP also what the server said. */
function detailOf(answer: Answer): string {
  if (!('detail' in answer)) return '';
  const body = answer.kind === 'http' && (answer.status ?? 0) >= 400 ? firstLine(answer.body ?? '') : '';
  return body === '' ? answer.detail : `${answer.detail}: ${body}`;
}

/** Where a TCP question goes; undefined for others. */
function askedOf(request: ProbeRequest): Asked | undefined {
  if (request.kind === 'connect' && request.protocol !== 'udp') return { host: request.host, port: request.port };
  if (request.kind !== 'http') return undefined;
  const { hostname, port, protocol } = new URL(request.url);
  return { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

function endpoints(
  claim: SteadyState,
  { service, atLeast }: { service: string; atLeast: number },
  world: ClaimWorld,
): Look {
  const namespace = claim.namespace ?? 'default';
  return {
    plan: `count the ready endpoints of Service ${namespace}/${service}`,
    async once() {
      const slices = await listAll(world.cluster, 'discovery.k8s.io/v1', 'EndpointSlice', {
        namespace,
        labelSelector: `kubernetes.io/service-name=${service}`,
      });
      if (slices.kind !== 'ok')
        return {
          verdict: 'unknown',
          says: `the endpoints of ${namespace}/${service} can't be read: ${slices.because}`,
        };
      const ready = slices.value
        .flatMap((slice) => records(slice['endpoints']))
        .filter(([, endpoint]) => dig(endpoint, 'conditions', 'ready') !== false).length;
      return {
        verdict: ready >= atLeast ? 'holds' : 'violated',
        says: `Service ${namespace}/${service} has ${ready} ready endpoints, ${atLeast} are wanted`,
      };
    },
  };
}

function disruption(
  claim: SteadyState,
  { budget, evictable }: { budget: string; evictable: number },
  world: ClaimWorld,
): Look {
  const namespace = claim.namespace ?? 'default';
  return {
    plan: `read what PodDisruptionBudget ${namespace}/${budget} allows`,
    async once() {
      const found = await world.cluster.get({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        namespace,
        name: budget,
      });
      if (found.kind !== 'ok')
        return {
          verdict: 'unknown',
          says: `PodDisruptionBudget ${namespace}/${budget} can't be read: ${found.because}`,
        };
      const allowed = number(dig(found.value, 'status', 'disruptionsAllowed'));
      if (allowed === undefined)
        return { verdict: 'unknown', says: `PodDisruptionBudget ${namespace}/${budget} has no status yet` };
      return {
        verdict: allowed >= evictable ? 'holds' : 'violated',
        says: `PodDisruptionBudget ${namespace}/${budget} allows ${allowed} evictions, ${evictable} are wanted`,
      };
    },
  };
}
