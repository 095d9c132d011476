import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { analyseAttack, defaultFootholds } from '../../src/analysis/attack/index.ts';
import { node } from '../../src/analysis/attack/nodes.ts';
import type { Claim } from '../../src/claims/claim.ts';
import { deriveClaims } from '../../src/claims/derive/index.ts';
import { createFacts } from '../../src/claims/facts.ts';
import { disagreements, judge } from '../../src/claims/judge.ts';
import { parseClaims } from '../../src/claims/read-claims.ts';
import type { Evidence } from '../../src/claims/types.ts';
import { runChecks } from '../../src/analysis/posture/run-checks.ts';
import { collectFindings } from '../../src/report/findings.ts';
import { htmlPage } from '../../src/report/html/page.ts';
import { formatReport } from '../../src/report/formats/index.ts';
import { claimPaths } from '../../src/report/paths/claim-paths.ts';
import { pathsPage } from '../../src/report/paths/page.ts';
import { pathsReport, type PathsReport } from '../../src/report/paths/paths-report.ts';
import { pathsSvgDocument } from '../../src/report/paths/svg-document.ts';
import { reachMatrix } from '../../src/report/reach/matrix.ts';
import type { RenderOptions } from '../../src/report/report.ts';
import type { ClaimPaths, ExperimentReport, ReachMatrix, VerificationReport } from '../../src/report/types.ts';
import { reportOfVerification } from '../../src/report/report-of.ts';
import { verificationReport } from '../../src/report/verification-report.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import { createSnapshot, withUnreadable, type Snapshot } from '../../src/model/snapshot.ts';
import { readManifests } from '../../src/sources/manifests.ts';
import { PLAIN } from '../../src/testing/plain-paint.ts';

const SHOP = join(import.meta.dirname, '..', '..', 'examples', 'shop');
const OPTIONS: RenderOptions = {
  calledAs: 'seaworthy',
  version: '0.1.0',
  paint: PLAIN,
  width: 100,
  invocation: 'verify -f manifests/',
};

/** The page of the demo shop with everything a page can have: all verdicts, gaps, attack paths, an experiment, the matrix. */
export async function shopPage(): Promise<string> {
  const snapshot = withUnreadable(await shop(), ['PodDisruptionBudget.policy', 'Ingress.networking.k8s.io']);
  const claims = parseClaims(await readFile(join(SHOP, 'claims.yaml'), 'utf8'), 'claims.yaml');
  return pageOf(snapshot, experiment('A customer can check out.'), claims);
}

/** The page of `paths`, with several footholds: a picture wider than a phone. */
export async function attackPage(): Promise<string> {
  const report = await attackPaths();
  return htmlPage({ command: 'paths', source: 'the shop', ...pathsPage(report, []) }, OPTIONS);
}

/** The same as one SVG file. */
export async function attackPicture(): Promise<string> {
  return pathsSvgDocument(await attackPaths());
}

async function attackPaths(): Promise<PathsReport> {
  const snapshot = await shop();
  const answer = analyseAttack(snapshot).paths();
  return pathsReport(answer, { from: undefined, to: undefined, tried: defaultFootholds(snapshot) }, snapshot);
}

function shop(): Promise<Snapshot> {
  return readManifests([join(SHOP, 'manifests'), join(SHOP, 'reports')]);
}

/** What somebody would put into a name who wants the reader's browser to do something. */
export const HOSTILE = `"><img src=x onerror="window.broken=1"><script>window.broken=1</script><!--'`;

/** A page on which every text that comes from outside is hostile. */
export function hostilePage(): string {
  const object = (apiVersion: string, kind: string, spec: unknown): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name: `${kind}${HOSTILE}`, namespace: `ns${HOSTILE}`, labels: { app: HOSTILE } },
    spec,
  });
  const pod = {
    containers: [{ name: HOSTILE, image: HOSTILE, env: [{ name: 'PASSWORD', value: HOSTILE }] }],
    hostPID: true,
  };
  const snapshot = createSnapshot({
    source: { kind: 'files', description: HOSTILE },
    resources: [
      object('v1', 'Pod', pod),
      object('apps/v1', 'Deployment', { template: { metadata: { labels: { app: HOSTILE } }, spec: pod } }),
      object('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: { matchLabels: { app: HOSTILE } }, ingress: [] }),
      object('policy/v1', 'PodDisruptionBudget', {
        selector: { matchLabels: { app: HOSTILE } },
        minAvailable: HOSTILE,
      }),
    ].map((one) => ({ object: one, origin: { file: HOSTILE, line: 1, column: 1, document: 0 } })),
    gaps: [{ kind: 'Secret', reason: 'forbidden', detail: HOSTILE, remedy: HOSTILE, at: { file: HOSTILE, line: 1 } }],
    notes: [HOSTILE],
    findings: [{ code: 'SW_HOSTILE', message: HOSTILE, hint: HOSTILE }],
  });
  return pageOf(snapshot, experiment(HOSTILE), [], [hostilePaths()]);
}

