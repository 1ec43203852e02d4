import { convertResult, type Result } from 'cni-types';
import { NetnsError, type NetnsHandle, runInNamespace } from 'netns-core';
import type { Link } from '../link/link.js';
import {
  addrAdd,
  linkByName,
  linkList,
  linkModify,
  linkSetDown,
  linkSetHardwareAddr,
  linkSetUp,
} from '../netlink/here.js';
import { openTap, type TapDevice } from '../tap/tap-device.js';
import { setupBridge } from './bridge.js';
import { checkNsPath, checkResult } from './checks.js';
import {
  ContainerSideNetwork,
  openContainer,
  type Takeover,
  TeardownError,
  type Undo,
  undoAll,
} from './container-side-network.js';
import { createTap } from './create-tap.js';
import { blockDhcp } from './dhcp-block.js';
import { findVeth } from './find-veth.js';
import { type ContainerResult, extractLinkInfo } from './link-info.js';
import { readLinkState } from './link-state.js';
import { generateMacAddress } from './mac-address.js';
import { stripLink } from './strip-link.js';
import { validateAndFixResult } from './validate-result.js';

/** The address of bridges, for a DHCP server towards the virtual machine. */
export const INTERNAL_DHCP_ADDRESS = '169.254.254.2/24';
/** Calico routes everything to this address, which no interface has, and answers ARP for it. */
const CALICO_GATEWAY = '169.254.1.1';
const LOOPBACK = 'lo';

/** Replaces the hardware address of a link: down, change, up. */
function setHardwareAddr(link: Link, address: string): void {
  linkSetDown(link);
  linkSetHardwareAddr(link, address);
  linkSetUp(link);
}

function unsupported(message: string): NetnsError {
  return new NetnsError(message, { code: 'ERR_UNSUPPORTED_NETWORK' });
}

/** Refuses, by name, what is out of scope. */
function refuseSpecialCases(result: ContainerResult, links: readonly Link[]): void {
  const gateways = [...(result.ips ?? []).map(({ gateway }) => gateway), ...(result.routes ?? []).map(({ gw }) => gw)];
  if (gateways.includes(CALICO_GATEWAY))
    throw unsupported(
      `this is a network of Calico's (its gateway is ${CALICO_GATEWAY}, which no interface has): that is not supported`,
    );
  for (const link of links)
    if (link.type === 'device')
      throw unsupported(
        `${link.name} is a device${link.parentDeviceName === undefined ? '' : ` (${link.parentDeviceBus} ${link.parentDeviceName})`}, a virtual function of SR-IOV perhaps: that is not supported, it cannot be joined to a TAP device`,
      );
}

/**
 * The links that the result names as the container's, in the order in which its addresses name them; those without an
 * address come last.
 */
export function containerLinks(result: ContainerResult, links: readonly Link[]): Link[] {
  const { interfaces = [], ips = [] } = result;
  const firstUse = (index: number): number => {
    const position = ips.findIndex((ip) => ip.interface === index);
    return position < 0 ? ips.length : position;
  };
  return interfaces
    .map((each, index) => ({ ...each, index }))
    .filter(({ sandbox }) => sandbox)
    .sort((a, b) => firstUse(a.index) - firstUse(b.index))
    .map(({ name }) => {
      const link = links.find((candidate) => candidate.name === name);
      if (link !== undefined) return link;
      throw new NetnsError(
        `the CNI result has an interface ${name} in the container, but there is no such link in the namespace, only ${links.map((each) => each.name).join(', ')}: has the container been restarted?`,
        { code: 'ERR_INTERFACE_NOT_FOUND' },
      );
    });
}

function bringUpLoopback(undo: Undo): void {
  const state = readLinkState(LOOPBACK);
  if (state.up) return;
  undo.loopback = state;
  linkSetUp(LOOPBACK);
}

