import { describe, expect, test } from 'vitest';
import type { ConnectOutcome } from '../../agent/requests.ts';
import { cellOf, isClosed } from './connect.ts';
import type { Asked } from './transport.ts';

const asked = (host: string, outcome: ConnectOutcome): Asked => ({
  request: { kind: 'connect', host, port: 80 },
  answer: { kind: 'connect', outcome, detail: '', milliseconds: 1 },
  at: '2026-01-01T00:00:00Z',
});

describe('silence is "blocked" only beside a control of its own family', () => {
  test.each([
    ['fd00::1', ['10.0.0.9'], 'none', 'unknown'],
    ['fd00::1', ['10.0.0.9', 'fd00::9'], 'connected', true],
    ['10.0.0.1', ['fd00::9'], 'none', 'unknown'],
    ['10.0.0.1', ['10.0.0.9'], 'connected', true],
    // A name may stand for either.
    ['db.shop', ['10.0.0.9'], 'connected', true],
    ['fd00::1', ['kube-dns.kube-system'], 'connected', true],
    ['fd00::1', [], 'none', 'unknown'],
  ] as const)('%s beside %s: %s', (host, controls, control, closed) => {
    const beside = controls.map((one) => asked(one, 'connected'));
    const cell = cellOf(asked(host, 'timeout'), beside, '');
    expect(cell.control).toBe(control);
    expect(isClosed(cell)).toBe(closed);
  });

  test('a control of its family that is silent too shows nothing', () => {
    const beside = [asked('fd00::9', 'timeout'), asked('10.0.0.9', 'connected')];
    expect(cellOf(asked('fd00::1', 'timeout'), beside, '')).toMatchObject({ control: 'failed' });
  });
});
