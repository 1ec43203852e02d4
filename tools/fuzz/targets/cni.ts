import { readFileSync } from 'node:fs';
import {
  CniError,
  type CniVersion,
  convertNetworkConfigList,
  convertResult,
  diagnoseNetworkConfigList,
  formatCniArgs,
  listFromConfig,
  parseCniArgs,
  parseNetworkConfig,
  parseNetworkConfigList,
  parseResult,
  printResult,
  supportedVersions,
  versionOfList,
} from 'cni-types';
import { mutateJson } from '../mutate-json.ts';
import { mustAgree, shapeOf, type Target } from '../target.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const KEYS = [
  'cniVersion',
  'cniVersions',
  'name',
  'type',
  'plugins',
  'ipam',
  'ranges',
  'rangeStart',
  'rangeEnd',
  'subnet',
  'gateway',
  'routes',
  'dst',
  'gw',
  'mtu',
  'advmss',
  'priority',
  'table',
  'scope',
  'dns',
  'nameservers',
  'domain',
  'search',
  'options',
  'interfaces',
  'mac',
  'sandbox',
  'socketPath',
  'pciID',
  'ips',
  'address',
  'interface',
  'version',
  'ip4',
  'ip6',
  'ip',
  'capabilities',
  'args',
  'runtimeConfig',
  'prevResult',
  'disableCheck',
  'disableGC',
  'loadOnlyInlinedPlugins',
  'ipMasq',
  'isGateway',
];

/** Runs a reader; what it refuses it refuses with a CniError. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof CniError) return `${error.code} ${error.place?.replace(/\d+/g, '0').slice(0, 40) ?? ''}`;
    throw error;
  }
}

/** The documents of the tests of this workspace, made with the reference implementation. */
function documents(): unknown[] {
  const folder = new URL(`file://${process.env.FUZZ_ROOT}/packages/cni-types/test/fixtures/data/`);
  return ['results.json', 'conversions.json'].flatMap((file) => {
    const found: unknown[] = [];
    const walk = (value: unknown, depth: number): void => {
      if (typeof value !== 'object' || value === null || depth > 4) return;
      if ('cniVersion' in value) found.push(value);
      for (const inner of Object.values(value)) walk(inner, depth + 1);
    };
    walk(JSON.parse(readFileSync(new URL(file, folder), 'utf8')), 0);
    return found.slice(0, 60);
  });
}

export const cni: Target = {
  name: 'cni',
  dictionary: [
    ...KEYS.map((key) => `"${key}":`),
    '{',
    '}',
    '[',
    ']',
    'null',
    '"1.0.0"',
    '"0.2.0"',
    '=',
    ';',
    '\ufeff',
    '\\ud800',
  ],
  seeds: () => [
    ...documents().map((document) => encoder.encode(JSON.stringify(document))),
    ...[
      {
        cniVersion: '0.4.0',
        name: 'net',
        plugins: [
          {
            type: 'bridge',
            bridge: 'br0',
            mtu: 1420,
            ipam: {
              type: 'host-local',
              ranges: [[{ subnet: '192.0.2.0/24', rangeStart: '192.0.2.9' }]],
              routes: [{ dst: '0.0.0.0/0', gw: '192.0.2.1' }],
            },
          },
          { type: 'portmap', capabilities: { portMappings: true } },
        ],
      },
      {
        cniVersion: '1.1.0',
        cniVersions: ['1.0.0', '1.1.0'],
        name: 'net',
        disableCheck: 'true',
        plugins: [{ type: 'loopback' }],
      },
      { cniVersion: '1.0.0', name: 'one', type: 'bridge', dns: { nameservers: ['192.0.2.53'], search: ['a.example'] } },
    ].map((document) => encoder.encode(JSON.stringify(document))),
    encoder.encode('IgnoreUnknown=1;K8S_POD_NAME=web-0'),
  ],
  mutate: (input, random) => mutateJson(input, KEYS, random),
  run(input) {
    const text = decoder.decode(input);
    const result = attempt(() => parseResult(text));
    if (typeof result !== 'string') {
      mustAgree('a result printed and read', parseResult(printResult(result)), result);
      for (const version of supportedVersions) {
        const converted = attempt(() => convertResult(result, version));
        if (typeof converted !== 'string') {
          const printed = printResult(converted, version as CniVersion);
          mustAgree(`a result of version ${version} printed and read`, parseResult(printed), JSON.parse(printed));
        }
      }
    }
    const list = attempt(() => parseNetworkConfigList(text));
    if (typeof list !== 'string') {
      mustAgree('a list written and read', parseNetworkConfigList(JSON.stringify(list)), list);
      attempt(() => versionOfList(list));
      attempt(() => diagnoseNetworkConfigList(list));
      for (const version of supportedVersions) attempt(() => convertNetworkConfigList(list, version));
    }
    const config = attempt(() => parseNetworkConfig(text));
    if (typeof config !== 'string') attempt(() => listFromConfig(config));
    const args = attempt(() => parseCniArgs(text));
    if (typeof args !== 'string') {
      // A NUL ends a variable of the environment, so it cannot be written.
      if (!text.includes('\0')) mustAgree('arguments written and read', parseCniArgs(formatCniArgs(args)), args);
      else attempt(() => formatCniArgs(args));
    }
    return [result, list, config].map((value) => shapeOf(value, 2)).join('|');
  },
};
