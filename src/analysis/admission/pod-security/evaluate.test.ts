import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../../model/object.ts';
import { podTemplateOf } from '../../../model/pods.ts';
import { fixture } from '../../../testing/fixtures.ts';
import type { PodSecurityLevel, PodSecurityMinor } from '../types.ts';
import { CONTROLS } from './controls/index.ts';
import { controlsAt, evaluatePodSecurity } from './evaluate.ts';

/** The controls that refuse a pod, by id. */
function refusals(spec: string, level: PodSecurityLevel, minor: PodSecurityMinor, annotations = {}): readonly string[] {
  return evaluatePodSecurity({ annotations, spec: parse(spec) as Record<string, unknown> }, level, minor)
    .controls.filter((c) => c.verdict === 'fail')
    .map((c) => c.control);
}

/** What restricted asks for since 1.25, so that a test shows one departure from it. */
const RESTRICTED = `
securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
containers: [{ name: web, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }]`;

describe('the catalogue', () => {
  test('has unique ids, in the order in which the API server names them', () => {
    const ordered = [...CONTROLS].sort((a, b) => {
      if (a.level !== b.level) return a.level === 'baseline' ? -1 : 1;
      return a.id < b.id ? -1 : 1;
    });
    expect(CONTROLS.map((c) => c.id)).toEqual(ordered.map((c) => c.id));
    expect(new Set(CONTROLS.map((c) => c.id.toLowerCase())).size).toBe(CONTROLS.length);
  });

  test('versions of a control increase, and only restricted controls replace a baseline one', () => {
    for (const control of CONTROLS) {
      const from = control.versions.map((v) => v.from);
      expect(from).toEqual([...new Set(from)].sort((a, b) => a - b));
      for (const { replaces } of control.versions) {
        if (replaces === undefined) continue;
        expect(control.level).toBe('restricted');
        expect(CONTROLS.find((c) => c.id === replaces)?.level).toBe('baseline');
      }
    }
  });

  test.each([
    ['baseline', 0, 11],
    ['baseline', 33, 11],
    ['baseline', 34, 12],
    ['restricted', 0, 12],
    ['restricted', 7, 12],
    ['restricted', 8, 13],
    ['restricted', 19, 13],
    ['restricted', 22, 13],
    ['restricted', 23, 14],
    ['restricted', 34, 15],
    ['restricted', 35, 15],
    ['privileged', 'latest', 0],
  ] as const)('%s at minor %s has %i controls', (level, minor, count) => {
    expect(controlsAt(level, minor)).toHaveLength(count);
  });
});

describe('defaults of the API server', () => {
  test("on the host's network a container port is a host port", () => {
    const spec = 'hostNetwork: true\ncontainers: [{ name: web, ports: [{ containerPort: 80 }] }]';
    expect(refusals(spec, 'baseline', 0)).toEqual(['hostnamespaces', 'hostports']);
    expect(refusals('hostNetwork: true\ncontainers: [{ name: web }]', 'baseline', 0)).toEqual(['hostnamespaces']);
  });

  test('a volume without a source is an emptyDir, also where the source is null or no such source exists', () => {
    for (const volume of ['{ name: v }', '{ name: v, hostPath: }', '{ name: v, hostpath: { path: / } }']) {
      expect(refusals(`volumes: [${volume}]${RESTRICTED}`, 'restricted', 'latest')).toEqual([]);
    }
    expect(refusals(`volumes: [{ name: v, nfs: {} }]${RESTRICTED}`, 'restricted', 'latest')).toEqual([
      'restrictedvolumes',
    ]);
  });
});

