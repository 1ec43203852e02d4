import type { Result } from 'cni-types';
import { convertResult } from 'cni-types';
import { NetnsError } from 'netns-core';
import type { Link } from '../link/link.js';
import { parseIpNetwork } from '../message/ip-address.js';
import { addrAdd, routeAdd } from '../netlink/here.js';
import { checkReadLink, checkResult } from './checks.js';

function bits(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Whether an address lies in the network of another. */
function isIn(address: string, network: string): boolean {
  const inner = parseIpNetwork(address);
  const outer = parseIpNetwork(network);
  if (inner.family !== outer.family) return false;
  const host = BigInt(outer.bytes.length * 8 - outer.prefixLength);
  return bits(inner.bytes) >> host === bits(outer.bytes) >> host;
}

/**
 * Gives a link of the caller's namespace the addresses that a CNI result has for it, and those routes whose gateway
 * lies in one of their subnets (a route without a gateway has that of its address). The interface of the result is
 * found by the link's hardware address.
 *
 * @throws NetnsError `ERR_INTERFACE_NOT_FOUND` if the result has no interface with that address; NetlinkError
 */
export function configureLink(link: Link, result: Result): void {
  checkReadLink('link', link);
  const checked = checkResult(result);
  const { interfaces = [], ips = [], routes = [] } = convertResult(checked, '1.0.0');
  const mac = link.hardwareAddr.toLowerCase();
  const index = interfaces.findIndex((each) => each.mac?.toLowerCase().replaceAll('-', ':') === mac);
  if (index < 0)
    throw new NetnsError(
      `the CNI result has no interface with the hardware address ${link.hardwareAddr} of ${link.name}, but ${
        interfaces.map(({ name, mac: other }) => `${name} (${other ?? 'without one'})`).join(', ') || 'none at all'
      }`,
      { code: 'ERR_INTERFACE_NOT_FOUND' },
    );
  for (const ip of ips) {
    if (ip.interface !== index) continue;
    addrAdd(link.index, ip.address);
    for (const route of routes) {
      const gateway = route.gw || ip.gateway;
      if (!gateway || !isIn(gateway, ip.address)) continue;
      routeAdd({
        dst: route.dst,
        gateway,
        oif: link.index,
        ...(route.table === undefined ? {} : { table: route.table }),
        ...(route.priority ? { priority: route.priority } : {}),
        ...(route.mtu || route.advmss
          ? { metrics: { ...(route.mtu ? { mtu: route.mtu } : {}), ...(route.advmss ? { advmss: route.advmss } : {}) } }
          : {}),
      });
    }
  }
}
