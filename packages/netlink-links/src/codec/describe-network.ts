import type { IpNetwork } from './ip-address.js';

/** `'192.0.2.0/24'`: an address with the length of its prefix, in canonical form. */
export function describeNetwork(network: IpNetwork): string {
  return `${network.address}/${network.prefixLength}`;
}