describe('what the real API server does (facts, measured at 1.36)', () => {
  test('CAP_CHOWN is not CHOWN, and "all" is not ALL', () => {
    const adds = (name: string) => `containers: [{ name: c, securityContext: { capabilities: { add: [${name}] } } }]`;
    expect(refusals(adds('CHOWN'), 'baseline', 'latest')).toEqual([]);
    expect(refusals(adds('CAP_CHOWN'), 'baseline', 'latest')).toEqual(['capabilities_baseline']);
    expect(refusals(RESTRICTED.replace('ALL', 'all'), 'restricted', 'latest')).toEqual(['capabilities_restricted']);
  });

  test('a user namespace lifts the controls on root since 1.35', () => {
    const spec = `hostUsers: false${RESTRICTED}`.replace('runAsNonRoot: true', 'runAsUser: 0');
    expect(refusals(spec, 'restricted', 34)).toEqual(['runasnonroot', 'runasuser']);
    expect(refusals(spec, 'restricted', 35)).toEqual([]);
    expect(refusals(spec.replace('hostUsers: false', 'hostUsers: true'), 'restricted', 36)).toHaveLength(2);
  });

  test('an unmasked /proc passes baseline since 1.35 in a user namespace, never restricted', () => {
    const spec = `hostUsers: false${RESTRICTED}`.replace('capabilities', 'procMount: Unmasked, capabilities');
    expect(refusals(spec, 'baseline', 34)).toEqual(['procmount']);
    expect(refusals(spec, 'baseline', 35)).toEqual([]);
    expect(refusals(spec, 'restricted', 34)).toEqual(['procmount']);
    expect(refusals(spec, 'restricted', 35)).toEqual(['procmount_restricted']);
  });

  test('a host in a probe or hook is judged since 1.34; an empty one never', () => {
    const probe = (host: string) =>
      `containers: [{ name: c, livenessProbe: { httpGet: { port: 80, host: ${host} } } }]`;
    expect(refusals(probe('10.0.0.1'), 'baseline', 33)).toEqual([]);
    expect(refusals(probe('10.0.0.1'), 'baseline', 34)).toEqual(['hostprobesandhostlifecycle']);
    expect(refusals(probe('""'), 'baseline', 'latest')).toEqual([]);
  });

  test('image volumes pass restricted at every version', () => {
    const spec = `volumes: [{ name: v, image: { reference: x } }]${RESTRICTED}`;
    expect(refusals(spec, 'restricted', 0)).toEqual([]);
  });

  test.each([
    ['net.ipv4.ip_local_reserved_ports', 27],
    ['net.ipv4.tcp_fin_timeout', 29],
    ['net.ipv4.tcp_rmem', 32],
    ['net.ipv4.tcp_notsent_lowat', 37],
  ])('sysctl %s is safe since 1.%i', (name, since) => {
    const spec = (sysctl: string) => `securityContext: { sysctls: [{ name: ${sysctl} }] }`;
    expect(refusals(spec(name), 'baseline', since)).toEqual([]);
    expect(refusals(spec(name), 'baseline', since - 1)).toEqual(['sysctls']);
    expect(refusals(spec(name.replaceAll('.', '/')), 'baseline', 'latest')).toEqual(['sysctls']);
  });
});

