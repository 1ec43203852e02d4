import { readFileSync } from 'node:fs';
import { CniError, type CniVersion, convertResult, parseResult, printResult, supportedVersions } from 'cni-types';
import { describe, expect, it } from 'vitest';

interface Conversion {
  from: object;
  to: CniVersion;
  result?: object;
  error?: string;
}

/** Made with the reference implementation: fixtures/reference/convert.go. */
const conversions = JSON.parse(
  readFileSync(new URL('./fixtures/data/conversions.json', import.meta.url), 'utf8'),
) as Conversion[];

describe('a conversion of a result', () => {
  const declared = (from: object): string => (from as { cniVersion?: string }).cniVersion ?? 'undeclared';

  for (const from of new Set(conversions.map((conversion) => declared(conversion.from))))
    for (const to of new Set(conversions.map((conversion) => conversion.to)))
      it(`from ${from} to ${to} is that of the reference implementation`, () => {
        const cases = conversions.filter((conversion) => declared(conversion.from) === from && conversion.to === to);
        expect(cases.length).toBeGreaterThan(0);
        for (const { from: document, result, error } of cases) {
          const own = parseResult(document);
          if (error !== undefined) {
            expect(() => convertResult(own, to)).toThrow(CniError);
            continue;
          }
          // The reference prints a result of the same version through its types, which adds `dns: {}`.
          const converted = JSON.parse(printResult(own, to)) as Record<string, unknown>;
          const same = own.cniVersion === to;
          expect(same ? withoutEmpty(converted) : converted).toEqual(same ? withoutEmpty(result ?? {}) : result);
        }
      });

  it('leaves the given result alone', () => {
    const text = JSON.stringify(conversions[7]?.from);
    const result = parseResult(text);
    for (const version of supportedVersions) convertResult(result, version);
    expect(JSON.stringify(result)).toBe(text);
  });

  it('keeps unknown keys where their object has a counterpart', () => {
    const result = parseResult({
      cniVersion: '1.0.0',
      vendor: { a: 1 },
      interfaces: [{ name: 'eth0', vendor: 'b' }],
      ips: [{ address: '192.0.2.7/24', interface: 0, vendor: 'c' }],
      routes: [{ dst: '0.0.0.0/0', vendor: 'd' }],
    });
    expect(convertResult(result, '0.4.0')).toEqual({
      cniVersion: '0.4.0',
      vendor: { a: 1 },
      interfaces: [{ name: 'eth0', vendor: 'b' }],
      ips: [{ version: '4', address: '192.0.2.7/24', interface: 0, vendor: 'c' }],
      routes: [{ dst: '0.0.0.0/0', vendor: 'd' }],
      dns: {},
    });
  });

  it('of what 1.1.0 added keeps all towards 1.0.0, and routes towards 0.4.0', () => {
    const result = parseResult({
      cniVersion: '1.1.0',
      interfaces: [{ name: 'eth0', mtu: 1400, socketPath: '/run/vhost', pciID: '0000:00:1f.6' }],
      ips: [{ address: '2001:db8::7/64', interface: 0 }],
      routes: [{ dst: '::/0', gw: '2001:db8::1', mtu: 1400, advmss: 1360, priority: 10, table: 100, scope: 0 }],
    });
    const { cniVersion: _, ...content } = result;
    expect(convertResult(result, '1.0.0')).toEqual({ cniVersion: '1.0.0', ...content, dns: {} });
    expect(convertResult(result, '0.4.0').interfaces).toEqual([{ name: 'eth0' }]);
    expect(convertResult(result, '0.4.0').routes).toEqual((content as { routes?: unknown }).routes);
    expect(convertResult(result, '0.2.0')).toEqual({
      cniVersion: '0.2.0',
      ip6: { ip: '2001:db8::7/64', routes: [{ dst: '::/0', gw: '2001:db8::1' }] },
      dns: {},
    });
  });

  it.each(['0', ['eth0'], [null], [{ name: 1 }], 7])(
    'of a result of 0.1.0 leaves out what that version does not know, such as interfaces: %j',
    (interfaces) => {
      const result = parseResult({ cniVersion: '0.1.0', ip4: { ip: '192.0.2.7/24' }, interfaces, ips: interfaces });
      for (const version of ['0.4.0', '1.0.0'] as const)
        expect(convertResult(result, version)).not.toHaveProperty('interfaces');
      expect(convertResult(result, '1.0.0').ips).toEqual([{ address: '192.0.2.7/24' }]);
    },
  );

  it('to a version without a place for it says why it cannot be', () => {
    const result = parseResult({ cniVersion: '1.0.0', interfaces: [{ name: 'eth0' }] });
    expect(() => convertResult(result, '0.2.0')).toThrow(
      'a result of 1.0.0 without an address cannot be converted to 0.2.0; 0.2.0 has no place for anything but one address of each family',
    );
  });

  it('from or to a version that is not known is refused, and no version is 0.1.0', () => {
    const result = parseResult({ cniVersion: '1.0.0', ips: [{ address: '192.0.2.1/24' }] });
    for (const version of ['0.5.0', '2.0.0', 'new'] as unknown as CniVersion[]) {
      expect(() => convertResult(result, version)).toThrow(expect.objectContaining({ code: 1 }));
      expect(() => convertResult({ ...result, cniVersion: version } as typeof result, '1.0.0')).toThrow(
        expect.objectContaining({ code: 1 }),
      );
    }
    expect(() => convertResult(result, '' as CniVersion)).toThrow(expect.objectContaining({ code: 1 }));
    const undeclared = { ip4: { ip: '192.0.2.1/24' } } as unknown as typeof result;
    expect(convertResult(undeclared, '1.0.0').ips).toEqual([{ address: '192.0.2.1/24' }]);
  });

  it('takes an IPv4-mapped address for IPv4, as the reference does', () => {
    const result = parseResult({ cniVersion: '1.0.0', ips: [{ address: '::ffff:192.0.2.7/120' }] });
    expect(convertResult(result, '0.4.0').ips).toEqual([{ version: '4', address: '::ffff:192.0.2.7/120' }]);
  });
});

function withoutEmpty(document: object): object {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => Object.keys(value).length > 0));
}

it('a result of 0.2.0 does not have unknown keys of an address taken for those of a later version', () => {
  const odd = { ip: '192.0.2.7/24', address: 'odd', version: '9', interface: 'x', gateway: '192.0.2.1', note: 1 };
  const converted = convertResult(parseResult({ cniVersion: '0.2.0', ip4: odd }), '1.0.0');
  expect(converted.ips).toEqual([{ address: '192.0.2.7/24', gateway: '192.0.2.1', note: 1 }]);
});
