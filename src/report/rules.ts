import { CONTROLS } from '../analysis/admission/pod-security/controls/index.ts';
import { LINTS } from '../analysis/network/lint/index.ts';
import { CHECKS } from '../analysis/posture/checks/index.ts';
import { POD_SECURITY_PREFIX } from '../analysis/posture/pod-security.ts';
import { KINDS } from '../claims/kinds/index.ts';
import type { Severity } from '../model/because.ts';
import type { Rule } from './report.ts';

/** What the catalogues know of the rules results are judged by. Unknown ids (error codes) are titled by themselves. */
export function ruleOf(id: string, severity: Severity): Rule {
  return known().get(id) ?? { id, title: sentenceOf(id), severity, tags: [] };
}

/** Whether a check asks for hardening: what it finds leaves a pod weaker than it could be, and opens nothing by itself. */
export function isHardening(id: string): boolean {
  return CHECKS.some((check) => check.id === id && check.frameworks.pss === 'restricted');
}

let rules: ReadonlyMap<string, Rule> | undefined;

function known(): ReadonlyMap<string, Rule> {
  return (rules ??= new Map(
    [...checks(), ...controls(), ...claims(), ...lints()].map((rule) => [rule.id, rule] as const),
  ));
}

function checks(): readonly Rule[] {
  return CHECKS.map(({ id, title, severity, frameworks: { attack = [], owasp = [], cis = [] } }) => ({
    id,
    title,
    severity,
    tags: [...attack, ...owasp, ...cis.map((entry) => `CIS-${entry}`)],
  }));
}

function controls(): readonly Rule[] {
  return CONTROLS.map(({ id, title, level }) => ({
    id: POD_SECURITY_PREFIX + id.toLowerCase(),
    title,
    severity: 'high',
    tags: ['pod-security', level],
  }));
}

function claims(): readonly Rule[] {
  return Object.values(KINDS).map(({ id, title }) => ({
    id: `claim/${id}`,
    title: `Claim: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    severity: 'high',
    tags: ['claim'],
  }));
}

function lints(): readonly Rule[] {
  return LINTS.map(({ id, title, severity }) => ({ id, title, severity, tags: ['network-policy'] }));
}

/** `suppression-unused` as `Suppression unused`; codes stay as they are. */
function sentenceOf(id: string): string {
  const words = id.startsWith('SW_') ? id : id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
