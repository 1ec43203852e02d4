import { CniError, errorCodes } from './cni-error.js';
import { type Dns, isEmptyDns } from './dns.js';
import { parseCidr, versionOf } from './ip-address.js';
import type { IPConfig, IPConfigOfFamily, IPConfigWithVersion, Result, Result1, Result02, Result04 } from './result.js';
import type { Route } from './route.js';
import { atLeast, type CniVersion, checkVersion, resolveVersion } from './versions.js';

/** The keys of every version; what else a result has at its top is unknown to us and stays. */
const KNOWN = new Set(['cniVersion', 'interfaces', 'ips', 'routes', 'dns', 'ip4', 'ip6']);

/** A list, unless there is nothing in it: results have no empty ones. */
function unlessEmpty<K extends string, T>(key: K, list: readonly T[] | undefined): { [P in K]?: T[] } {
  return (list?.length ? { [key]: [...list] } : {}) as { [P in K]?: T[] };
}

/**
 * Until 1.0.0 `dns` is always there, in 1.1.0 only with something in it: so the reference implementation prints it
 * (its releases that know 1.1.0 leave it out of 1.0.0, too).
 */
function dnsOf(dns: Dns | null | undefined, version: CniVersion): { dns?: Dns } {
  if (dns != null && !(isEmptyDns(dns) && Object.keys(dns).every((key) => DNS_KEYS.has(key)))) return { dns };
  return version === '1.1.0' ? {} : { dns: {} };
}

const DNS_KEYS = new Set(['nameservers', 'domain', 'search', 'options']);

function familyOf(address: string): '4' | '6' {
  const cidr = parseCidr(address);
  return cidr === undefined ? '6' : versionOf(cidr);
}

type Rich = Result04 | Result1;

/** Keys of an address that 0.1.0 and 0.2.0 do not know, and that later versions read. */
const LATER_KEYS: ReadonlySet<string> = new Set(['address', 'version', 'interface']);

function withoutLaterKeys<T extends object>(config: T): T {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !LATER_KEYS.has(key))) as T;
}

function enrich(from: Result02): Rich {
  const { ip4, ip6, cniVersion, dns, ...unknown } = from;
  const ips: IPConfigWithVersion[] = [];
  const routes: Route[] = [];
  for (const [version, config] of [
    ['4', ip4],
    ['6', ip6],
  ] as const) {
    if (!config) continue;
    const { ip, routes: ofFamily, ...rest } = config;
    ips.push({ ...withoutLaterKeys(rest), version, address: ip });
    routes.push(...(ofFamily ?? []));
  }
  // Nobody has checked what stands under keys that only later versions know: they are unknown to 0.2.0.
  const kept = Object.fromEntries(Object.entries(unknown).filter(([key]) => !KNOWN.has(key)));
  return { ...kept, cniVersion: '0.4.0', ips, routes, ...(dns == null ? {} : { dns }) };
}

function reduceTo02(from: Rich, version: '0.1.0' | '0.2.0'): Result02 {
  const unknown = Object.fromEntries(Object.entries(from).filter(([key]) => !KNOWN.has(key)));
  const families: { ip4?: IPConfigOfFamily; ip6?: IPConfigOfFamily } = {};
  for (const { address, gateway } of from.ips ?? []) {
    const key = familyOf(address) === '4' ? 'ip4' : 'ip6';
    families[key] ??= { ip: address, ...(gateway ? { gateway } : {}) };
  }
  for (const { dst, gw } of from.routes ?? []) {
    const config = families[familyOf(dst) === '4' ? 'ip4' : 'ip6'];
    if (config === undefined) continue;
    config.routes = [...(config.routes ?? []), { dst, ...(gw ? { gw } : {}) }];
  }
  if (families.ip4 === undefined && families.ip6 === undefined)
    throw new CniError({
      code: errorCodes.incompatibleCniVersion,
      msg: `a result of ${from.cniVersion} without an address cannot be converted to ${version}`,
      details: `${version} has no place for anything but one address of each family`,
    });
  return { ...unknown, cniVersion: version, ...families, ...dnsOf(from.dns, version) };
}

function withVersion(ip: IPConfig): IPConfigWithVersion {
  return { ...ip, version: familyOf(ip.address) };
}

function withoutVersion(ip: IPConfig & { version?: unknown }): IPConfig {
  const { version: _, ...rest } = ip;
  return rest;
}

/**
 * Converts a result to another version. What the other version has no place for is lost:
 *
 * - to 0.1.0 and 0.2.0: interfaces, all but the first address of each family, routes of a family without an
 *   address, and all of a route but `dst` and `gw`; a result without an address cannot be converted;
 * - to 0.3.0, 0.3.1 and 0.4.0: an interface's `mtu`, `socketPath` and `pciID`;
 * - from 1.1.0 to 1.0.0: nothing. What 1.1.0 added stays in, as the reference implementation leaves it.
 *
 * Conversions agree with the reference implementation (libcni); keys unknown to the specification, which it drops,
 * are kept where their object has a counterpart. The result given is not changed; if it has the version already, it
 * is returned as it is.
 *
 * @throws CniError (1) if either version is not known, or if there is no address and it needs one
 */
export function convertResult<V extends CniVersion>(result: Result, version: V): Result<V> {
  checkVersion(version);
  const declared = resolveVersion(result.cniVersion).version;
  const from = declared === result.cniVersion ? result : ({ ...result, cniVersion: declared } as Result);
  return convert(from, version) as Result<V>;
}

function convert(result: Result, version: CniVersion): Result {
  if (result.cniVersion === version) return result;
  const is02 = (value: Result): value is Result02 => !atLeast(value.cniVersion, '0.3.0');
  if (is02(result) && (version === '0.1.0' || version === '0.2.0')) {
    const { ip4, ip6, dns, ...unknown } = result;
    return {
      ...unknown,
      cniVersion: version,
      ...(ip4 ? { ip4 } : {}),
      ...(ip6 ? { ip6 } : {}),
      ...dnsOf(dns, version),
    };
  }
  const rich: Rich = is02(result) ? enrich(result) : result;
  if (version === '0.1.0' || version === '0.2.0') return reduceTo02(rich, version);

  const { interfaces, ips, routes, dns, ...rest } = rich;
  const common = { ...rest, ...unlessEmpty('routes', routes), ...dnsOf(dns, version) };
  if (version === '1.0.0' || version === '1.1.0')
    return {
      ...common,
      cniVersion: version,
      ...unlessEmpty('interfaces', interfaces),
      ...unlessEmpty('ips', ips?.map(withoutVersion)),
    };
  return {
    ...common,
    cniVersion: version,
    ...unlessEmpty(
      'interfaces',
      interfaces?.map(({ mtu: _mtu, socketPath: _socketPath, pciID: _pciID, ...kept }) => kept),
    ),
    ...unlessEmpty('ips', ips?.map(withVersion)),
  };
}
