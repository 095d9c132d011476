import { describe, expect, test } from 'vitest';
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
