import {
  CniError,
  type CniVersion,
  checkInterfaceName,
  convertNetworkConfigList,
  diagnoseNetworkConfigList,
  formatCniArgs,
  lintNetworkList,
  listFromConfig,
  type NetworkConfig,
  parseCniArgs,
  parseNetworkConfig,
  parseNetworkConfigList,
  parseResult,
  printResult,
  supportedVersions,
  versionOfList,
} from 'cni-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Kilo's own configuration, as its manifests for an existing bridge have it. */
const kilo = {
  cniVersion: '0.4.0',
  name: 'kilo',
  plugins: [
    {
      name: 'kubernetes',
      type: 'bridge',
      bridge: 'kube-bridge',
      isDefaultGateway: true,
      forceAddress: true,
      mtu: 1420,
      ipam: { type: 'host-local', ranges: [[{ subnet: '192.0.2.0/24' }]] },
    },
    { type: 'portmap', snat: true, capabilities: { portMappings: true } },
  ],
};

function caught(work: () => unknown): CniError {
  try {
    work();
  } catch (error) {
    if (error instanceof CniError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A list whose second plugin has this IPAM configuration. */
function listWithIpam(ipam: unknown): object {
  return { cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'loopback' }, { type: 'bridge', ipam }] };
}

describe('the linter names the place of what is wrong in a configuration list', () => {
  const hostLocal = (ranges: unknown): object => listWithIpam({ type: 'host-local', ranges });
  const cases: [string, unknown][] = [
    ['plugins[1].ipam.ranges[0][0].subnet: "10.1.2.3/24" has host bits set', hostLocal([[{ subnet: '10.1.2.3/24' }]])],
    [
      'plugins[1].ipam.ranges[0][0].subnet: "2001:db8::1/64" has host bits set',
      hostLocal([[{ subnet: '2001:db8::1/64' }]]),
    ],
    ['plugins[1].ipam.ranges[0][0].subnet: is missing (a string)', hostLocal([[{}]])],
    [
      'plugins[1].ipam.ranges[0][0].subnet: "192.0.2.0" has no prefix length (as in "192.0.2.1/24")',
      hostLocal([[{ subnet: '192.0.2.0' }]]),
    ],
    [
      'plugins[1].ipam.ranges[0][0].subnet: "192.0.2.0/33" is not an address with a prefix length (as in "192.0.2.1/24")',
      hostLocal([[{ subnet: '192.0.2.0/33' }]]),
    ],
    [
      'plugins[1].ipam.ranges[0][0].subnet: "192.0.2.0/31" is too small: host-local needs at least four addresses',
      hostLocal([[{ subnet: '192.0.2.0/31' }]]),
    ],
    [
      'plugins[1].ipam.ranges[0][0].rangeStart: "198.51.100.1" is not in "192.0.2.0/24"',
      hostLocal([[{ subnet: '192.0.2.0/24', rangeStart: '198.51.100.1' }]]),
    ],
    [
      'plugins[1].ipam.ranges[0][0].rangeStart: "192.0.2.9" is behind the end of the range, "192.0.2.8"',
      hostLocal([[{ subnet: '192.0.2.0/24', rangeStart: '192.0.2.9', rangeEnd: '192.0.2.8' }]]),
    ],
    [
      'plugins[1].ipam.ranges[0][0].gateway: "here" is not an IP address',
      hostLocal([[{ subnet: '192.0.2.0/24', gateway: 'here' }]]),
    ],
    [
      'plugins[1].ipam.ranges[1][0]: overlaps with plugins[1].ipam.ranges[0][0]',
      hostLocal([[{ subnet: '192.0.2.0/24' }], [{ subnet: '192.0.2.128/25' }]]),
    ],
    [
      'plugins[1].ipam.ranges[0]: mixes IPv4 and IPv6: the addresses of a set are alternatives',
      hostLocal([[{ subnet: '192.0.2.0/24' }, { subnet: '2001:db8::/64' }]]),
    ],
    ['plugins[1].ipam.ranges[0]: is {"subnet":"192.0.2.0/24"}, not a list', hostLocal([{ subnet: '192.0.2.0/24' }])],
    [
      'plugins[1].ipam.subnet: "10.1.2.3/24" has host bits set',
      listWithIpam({ type: 'host-local', subnet: '10.1.2.3/24' }),
    ],
    [
      'plugins[1].ipam.routes[0].gw: "2001:db8::1" is not of the family of "0.0.0.0/0"',
      listWithIpam({ type: 'host-local', routes: [{ dst: '0.0.0.0/0', gw: '2001:db8::1' }] }),
    ],
    [
      'plugins[1].ipam.addresses[0].address: "192.0.2.1" has no prefix length (as in "192.0.2.1/24")',
      listWithIpam({ type: 'static', addresses: [{ address: '192.0.2.1' }] }),
    ],
    [
      'plugins[1].ipam.type: "../x" is not the name of an executable: it must not contain "/" or "\\"',
      listWithIpam({ type: '../x' }),
    ],
    [
      'plugins[0].dns.nameservers[0]: "ns" is not an IP address',
      { name: 'net', plugins: [{ type: 'a', dns: { nameservers: ['ns'] } }] },
    ],
    [
      'plugins[0].capabilities["io.example"]: is "yes", neither true nor false',
      { name: 'net', plugins: [{ type: 'a', capabilities: { 'io.example': 'yes' } }] },
    ],
    ['plugins[0].type: is missing (a string)', { name: 'net', plugins: [{}] }],
    ['plugins[0]: is 7, not an object', { name: 'net', plugins: [7] }],
    ['plugins: is empty: a network needs at least one plugin', { name: 'net', plugins: [] }],
    ['plugins: is missing (a list)', { name: 'net' }],
    ['name: is missing (a string)', { plugins: [{ type: 'a' }] }],
    [
      'name: "a/b" must start with a letter or digit, followed by letters, digits, "_", "." and "-" only',
      { name: 'a/b', plugins: [{ type: 'a' }] },
    ],
    ['disableCheck: is 1, neither true nor false', { name: 'net', disableCheck: 1, plugins: [{ type: 'a' }] }],
    ['cniVersion: "one" is not a version', { name: 'net', cniVersion: 'one', plugins: [{ type: 'a' }] }],
    [
      'cniVersion: "2.0.0" is a version of the CNI specification that is not known here',
      { name: 'net', cniVersion: '2.0.0', plugins: [{ type: 'a' }] },
    ],
    ['network configuration: is [], not an object', '[]'],
    ['network configuration: is empty', ' '],
  ];
  for (const [message, document] of cases)
    it(message, () => {
      const [finding, ...others] = lintNetworkList(document as object);
      expect(finding?.message).toBe(message);
      expect(finding?.severity).toBe('error');
      expect(message.startsWith(finding?.place ?? '?')).toBe(true);
      expect(others.filter(({ place }) => place === finding?.place)).toEqual([]);
    });

  it('and goes on after the first', () => {
    const document = {
      cniVersion: '2.0.0',
      name: 'a b',
      plugins: [
        { type: '../x', ipam: { type: 'host-local', subnet: '192.0.2.1/24', ranges: [[{ subnet: 'x' }], []] } },
        { type: 'bridge', ipMasq: 'yes', dns: { nameservers: ['ns1', '192.0.2.53', 'ns2'] } },
      ],
    };
    expect(lintNetworkList(document).map(({ place }) => place)).toEqual([
      'name',
      'cniVersion',
      'plugins[0].type',
      'plugins[0].ipam.subnet',
      'plugins[0].ipam.ranges[0][0].subnet',
      'plugins[0].ipam.ranges[1]',
      'plugins[1].ipMasq',
      'plugins[1].dns.nameservers[0]',
      'plugins[1].dns.nameservers[2]',
    ]);
  });

  it('and warns of what works and is probably not meant', () => {
    const plugin = { type: 'calico', name: 'mine', ipam: { type: 'host-local', subnet: 'usePodCidr' } };
    const findings = lintNetworkList({ cniVersion: '1.0.1', name: 'net', plugins: [plugin] });
    expect(findings.map(({ place, severity }) => [place, severity])).toEqual([
      ['cniVersion', 'warning'],
      ['plugins[0].ipam.subnet', 'warning'],
      ['plugins[0].name', 'warning'],
    ]);
  });

  it('and has nothing to say about a good one', () => {
    const { name: _, ...bridge } = kilo.plugins[0] ?? {};
    expect(lintNetworkList({ ...kilo, plugins: [bridge, kilo.plugins[1]] })).toEqual([]);
  });

  it('and reads a single plugin as well, and the result of the plugin before', () => {
    const findings = lintNetworkList({
      cniVersion: '0.4.0',
      name: 'n',
      type: 'sbr',
      prevResult: {
        interfaces: [{ name: '', mac: 'zz' }],
        ips: [
          { version: '6', address: '192.0.2.1/24' },
          { address: '192.0.2.2/24', interface: 3 },
        ],
        routes: [{ dst: '0.0.0.0/0', gw: '::1' }],
      },
    });
    expect(findings.map(({ message }) => message)).toEqual([
      'prevResult.interfaces[0].name: must not be empty',
      'prevResult.ips[0].version: is "6", but "192.0.2.1/24" is of version 4',
      'prevResult.ips[1].version: is missing (a string)',
      'prevResult.routes[0].gw: "::1" is not of the family of "0.0.0.0/0"',
    ]);
  });

  it('and says what is wrong with its JSON', () => {
    expect(lintNetworkList('{"name": net}')[0]?.message).toMatch(/^network configuration: is not JSON: .*/);
  });
});

describe('a configuration list', () => {
  const refused: [string, unknown, number?][] = [
    ['name: is missing (a string)', { plugins: [{ type: 'a' }] }],
    ['plugins[0].type: is missing (a string)', { name: 'net', plugins: [{}] }],
    ['plugins[0].type: must not be empty', { name: 'net', plugins: [{ type: '' }] }],
    ['plugins[0]: is 7, not an object', { name: 'net', plugins: [7] }],
    ['plugins: is empty: a network needs at least one plugin', { name: 'net', plugins: [] }],
    ['plugins: is missing (a list)', { name: 'net' }],
    ['plugins: is missing: this configures a single plugin, for parseNetworkConfig', { name: 'net', type: 'bridge' }],
    ['disableCheck: is 1, neither true nor false', { name: 'net', disableCheck: 1, plugins: [{ type: 'a' }] }],
    ['cniVersion: is 1, not a string', { name: 'net', cniVersion: 1, plugins: [{ type: 'a' }] }],
    ['cniVersions[1]: "new" is not a version', { name: 'net', cniVersions: ['9.0', 'new'], plugins: [{ type: 'a' }] }],
    [
      'plugins[0].capabilities["io.example"]: is "yes", neither true nor false',
      { name: 'net', plugins: [{ type: 'a', capabilities: { 'io.example': 'yes' } }] },
    ],
    ['plugins[0].ipam.type: is 4, not a string', { name: 'net', plugins: [{ type: 'a', ipam: { type: 4 } }] }],
    ['network configuration list: is [], not an object', '[]'],
    ['network configuration list: is empty', ' ', 6],
  ];
  for (const [message, document, code = 7] of refused)
    it(`is refused by libcni and here: ${message}`, () => {
      const error = caught(() => parseNetworkConfigList(document as object));
      expect(error).toMatchObject({ msg: message, code });
    });

  const accepted: [string, object][] = [
    ['a placeholder for a subnet', { type: 'calico', ipam: { type: 'host-local', subnet: 'usePodCidr' } }],
    ['a route without a prefix length', { type: 'x', ipam: { type: 'host-local', routes: [{ dst: '192.0.2.1' }] } }],
    ['ranges that overlap', listWithIpam({ ranges: [[{ subnet: '192.0.2.0/24' }, { subnet: '192.0.2.0/24' }]] })],
    ['an odd name in an entry', { type: 'x', name: 'my plugin' }],
    ['a version in an entry', { type: 'x', cniVersion: '9.9.9' }],
    ['settings of a plugin that only it reads', { type: 'x', ipMasq: 'true', args: [], runtimeConfig: 7 }],
    ['name servers by name', { type: 'x', dns: { nameservers: ['ns1'] } }],
  ];
  for (const [what, plugin] of accepted)
    it(`is accepted with what libcni leaves to plugins: ${what}`, () => {
      const entry = 'type' in plugin ? plugin : (plugin as { plugins: object[] }).plugins[1];
      const list = { cniVersion: '1.0.0', name: 'net', plugins: [{ type: 'loopback' }, entry] };
      expect(parseNetworkConfigList(list)).toEqual(list);
      expect(parseNetworkConfigList({ ...list, cniVersion: '7.0.0' }).cniVersion).toBe('7.0.0');
    });

  it('of a version that is not known is refused when it is used', () => {
    const list = parseNetworkConfigList({ name: 'net', cniVersion: '2.0.0', plugins: [{ type: 'a' }] });
    expect(caught(() => versionOfList(list))).toMatchObject({
      code: 1,
      msg: 'cniVersion: "2.0.0" is a version of the CNI specification that is not known here',
    });
  });

  it('says what is wrong with its JSON', () => {
    expect(caught(() => parseNetworkConfigList('{"name": net}')).message).toMatch(
      /^network configuration list: is not JSON: .*/,
    );
  });
});

describe('a complaint about a result names the place', () => {
  const cases: [string, object][] = [
    ['ips[0].address: is missing (a string)', { cniVersion: '1.0.0', ips: [{}] }],
    [
      'ips[0].gateway: "here" is not an IP address',
      { cniVersion: '1.0.0', ips: [{ address: '192.0.2.1/24', gateway: 'here' }] },
    ],
    ['ip6.routes[0].dst: is missing (a string)', { ip6: { ip: '2001:db8::1/64', routes: [{}] } }],
    ['interfaces[0].mac: is 0, not a string', { cniVersion: '1.0.0', interfaces: [{ name: 'eth0', mac: 0 }] }],
    [
      'interfaces[0].mtu: is 1.5, not a whole number',
      { cniVersion: '1.1.0', interfaces: [{ name: 'eth0', mtu: 1.5 }] },
    ],
    ['routes[0].gw: "x" is not an IP address', { cniVersion: '1.1.0', routes: [{ dst: '::/0', gw: 'x' }] }],
    ['dns.nameservers[0]: is 4, not a string', { cniVersion: '1.1.0', dns: { nameservers: [4] } }],
  ];
  for (const [message, document] of cases)
    it(message, () => {
      const error = caught(() => parseResult(document));
      expect(error.msg).toBe(message);
      expect(error.code).toBe(6);
    });

  it('and not of what libcni takes as well', () => {
    for (const result of [
      // The AWS VPC plugin puts a VLAN's number where the hardware address belongs.
      { cniVersion: '0.4.0', interfaces: [{ name: 'dummy1', mac: '0', sandbox: '0' }] },
      // The stock loopback plugin leaves `version` out.
      { cniVersion: '0.3.1', ips: [{ interface: 0, address: '127.0.0.1/8' }] },
      { cniVersion: '1.0.0', interfaces: [{ name: 'a' }], ips: [{ interface: 4, address: '192.0.2.1/24' }] },
      { cniVersion: '1.0.0', ips: [{ address: '192.0.2.1/24', gateway: '2001:db8::1' }], dns: null },
    ])
      expect(parseResult(result)).toEqual(result);
  });

  it('and does not take the report of an error for a result', () => {
    expect(() => parseResult({ cniVersion: '1.0.0', code: 7, msg: 'no' })).toThrow(
      'result: is the report of an error (code 7): no',
    );
  });
});

describe('a document', () => {
  it('survives parsing and printing with all its unknown keys', () => {
    const list = { ...kilo, 'cni.dev/x': [1, { y: null }], __proto__: undefined };
    const text = `{"__proto__":{"a":1},${JSON.stringify(list).slice(1)}`;
    expect(JSON.stringify(parseNetworkConfigList(text))).toBe(text);
    const result = '{"cniVersion":"1.1.0","x":{"y":[1]},"interfaces":[{"name":"eth0","z":true}],"dns":{"q":1}}';
    expect(JSON.stringify(JSON.parse(printResult(parseResult(result))))).toBe(result);
  });

  it('may be text, bytes or a value', () => {
    const text = JSON.stringify(kilo);
    expect(parseNetworkConfigList(new TextEncoder().encode(text))).toEqual(kilo);
    expect(parseNetworkConfigList(kilo)).toEqual(kilo);
    expect(parseNetworkConfigList(text)).toEqual(kilo);
  });

  it("of Kilo's kind goes to 1.0.0 unchanged but for its version", () => {
    for (const cniVersion of ['0.3.1', '0.4.0'] as const) {
      const list = parseNetworkConfigList({ ...kilo, cniVersion });
      expect(convertNetworkConfigList(list, '1.0.0')).toEqual({ ...kilo, cniVersion: '1.0.0' });
      expect(() => convertNetworkConfigList(list, '1.2.3' as CniVersion)).toThrow(expect.objectContaining({ code: 1 }));
    }
  });

  it('that declares 1.0.1, as Kilo does, is accepted with a diagnosis and taken for 1.0.0', () => {
    const told: string[] = [];
    const list = parseNetworkConfigList(
      { ...kilo, cniVersion: '1.0.1' },
      { onDiagnostic: ({ message }) => told.push(message) },
    );
    expect(list.cniVersion).toBe('1.0.1');
    expect(versionOfList(list).version).toBe('1.0.0');
    expect(diagnoseNetworkConfigList(list)).toEqual([
      {
        code: 'ERR_UNRELEASED_VERSION',
        place: 'cniVersion',
        message:
          'cniVersion: "1.0.1" is not a released version of the CNI specification and plugins refuse it: taken for "1.0.0", declare that',
      },
    ]);
    expect(told).toHaveLength(1);
  });

  it('is of the highest version that it declares and that is known', () => {
    const of = (cniVersion: string | undefined, cniVersions?: string[]): string =>
      versionOfList({ ...(cniVersion ? { cniVersion } : {}), ...(cniVersions ? { cniVersions } : {}) }).version;
    expect(of(undefined)).toBe('0.1.0');
    expect(of('0.4.0')).toBe('0.4.0');
    expect(of('0.4.0', ['1.1.0', '0.3.1', '9.0.0'])).toBe('1.1.0');
    expect(of('1.1.0', ['0.3.1'])).toBe('1.1.0');
    expect(of(undefined, ['9.0.0', '1.0.0'])).toBe('1.0.0');
    expect(() => of('9.0.0', ['8.0.0'])).toThrow('cniVersions[0]: "8.0.0" is a version of the CNI specification');
  });

  it('of a single plugin needs a name where it is a network, a list of plugins is told where to go', () => {
    expect(parseNetworkConfig({ type: 'bridge' })).toEqual({ type: 'bridge' });
    expect(() => listFromConfig({ type: 'bridge' })).toThrow('name: is missing');
    expect(() => parseNetworkConfig(kilo)).toThrow('for parseNetworkConfigList');
    const config: NetworkConfig = parseNetworkConfig({ name: 'n', type: 'bridge', ipam: {}, mtu: 1400 });
    expect(config.mtu).toBe(1400);
  });

  it('may have its switches as words, as libcni allows', () => {
    expect(parseNetworkConfigList({ ...kilo, disableCheck: 'TRUE' }).disableCheck).toBe('TRUE');
  });

  it('takes null for a key that is not there', () => {
    const list = { cniVersion: null, cniVersions: null, name: 'n', plugins: [{ type: 'bridge' }] };
    expect(parseNetworkConfigList(JSON.stringify(list))).toEqual(list);
  });

  it('whatever it is, is either accepted or refused with an error of ours', () => {
    const words = fc.constantFrom(
      ...['name', 'type', 'plugins', 'cniVersion', 'cniVersions', 'ipam', 'ranges', 'subnet', 'routes', 'dst', 'gw'],
      ...['dns', 'nameservers', 'prevResult', 'ips', 'address', 'interfaces', 'ip4', 'ip', 'interface', 'capabilities'],
    );
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(
        ...supportedVersions,
        '192.0.2.0/24',
        '::/0',
        'host-local',
        'static',
        '192.0.2.1',
        -1,
        2,
      ),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.dictionary(words, tie('tree'), { maxKeys: 8 }),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(words, tree, { maxKeys: 10 }), (document) => {
        for (const parse of [parseNetworkConfigList, parseNetworkConfig, parseResult]) {
          const before = JSON.stringify(document);
          try {
            const parsed = parse(document);
            lintNetworkList(document);
            for (const key of Object.keys(document)) expect(Object.hasOwn(parsed, key)).toBe(true);
          } catch (error) {
            if (!(error instanceof CniError)) throw error;
          }
          expect(JSON.stringify(document)).toBe(before);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('options of a parser', () => {
  it.each([
    ['null', () => parseResult({}, null as never), 'the options of parseResult must be an object, not null'],
    [
      'a list',
      () => parseNetworkConfigList(kilo, [] as never),
      'the options of parseNetworkConfigList must be an object',
    ],
    [
      'an unknown name',
      () => parseResult({}, { cniVersion: '1.0.0' } as never),
      'parseResult has no option "cniVersion"',
    ],
    ['a number', () => parseResult({}, { version: 1 } as never), 'version must be a string, not 1'],
    ['an unknown version', () => parseResult({}, { version: '9.0.0' as never }), '"9.0.0" is not a version'],
    [
      'a word for a switch',
      () => parseNetworkConfigList(kilo, { pluginsElsewhere: 'no' as never }),
      'pluginsElsewhere must be true or false, not "no"',
    ],
    [
      'null for a function',
      () => parseNetworkConfigList(kilo, { onDiagnostic: null as never }),
      'onDiagnostic must be a function, not null',
    ],
  ])('are refused: %s', (_what, call, message) => {
    expect(caught(call).message).toContain(message);
  });

  it('may be undefined', () => {
    expect(parseResult({ cniVersion: '1.0.0' }, { version: undefined } as never)).toEqual({ cniVersion: '1.0.0' });
  });
});

describe('CNI_ARGS', () => {
  it('are read and written in their order', () => {
    const text = 'IgnoreUnknown=1;K8S_POD_NAME=web=0;EMPTY=';
    expect(parseCniArgs(text)).toEqual({ IgnoreUnknown: '1', K8S_POD_NAME: 'web=0', EMPTY: '' });
    expect(formatCniArgs(parseCniArgs(text))).toBe(text);
    expect(parseCniArgs('')).toEqual({});
  });

  it('that are not pairs, or could be read otherwise, are refused', () => {
    expect(() => parseCniArgs(5 as never)).toThrow('CNI_ARGS must be a string, not 5');
    expect(() => parseCniArgs('a=1;b')).toThrow('CNI_ARGS: "b" is not a pair (as in "KEY=value")');
    expect(() => formatCniArgs({ a: '1;b=2' })).toThrow('cannot be written');
    expect(() => formatCniArgs({ 'a=b': '1' })).toThrow('cannot be written');
  });
});

describe('the name of an interface', () => {
  it('is what the kernel takes', () => {
    for (const name of ['eth0', 'a'.repeat(15), 'ä'.repeat(7)]) expect(() => checkInterfaceName(name)).not.toThrow();
    for (const name of ['', '.', '..', 'a/b', 'a:b', 'a b', 'a'.repeat(16), 'ä'.repeat(8)])
      expect(() => checkInterfaceName(name)).toThrow(CniError);
  });
});

describe('an error', () => {
  it("is the specification's document as JSON", () => {
    const error = new CniError({ code: 11, msg: 'busy', details: 'no address left', cniVersion: '1.0.0' });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      cniVersion: '1.0.0',
      code: 11,
      msg: 'busy',
      details: 'no address left',
    });
    expect(error.message).toBe('busy; no address left');
  });
});