describe('other clauses of a control', () => {
  test('seccomp was an annotation before 1.19 and must be set at restricted since then', () => {
    const annotations = { 'container.seccomp.security.alpha.kubernetes.io/web': 'unconfined' };
    const spec = 'containers: [{ name: web }]';
    expect(refusals(spec, 'baseline', 18, annotations)).toEqual(['seccompprofile_baseline']);
    expect(refusals(spec, 'baseline', 19, annotations)).toEqual([]);
    expect(refusals(spec, 'restricted', 18)).not.toContain('seccompprofile_restricted');
    expect(refusals(spec, 'restricted', 19)).toContain('seccompprofile_restricted');
  });

  test('a Windows pod is spared what Linux alone can set, since 1.25', () => {
    const spec = 'os: { name: windows }\ncontainers: [{ name: web, securityContext: { runAsNonRoot: true } }]';
    expect(refusals(spec, 'restricted', 24)).toEqual([
      'allowprivilegeescalation',
      'capabilities_restricted',
      'seccompprofile_restricted',
    ]);
    expect(refusals(spec, 'restricted', 25)).toEqual([]);
  });

  test('init and ephemeral containers are judged like any other', () => {
    for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
      const spec = `${list}: [{ name: c, securityContext: { privileged: true } }]`;
      expect(refusals(spec, 'baseline', 'latest')).toEqual(['privileged']);
    }
  });

  test("messages are upstream's", () => {
    const messages = (spec: string, level: PodSecurityLevel, annotations = {}) =>
      evaluatePodSecurity({ annotations, spec: parse(spec) as Record<string, unknown> }, level, 'latest')
        .controls.filter((c) => c.verdict === 'fail')
        .map((c) => c.message);
    expect(messages('hostPID: true\nhostIPC: true', 'baseline')).toEqual([
      'host namespaces (hostPID=true, hostIPC=true)',
    ]);
    expect(
      messages(
        'containers: [{ name: b, ports: [{ hostPort: 90 }, { hostPort: 80 }] }, { name: a, ports: [{ hostPort: 80 }] }]',
        'baseline',
      ),
    ).toEqual(['hostPort (containers "b", "a" use hostPorts 80, 90)']);
    expect(messages('securityContext: { seLinuxOptions: { type: x, user: u } }', 'baseline')).toEqual([
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x"; user may not be set)',
    ]);
    expect(messages('containers: [{ name: a }]', 'restricted')).toEqual([
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
      'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
      'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ]);
    expect(
      messages('containers: []', 'baseline', { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' }),
    ).toEqual([
      'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    ]);
  });

  test('a violation points at the field', () => {
    const [violation] = evaluatePodSecurity(
      {
        annotations: {},
        spec: { initContainers: [{ name: 'i', securityContext: { capabilities: { add: ['CHOWN', 'BPF'] } } }] },
      },
      'baseline',
      'latest',
    ).violations;
    expect(violation).toMatchObject({
      control: 'capabilities_baseline',
      container: 'i',
      path: ['spec', 'initContainers', 0, 'securityContext', 'capabilities', 'add', 1],
    });
  });
});

describe('laws', () => {
  const flags = ['hostPID', 'hostIPC', 'hostNetwork', 'hostUsers'] as const;
  const container = fc.record(
    {
      name: fc.constantFrom('a', 'b'),
      ports: fc.array(fc.record({ containerPort: fc.integer({ min: 1, max: 9 }) }), { maxLength: 2 }),
      securityContext: fc.record(
        {
          privileged: fc.boolean(),
          allowPrivilegeEscalation: fc.boolean(),
          runAsNonRoot: fc.boolean(),
          runAsUser: fc.constantFrom(0, 1000),
          procMount: fc.constantFrom('Default', 'Unmasked'),
          seccompProfile: fc.record({ type: fc.constantFrom('RuntimeDefault', 'Unconfined') }),
          capabilities: fc.record({ add: fc.subarray(['CHOWN', 'BPF']), drop: fc.subarray(['ALL', 'BPF']) }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['name'] },
  );
  const spec = fc.record(
    { ...Object.fromEntries(flags.map((f) => [f, fc.boolean()])), containers: fc.array(container, { maxLength: 3 }) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Record<string, unknown>>;
  const minor = fc.integer({ min: 0, max: 40 });

  test('what restricted allows, baseline allows', () => {
    const law = fc.check(
      fc.property(spec, minor, (pod, at) => {
        const judge = (level: PodSecurityLevel) =>
          evaluatePodSecurity({ annotations: {}, spec: pod }, level, at).allowed;
        return !judge('restricted') || judge('baseline');
      }),
      { numRuns: 200 },
    );
    expect(law).toMatchObject({ failed: false });
  });

  test('containers are judged one by one: a pod is allowed when each of its containers alone would be', () => {
    const law = fc.check(
      fc.property(spec, minor, fc.constantFrom('baseline', 'restricted'), (pod, at, level: PodSecurityLevel) => {
        const judge = (containers: unknown) =>
          evaluatePodSecurity({ annotations: {}, spec: { ...pod, containers } }, level, at).allowed;
        const containers = (pod['containers'] ?? []) as readonly unknown[];
        const alone = containers.every((one) => judge([one])) && judge([]);
        return judge(containers) === alone;
      }),
      { numRuns: 200 },
    );
    expect(law).toMatchObject({ failed: false });
  });
});

const CORPUS = fixture('pod-security');
describe.runIf(CORPUS)("upstream's own corpus", () => {
  for (const level of ['baseline', 'restricted'] as const) {
    // The body of a skipped suite still runs, so without the corpus there must be nothing to list.
    for (const version of CORPUS === undefined ? [] : readdirSync(join(CORPUS, level))) {
      for (const outcome of ['pass', 'fail'] as const) {
        test(`${level} ${version} ${outcome}`, () => {
          const minor = Number(version.slice('v1.'.length));
          const folder = join(CORPUS ?? '', level, version, outcome);
          const files = readdirSync(folder);
          expect(files.length).toBeGreaterThan(0);
          for (const file of files) {
            const pod = podTemplateOf(parse(readFileSync(join(folder, file), 'utf8')) as KubernetesObject);
            const failing = evaluatePodSecurity(pod!, level, minor).controls.filter((c) => c.verdict === 'fail');
            const named = file.replace(/\d*\.yaml$/, '');
            const replacing = controlsAt(level, minor).find((c) => c.replaces?.toLowerCase() === named);
            const expected = outcome === 'pass' ? 'none' : (replacing?.id ?? named).toLowerCase();
            const found = failing.length === 0 ? ['none'] : failing.map((c) => c.control);
            expect({ file, found }).toEqual({ file, found: expect.arrayContaining([expected]) as unknown });
          }
        });
      }
    }
  }
});