/** A path whose every name is hostile. */
function hostilePaths(): ClaimPaths {
  const [from, to] = [node('Shell', HOSTILE, HOSTILE), node('Token', HOSTILE, HOSTILE)];
  const object = { kind: 'Role', namespace: HOSTILE, name: HOSTILE };
  const hop = {
    id: HOSTILE,
    kind: 'D1',
    title: HOSTILE,
    from,
    to,
    premises: [HOSTILE],
    because: [{ kind: 'rule', source: HOSTILE, says: HOSTILE }],
    needs: [object],
    technique: [],
    open: HOSTILE,
  } as const;
  return {
    claim: HOSTILE,
    edges: [hop],
    paths: [{ from, to, cost: 1, edges: [HOSTILE], essential: [object] }],
    chokePoints: [{ object, stops: 1 }],
  };
}

/** A page with a matrix of many workloads in several namespaces, every third pair of rows different. */
export function bigPage(count: number): string {
  const workloads = Array.from(
    { length: count },
    (_, n) => `ns-${String(n % 20).padStart(2, '0')}/w-${n}[Deployment]`,
  ).sort();
  const patterns = Array.from({ length: 40 }, (_, n) =>
    workloads.flatMap((_, column) => [1, column % (n + 2) === 0 ? 2 : column % 7 === 0 ? 3 : 0]),
  );
  const matrix: ReachMatrix = {
    profile: 'kubernetes',
    workloads,
    ports: ['', '?', 'All Connections', 'TCP 8080'],
    patterns,
    rows: workloads.map((_, row) => row % patterns.length),
    exact: false,
  };
  const empty = createSnapshot({ source: { kind: 'files', description: 'many workloads' }, resources: [] });
  return formatReport(
    reportOfVerification(verificationOf(empty), [], () => matrix),
    'html',
    OPTIONS,
  );
}

function pageOf(
  snapshot: Snapshot,
  run: ExperimentReport,
  given: readonly Claim[],
  attackPaths: readonly ClaimPaths[] = [],
): string {
  const facts = createFacts(snapshot);
  const verification = verificationOf(snapshot, given);
  const paths = [...(verification.attackPaths ?? []), ...attackPaths];
  const report = reportOfVerification({ ...verification, experiments: [run], attackPaths: paths }, [], () =>
    reachMatrix(facts.network),
  );
  return formatReport(report, 'html', OPTIONS);
}

function verificationOf(snapshot: Snapshot, given: readonly Claim[] = []): VerificationReport {
  const facts = createFacts(snapshot);
  const all = [...given, ...deriveClaims(facts)];
  const analysedOnly = judge(all, facts);
  const found = claimPaths(all, analysedOnly, facts);
  const claims = judge(all, facts, { evidence: new Map(found.map((one) => [one.claim, [looks(one)]])) });
  const { results, suppressions } = runChecks(snapshot, { today: '2026-11-21' });
  const disagreed = disagreements(claims);
  const findings = collectFindings({ snapshot, checks: results, suppressions, disagreements: disagreed });
  return verificationReport({
    snapshot,
    level: 'analysed',
    claims,
    findings,
    disagreements: disagreed,
    attackPaths: found,
    generatedAt: '2026-11-21T12:00:00Z',
  });
}

/** What a cluster might have said of the hops of a path: each verdict once, the rest was not looked at. */
function looks({ edges }: ClaimPaths): Evidence {
  const observedAt = '2026-11-21T12:00:00Z';
  const because = (['proven', 'refuted', 'unknown'] as const).map((verdict, index) => {
    const seen = [{ check: 'connect', verdict, says: `looked: ${verdict}` }];
    return { kind: 'observation', observedAt, says: verdict, data: { hop: edges[index]?.id, verdict, seen } } as const;
  });
  return { level: 'observed', verdict: 'unknown', observedAt, because, source: 'probe connect' };
}

/** An experiment whose steady state suffered while something was broken. */
function experiment(text: string): ExperimentReport {
  return {
    name: text,
    startedAt: '2026-11-21T12:00:00Z',
    seconds: 30,
    outcome: 'completed',
    outcomeSays: text,
    design: 'single',
    phases: [
      { name: 'before', from: 0, to: 10, fault: false },
      { name: 'during', from: 10, to: 20, fault: true },
      { name: 'after', from: 20, to: 30, fault: false },
    ],
    faults: [{ kind: text, says: text, from: 10, to: 20, bit: true }],
    curves: [
      {
        claim: text,
        statement: text,
        tolerance: 0.95,
        points: Array.from({ length: 300 }, (_, n) => ({
          t: n / 10,
          ok: n > 100 && n < 130 ? 0 : 1,
          latencyMs: 20 + (n % 17),
          counted: true,
        })),
      },
    ],
    verdicts: [{ claim: text, statement: text, verdict: 'violated', says: text }],
    residue: [text],
  };
}