/** Takes one link over; what is done is noted in `undo` before the next step. */
function takeOver(link: Link, number: number, undo: Undo): TapDevice {
  const { name, mtu, hardwareAddr } = link;
  const takeover: Takeover = { interface: name, mtu, before: readLinkState(name), hardwareAddr };
  undo.interfaces.push(takeover);
  stripLink(link);
  setHardwareAddr(link, generateMacAddress());
  const tap = createTap(`tap${number}`, mtu);
  takeover.tap = tap.name;
  const bridge = setupBridge(`br${number}`, [linkByName(name), tap]);
  takeover.bridge = bridge.name;
  addrAdd(bridge, INTERNAL_DHCP_ADDRESS);
  blockDhcp(name, link.index, (block) => {
    takeover.dhcp = block;
  });
  // The bridge must not learn that the virtual machine's address is behind the veth, which had it before: frames that
  // come back would make it believe so.
  linkModify(bridge, { type: 'bridge', ageingTime: 0 });
  return openTap(tap.name);
}

/**
 * The result to go by. One that names the container's interfaces is taken at its word, whatever the links say: they
 * may have been stripped before. One that does not (those of version 0.2.0) is completed from the links.
 */
function resultFor(info: Result | null, nsPath: string, links: readonly Link[]): ContainerResult {
  if (info === null) return extractLinkInfo(findVeth(links), nsPath);
  const result = convertResult(info, '1.0.0');
  const { interfaces = [], ips = [] } = result;
  const complete =
    ips.length > 0 &&
    interfaces.some(({ sandbox }) => sandbox) &&
    ips.every((ip) => ip.interface !== undefined && interfaces[ip.interface] !== undefined);
  return complete ? result : validateAndFixResult(info, nsPath, links);
}

function setup(info: Result | null, nsPath: string, namespace: NetnsHandle): ContainerSideNetwork {
  const links = linkList();
  const result = resultFor(info, nsPath, links);
  const taken = containerLinks(result, links);
  if (taken.length === 0)
    throw new NetnsError('the CNI result has no interface in the container: there is nothing to take over', {
      code: 'ERR_INTERFACE_NOT_FOUND',
    });
  refuseSpecialCases(result, taken);
  const undo: Undo = { result, interfaces: [] };
  const taps = new Map<string, TapDevice>();
  try {
    bringUpLoopback(undo);
    taken.forEach((link, number) => {
      taps.set(link.name, takeOver(link, number, undo));
    });
    return new ContainerSideNetwork({ undo, nsPath, namespace, taps });
  } catch (error) {
    for (const tap of taps.values()) tap.close();
    const errors = undoAll(undo);
    if (errors.length === 0) throw error;
    throw new TeardownError(
      `the network of ${nsPath} could not be taken over (${(error as Error).message}) nor be put back`,
      errors,
      error,
    );
  }
}

/**
 * Gives a container's network to a virtual machine, as Virtlet does: for each of CNI's interfaces a TAP device
 * (`tap0`, …) and a bridge (`br0`, …, with 169.254.254.2/24 for a DHCP server) that joins the two. The interface's
 * addresses and routes are taken away, for they are the virtual machine's now, and so is its hardware address: it
 * gets a random one. DHCP is kept from leaving by the interface, and the bridge learns no addresses. The loopback is
 * brought up.
 *
 * If a step fails, everything is as it was before.
 *
 * @param info the CNI result, of any version; `null` reads it from the one veth with its one address
 * @param nsPath the path of the container's namespace; by default the one that the caller is in
 * @throws NetnsError `ERR_UNSUPPORTED_NETWORK` for SR-IOV and Calico, `ERR_NO_FIREWALL_PROGRAM` without ebtables and
 * nft, and what `validateAndFixResult`, `findVeth` and `extractLinkInfo` say; TeardownError if it failed and could
 * not be put back either
 */
export function setupContainerSideNetwork(info: Result | null, nsPath = ''): ContainerSideNetwork {
  const given = info === null ? null : checkResult(info);
  checkNsPath(nsPath);
  const namespace = openContainer(nsPath);
  try {
    // Without a path there is one that is good for as long as the network is open.
    const known = nsPath === '' ? `/proc/${process.pid}/fd/${namespace.fd}` : nsPath;
    return runInNamespace(namespace, () => setup(given, known, namespace));
  } catch (error) {
    namespace.close();
    throw error;
  }
}
