import { AF_INET, AF_INET6, encodeInternetAddress, readInternetAddress } from 'netns-core/sys';
import { mustBe } from '../message/checks.js';
import { formatIp, parseIpAddress } from '../message/ip-address.js';

const MAX_SCOPE = 0x7fffffff;

/** The `struct sockaddr_in` or `struct sockaddr_in6` of an endpoint. @throws InvalidOptionError */
export function parseEndpoint(endpoint: unknown, property: string): Uint8Array {
  const refuse = (): never => {
    throw mustBe(
      property,
      "an address with a port, such as '192.0.2.1:51820' or '[2001:db8::1]:51820' (names are not looked up)",
      endpoint,
    );
  };
  const parts =
    typeof endpoint === 'string' ? /^(?:\[([^\]%]+)(?:%(\d{1,10}))?\]|([^:[\]]+)):(\d{1,5})$/.exec(endpoint) : null;
  if (parts === null) return refuse();
  const [, ipv6, scope, ipv4, digits] = parts;
  const port = Number(digits);
  const scopeId = Number(scope ?? 0);
  if (port < 1 || port > 65_535 || scopeId > MAX_SCOPE) return refuse();
  let bytes: Uint8Array;
  try {
    bytes = parseIpAddress(ipv6 ?? ipv4 ?? '', property);
  } catch {
    return refuse();
  }
  if ((bytes.length === 16) !== (ipv6 !== undefined)) return refuse();
  return encodeInternetAddress(bytes, port, scopeId);
}

/** An endpoint as text; `undefined` for a family that is neither IPv4 nor IPv6. */
export function formatEndpoint(address: Uint8Array): string | undefined {
  const read = readInternetAddress(address);
  if (read === undefined) return undefined;
  const text = formatIp(read.address);
  if (read.address.length === 4) return `${text}:${read.port}`;
  return `[${text}${read.scopeId === 0 ? '' : `%${read.scopeId}`}]:${read.port}`;
}

/** The number of an address' family. */
export function familyOf(bytes: Uint8Array): number {
  return bytes.length === 4 ? AF_INET : AF_INET6;
}
