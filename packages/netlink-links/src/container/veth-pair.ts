import { get, type NamespaceRef, NetnsError, resolveNamespace, runInNamespace } from 'netns-core';
import type { Link } from '../link/link.js';
import { linkAdd, linkByName, linkDel, linkList, linkSetUp } from '../netlink/here.js';
import { NetlinkError } from '../operation/errors.js';
import { checkLinkName } from '../operation/link-name.js';
import { checkMtu } from './checks.js';
import { hexadecimal } from './random.js';
import { undoing } from './undoing.js';

/** How often a random name is tried before it can only be something else. */
const ATTEMPTS = 10;

function randomVethName(): string {
  // Nobody needs to be kept from guessing it. And it is made in a hop, where no module of Node must be loaded.
  return `veth${hexadecimal(4)}`;
}

function addPair(name: string, mtu: number, hostFd: number): string {
  for (let attempt = 1; ; attempt += 1) {
    const peerName = randomVethName();
    try {
      linkAdd({ type: 'veth', name, mtu, peer: { name: peerName, mtu, netnsFd: hostFd } });
      return peerName;
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
      if (linkList().some((link) => link.name === name || link.altNames.includes(name)))
        throw new NetnsError(`cannot make the veth "${name}": a link of that name exists already in the namespace`, {
          code: 'EEXIST',
          cause: error,
        });
      if (attempt >= ATTEMPTS) throw error;
    }
  }
}

/**
 * Makes a veth pair and brings both ends up: one in the caller's namespace, which is the container's, the other, with
 * a random name, in the host's.
 *
 * @param hostNs the namespace for the other end
 * @returns both ends, as they are each in its own namespace
 * @throws NetnsError `EEXIST` if there is a link of that name; NetlinkError
 */
export function setupVeth(name: string, mtu: number, hostNs: NamespaceRef): { host: Link; container: Link } {
  checkLinkName(name);
  checkMtu(mtu);
  using host = resolveNamespace(hostNs);
  const hostName = addPair(name, mtu, host.fd);
  return undoing(
    () => linkDel(name),
    () => {
      linkSetUp(name);
      const hostLink = runInNamespace(host, () => {
        linkSetUp(hostName);
        return linkByName(hostName);
      });
      return { host: hostLink, container: linkByName(name) };
    },
  );
}

/**
 * Makes a veth pair between the caller's namespace, where it has a random name, and an inner one, where it has the
 * name given; both ends are up.
 *
 * @throws as {@link setupVeth}, and as `runInNamespace`
 */
export function createEscapeVethPair(innerNs: NamespaceRef, ifName: string, mtu: number): { outer: Link; inner: Link } {
  checkLinkName(ifName, 'ifName');
  checkMtu(mtu);
  using outerNs = get();
  const { host, container } = runInNamespace(innerNs, () => setupVeth(ifName, mtu, outerNs));
  return { outer: host, inner: container };
}
