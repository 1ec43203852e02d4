// What all namespaces of a campaign have in common. The home namespace has the same addresses: whatever leaves from
// there by mistake finds a server that tells on it.
export const IPV4 = '192.0.2.10';
export const IPV6 = '2001:db8::10';
export const PORTS = { http: 80, https: 443, proxy: 3128, echo: 7, udp: 9, dns: 53 };
/** Listeners of the clients, one port for each name. */
export const LISTENER_PORT = 9000;

/** The address that only this namespace has, so that an answer of its name server tells where it came from. */
export const ownAddress = (world, domain = 0) => `2001:db8:1:${domain}::${world.toString(16)}`;

/** The two IPv4 addresses by which a name server tells its number. */
export const numberAddresses = (world) => [`198.51.100.${world >> 8}`, `203.0.113.${world & 255}`];

/** The number in one address of {@link ownAddress}, with the search domain: `{ world, domain }`. */
export function decodeOwnAddress(address) {
  const match = /^2001:db8:1:(?:(\d+):)?:([0-9a-f]{1,4})$/.exec(address);
  return match === null ? undefined : { domain: Number(match[1] ?? 0), world: Number.parseInt(match[2], 16) };
}

/** The number in the addresses of {@link numberAddresses}. */
export function decodeNumberAddresses(addresses) {
  const high = addresses.find((address) => address.startsWith('198.51.100.'));
  const low = addresses.find((address) => address.startsWith('203.0.113.'));
  if (addresses.length !== 2 || high === undefined || low === undefined) return undefined;
  return Number(high.split('.')[3]) * 256 + Number(low.split('.')[3]);
}
