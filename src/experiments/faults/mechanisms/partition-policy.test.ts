import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp, parseCidr, parseIp, type IpValue } from '../../../analysis/network/addresses/ip.ts';
import { record, strings, text } from '../../../model/json.ts';
import { parseSelector } from '../../../model/selectors.ts';
import { everybodyBut, peerWithout } from './partition-policy.ts';

const selector = parseSelector({ matchLabels: { app: 'db' } });
const group = (...addresses: readonly string[]) => ({
  namespace: 'shop',
  selector: selector.kind === 'ok' ? selector.selector : [],
  addresses,
});
const narrowed = (ipBlock: object, ...addresses: readonly string[]): readonly unknown[] =>
  peerWithout({ ipBlock }, 'shop', group(...addresses)).map((peer) => peer['ipBlock']);

describe('a block of addresses without those of a group', () => {
  test.each([
    ['an address inside', { cidr: '10.0.0.0/8' }, ['10.1.2.3'], [{ cidr: '10.0.0.0/8', except: ['10.1.2.3/32'] }]],
    ['one outside', { cidr: '10.0.0.0/8' }, ['192.0.2.1'], [{ cidr: '10.0.0.0/8' }]],
    [
      'both families',
      { cidr: 'fd00:1::/32' },
      ['10.1.2.3', 'fd00:1::5'],
      [{ cidr: 'fd00:1::/32', except: ['fd00:1::5/128'] }],
    ],
    [
      'what is excepted stays',
      { cidr: 'fd00::/8', except: ['fd01::/16'] },
      ['fd00::1'],
      [{ cidr: 'fd00::/8', except: ['fd01::/16', 'fd00::1/128'] }],
    ],
    [
      'what is excepted already is not again',
      { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] },
      ['10.1.2.3'],
      [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }],
    ],
    ['nothing is left of a block of one address', { cidr: '10.1.2.3/32' }, ['10.1.2.3'], []],
    ['nor of one of IPv6', { cidr: 'fd00::1/128' }, ['fd00::1'], []],
    ['a block nobody can read stays', { cidr: '10.0.0.0' }, ['10.0.0.0'], [{ cidr: '10.0.0.0' }]],
  ])('%s', (_, block, addresses, expected) => {
    expect(narrowed(block, ...addresses)).toEqual(expected);
  });

  /** Address by address: who was let in and is not of the group still is, and nobody else. */
  test('lets in exactly those it let in before, less the group', () => {
    const bases = ['10.0.0.0', 'fd00::'].map((base) => parseIp(base) as IpValue);
    const plus = (base: IpValue, n: number): IpValue => (typeof base === 'number' ? base + n : base + BigInt(n));
    const block = fc
      .record({ family: fc.nat(1), bits: fc.integer({ min: 0, max: 5 }), at: fc.nat(31) })
      .map(({ family, bits, at }) => {
        const base = bases[family] as IpValue;
        const start = plus(base, Math.floor(at / 2 ** bits) * 2 ** bits);
        return `${formatIp(start)}/${(typeof base === 'number' ? 32 : 128) - bits}`;
      });
    const address = fc.tuple(fc.nat(1), fc.nat(31)).map(([family, n]) => formatIp(plus(bases[family] as IpValue, n)));
    const holds = (cidr: string, value: IpValue): boolean => {
      const parsed = parseCidr(cidr);
      if (parsed.kind === 'invalid' || typeof parsed.range.from !== typeof value) return false;
      return parsed.range.from <= value && value <= parsed.range.to;
    };
    const lets = (blocks: readonly unknown[], value: IpValue): boolean =>
      blocks.some((one) => {
        const { cidr, except } = record(one);
        return holds(text(cidr) ?? '', value) && !strings(except).some((hole) => holds(hole, value));
      });
    fc.assert(
      fc.property(block, fc.array(block, { maxLength: 2 }), fc.array(address, { maxLength: 4 }), (cidr, holes, of) => {
        const before = { cidr, except: holes };
        const after = narrowed(before, ...of);
        for (const base of bases)
          for (let n = 0; n < 32; n++) {
            const value = plus(base, n);
            const wanted = lets([before], value) && !of.includes(formatIp(value));
            expect({ value: formatIp(value), lets: lets(after, value) }).toEqual({
              value: formatIp(value),
              lets: wanted,
            });
          }
      }),
    );
  });
});

test('everybody but a group has no address of either family', () => {
  const blocks = everybodyBut(group('10.1.2.3', 'fd00::1')).flatMap((peer) => peer['ipBlock'] ?? []);
  expect(blocks).toEqual([
    { cidr: '0.0.0.0/0', except: ['10.1.2.3/32'] },
    { cidr: '::/0', except: ['fd00::1/128'] },
  ]);
});
