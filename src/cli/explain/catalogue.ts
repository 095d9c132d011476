import { CONTROLS } from '../../analysis/admission/pod-security/controls/index.ts';
import { CHECKS } from '../../analysis/posture/checks/index.ts';
import {
  ATTACK_TECHNIQUES,
  CIS_RECOMMENDATIONS,
  NSA_CHAPTERS,
  OWASP_RISKS,
} from '../../analysis/posture/frameworks.ts';
import { LINTS } from '../../analysis/network/lint/index.ts';
import { POD_SECURITY_PREFIX } from '../../analysis/posture/pod-security.ts';
import { faultPages, probePages } from './experiment-pages.ts';
import { readPages, type Page } from './pages.ts';

/** What the catalogue knows of a check beyond its page: severity, and where audits ask for it. Undefined for other ids. */
export function factsOfCheck(id: string): string | undefined {
  const check = CHECKS.find((candidate) => candidate.id === id);
  if (!check) return undefined;
  const { pss, cis = [], nsa = [], attack = [], owasp = [] } = check.frameworks;
  const lines = [
    `- severity: ${check.severity}`,
    ...(pss === undefined ? [] : [`- Pod Security Standards: ${pss}`]),
    ...cis.map((entry) => `- CIS Kubernetes Benchmark 1.12, ${entry}: ${CIS_RECOMMENDATIONS[entry] ?? ''}`),
    ...nsa.map((entry) => `- NSA/CISA hardening guide: ${NSA_CHAPTERS[entry]}`),
    ...attack.map((entry) => `- MITRE ATT&CK ${entry}: ${ATTACK_TECHNIQUES[entry] ?? ''}`),
    ...owasp.map((entry) => `- OWASP Kubernetes Top 10, ${entry}: ${OWASP_RISKS[entry] ?? ''}`),
    `- suppress it with the annotation seaworthy.dev/suppress-${check.id}: "until=YYYY-MM-DD reason"`,
  ];
  return `## In the catalogue\n\n${lines.join('\n')}\n`;
}

/** A page for each control of the Pod Security Standards, made from what the engine itself holds. */
function controlPages(): readonly Page[] {
  return CONTROLS.map(({ id, level, title, versions }) => {
    const changes = versions.map(({ from, replaces }) => {
      const since = from === 0 ? 'every version' : `v1.${from}`;
      return `- from ${since}${replaces === undefined ? '' : `; at level restricted it replaces ${replaces.toLowerCase()}`}`;
    });
    const name = POD_SECURITY_PREFIX + id.toLowerCase();
    return {
      id: name,
      room: 'checks',
      text:
        `# ${name}\n\n${title}: a control of level ${level} of the Pod Security Standards.\n\n` +
        `It is judged as the API server judges it, and changed at these versions:\n\n${changes.join('\n')}\n\n` +
        `Run it with: seaworthy check --pod-security ${level}@latest --only ${name}\n\n` +
        '- <https://kubernetes.io/docs/concepts/security/pod-security-standards/>\n',
    };
  });
}

/** A page for each lint of policies; `docs/network/lint.md` has them side by side. */
function lintPages(): readonly Page[] {
  return LINTS.map(({ id, title, severity }) => ({
    id,
    room: 'network',
    text: `# ${id}\n\n${title}: a lint of severity ${severity}.\n\nSee where with: seaworthy reach lint -f manifests/\n`,
  }));
}

/**
 * Everything that can be explained: each page that is written, and one made from the catalogues for what has none. A claim kind
 * is found by its name and as `claim/<kind>`, as reports name it.
 */
export async function allPages(docs: string): Promise<readonly Page[]> {
  const written = (await readPages(docs)).flatMap((page) =>
    page.room === 'claims' ? [page, { ...page, id: `claim/${page.id}` }] : [page],
  );
  const ids = new Set(written.map(({ id }) => id));
  const made = [...controlPages(), ...lintPages(), ...probePages(), ...faultPages()];
  return [...written, ...made.filter(({ id }) => !ids.has(id))];
}
