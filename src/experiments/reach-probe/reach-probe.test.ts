import { describe, expect, test } from 'vitest';
import type { CanaryWorld } from './canary-world.ts';
import { stepsIn } from './features.ts';
import { kitOf, SERVER_PORTS } from './kits.ts';
import { windowOf } from './start-window.ts';
import { agreement } from './types.ts';

describe('whether a packet refutes a prediction', () => {
  test.each([
    ['denied', 'connected', 'none', false, false],
    ['allowed', 'connected', 'none', false, true],
    ['denied', 'timeout', 'connected', false, true],
    ['allowed', 'timeout', 'connected', false, false],
    // Silence says nothing where nothing else got through either.
    ['denied', 'timeout', 'failed', false, 'unknown'],
    ['denied', 'timeout', 'none', false, 'unknown'],
    ['allowed', 'timeout', 'failed', false, 'unknown'],
    // Refused: by nobody listening, or on the way. Which of them shows whether somebody else got an answer there.
    ['denied', 'refused', 'connected', true, true],
    ['denied', 'refused', 'connected', false, 'unknown'],
    ['allowed', 'refused', 'connected', true, false],
    ['denied', 'probeError', 'connected', true, 'unknown'],
    ['allowed', 'probeError', 'connected', true, 'unknown'],
    ['implementationDefined', 'connected', 'connected', true, 'unknown'],
    ['unknown', 'timeout', 'connected', true, 'unknown'],
  ] as const)('%s, %s, control %s, listens %s: %s', (predicted, outcome, control, listens, agree) => {
    expect(agreement(predicted, outcome, control, listens)).toBe(agree);
  });
});

describe('the window after a start', () => {
  const blocked = Array.from({ length: 12 }, (_, i) => `12.${50 + i} blocked`).join('\n');

  test('lasts from the first attempt to the last that went through', () => {
    expect(
      windowOf('n', `12.10 connected\n12.20 connected\n12.30 blocked\n12.40 connected\n${blocked}\ndone\n`),
    ).toMatchObject({ milliseconds: 300, attempts: 16 });
  });

  test('is none when nothing went through', () => {
    expect(windowOf('n', `${blocked}\ndone\n`).milliseconds).toBe(0);
  });

  test.each([
    ['the attempts did not end', '12.10 connected\n12.20 blocked\n'],
    ['isolation never came', '12.10 connected\n12.20 connected\ndone\n'],
    ['there is nothing to read', ''],
  ])('is unknown when %s', (_title, lines) => {
    expect(windowOf('n', lines).milliseconds).toBe('unknown');
  });
});

describe('the kit of an image', () => {
  const ports = (image: string): readonly unknown[] =>
    kitOf(image)
      .servers()
      .flatMap((container) => [JSON.stringify(container)]);

  test.each(['seaworthy.dev/toolbox:1.0.0', 'localhost/probe:1', 'registry:5000/agnhost:2.53', 'agnhost@sha256:abc'])(
    '%s listens on every port, without privileges',
    (image) => {
      const servers = ports(image).join();
      for (const port of SERVER_PORTS) expect(servers).toContain(`${port}`);
      for (const container of [...kitOf(image).servers(), kitOf(image).client()])
        expect(container).toMatchObject({
          image,
          securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
        });
    },
  );

  test('an image without a shell measures less, and does not pretend', () => {
    expect(kitOf('agnhost:2.53').attempts).toBeUndefined();
    expect(kitOf('localhost/probe:1').hold?.('10.0.0.1', 8080, 6)).toContain('10.0.0.1');
  });
});

describe('what the canary tries', () => {
  const pod = (name: string, address: string) => ({
    namespace: 'canary',
    name,
    uid: name,
    address,
    node: 'n',
    ready: true,
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name } },
  });
  const world = (family: CanaryWorld['family'], address: (n: number) => string): CanaryWorld => ({
    namespace: 'canary',
    family,
    servers: [pod('server-0', address(1))],
    clients: [pod('client-0', address(2))],
    other: pod('other', address(3)),
    control: pod('control', address(4)),
    serviceAddress: address(5),
  });
  const four = world('IPv4', (n) => `10.0.0.${n}`);
  const six = world('IPv6', (n) => `fd00::${n}`);
  const idsOf = (...args: Parameters<typeof stepsIn>) =>
    stepsIn(...args).map((step) => step.map(({ feature }) => feature.id).join(' + '));
  const says = (steps: ReturnType<typeof stepsIn>) =>
    steps.flat().map(({ feature, world: of }) => feature.untestable?.(of));

  test('every feature in both families, side by side', () => {
    expect(idsOf([four, six])).toEqual([
      'ingress + ipv6/ingress',
      'egress + ipv6/egress',
      'podSelector + ipv6/podSelector',
      'endPort + ipv6/endPort',
      'namedPort + ipv6/namedPort',
      'ipBlock + ipv6/ipBlock',
      'except + ipv6/except',
      'udp + ipv6/udp',
      'service + ipv6/service',
      'loopback + ipv6/loopback',
      'sctp',
    ]);
  });

  test('the family that pods have no addresses of is named as not tried, and why', () => {
    expect(idsOf([four])).toContain('ipv6');
    expect(says(stepsIn([four], ['ipv6']))).toEqual(['the pods have no IPv6 addresses']);
    expect(says(stepsIn([six], ['ipv6']))).toEqual(['the pods have no IPv4 addresses']);
  });

  test('only what is asked for', () => {
    expect(idsOf([four, six], ['udp'])).toEqual(['udp']);
    expect(idsOf([four, six], ['egress', 'ipv6'])).toContain('egress + ipv6/egress');
    expect(idsOf([four, six], ['egress', 'ipv6'])).toContain('ipv6/ingress');
  });

  test('policies that name addresses name those of the family, and have names of their own', () => {
    const written = (only: string): readonly string[] =>
      stepsIn([four, six], [only, 'ipv6'])
        .flat()
        .filter(({ feature }) => feature.id.endsWith(only))
        .flatMap(({ feature, world: of }) => feature.policies(of))
        .map(({ metadata, ...policy }) => `${metadata.name} ${JSON.stringify(policy['spec'])}`);
    expect(written('ipBlock')).toEqual([
      expect.stringMatching(/^ip-block-ipv4 .*"cidr":"10\.0\.0\.3\/32"/),
      expect.stringMatching(/^ip-block-ipv6 .*"cidr":"fd00::3\/128"/),
    ]);
    expect(written('except')).toEqual([
      expect.stringMatching(/^except-ipv4 .*"cidr":"0\.0\.0\.0\/0","except":\["10\.0\.0\.2\/32"\]/),
      expect.stringMatching(/^except-ipv6 .*"cidr":"::\/0","except":\["fd00::2\/128"\]/),
    ]);
  });
});
