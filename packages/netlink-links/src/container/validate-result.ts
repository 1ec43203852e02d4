import { convertResult, type Interface, type IPConfig, type Result } from 'cni-types';
import { NetnsError } from 'netns-core';
import type { Link } from '../link/link.js';
import { formatIp, parseIpNetwork } from '../message/ip-address.js';
import { addrList, linkList } from '../netlink/here.js';
import { checkNsPath, checkReadLinks, checkResult } from './checks.js';
import { findVeth } from './find-veth.js';
import { type ContainerResult, extractLinkInfo } from './link-info.js';

/** An address as it is compared: `2001:DB8:0::1/64` is `2001:db8::1/64`. */
function canonical(address: string): string {
  const { bytes, prefixLength } = parseIpNetwork(address);
  return `${formatIp(bytes)}/${prefixLength}`;
}

function findLinkByAddress(links: readonly Link[], address: string): Link {
  const found = addrList().filter((candidate) => canonical(candidate.address) === canonical(address));
  const link = links.find((candidate) => found.some(({ ifindex }) => ifindex === candidate.index));
  if (link !== undefined) return link;
  throw new NetnsError(
    `the CNI result says ${address}, but no link of the namespace has that address: there is ${
      addrList()
        .map((each) => each.address)
        .join(', ') || 'none at all'
    }`,
    { code: 'ERR_ADDRESS_NOT_FOUND' },
  );
}

/**
 * Checks a CNI result against the links of the caller's namespace and mends it:
 *
 * - A result with one address and without routes (Weave's) is taken for broken: what the veth says counts in its
 *   place, DNS excepted.
 * - Otherwise each address is assigned to the link that has it. Indexes into `interfaces` are corrected, interfaces
 *   that are missing (0.2.0 has none) are added.
 *
 * @param result of any version; it is not changed
 * @param nsPath the path of the namespace, for the `sandbox` of interfaces that are added
 * @param links those of the namespace
 * @returns a result of version 1.0.0
 * @throws NetnsError `ERR_NO_ADDRESS` without an address, `ERR_ADDRESS_NOT_FOUND` if no link has one, and the errors
 * of `findVeth` and `extractLinkInfo`
 */
export function validateAndFixResult(
  result: Result,
  nsPath: string,
  links: readonly Link[] = linkList(),
): ContainerResult {
  const checked = checkResult(result);
  checkNsPath(nsPath);
  checkReadLinks('links', links);
  const current = convertResult(checked, '1.0.0');
  const { ips = [], interfaces = [], routes = [], dns } = current;
  if (ips.length === 1 && routes.length === 0) {
    const extracted = extractLinkInfo(findVeth(links), nsPath);
    return { ...extracted, ...(dns === undefined ? {} : { dns }) };
  }
  if (ips.length === 0)
    throw new NetnsError(
      `the CNI result has no address${interfaces.length === 0 ? '' : `, only the interfaces ${interfaces.map(({ name }) => name).join(', ')}`}`,
      { code: 'ERR_NO_ADDRESS' },
    );
  const known: Interface[] = interfaces.map((each) => ({ ...each }));
  const assigned = ips.map((ip): IPConfig => {
    const link = findLinkByAddress(links, ip.address);
    // An interface of the host may have the same name.
    let index = known.findIndex(({ name, sandbox }) => name === link.name && sandbox);
    if (index < 0) index = known.findIndex(({ name }) => name === link.name);
    const found = known[index];
    if (found === undefined) {
      index = known.length;
      known.push({ name: link.name, mac: link.hardwareAddr, sandbox: nsPath });
    } else if (!found.sandbox) known[index] = { ...found, sandbox: nsPath };
    return { ...ip, interface: index };
  });
  return { ...current, interfaces: known, ips: assigned };
}
