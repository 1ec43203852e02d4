// The host's side of the plugin: the bridge, and on it the addresses that are the containers' gateways. Calls of the
// plugin for several containers run at the same time, the first ones too: the kernel decides which one is first, and
// what another call has made counts as made here, too, but only once it is seen to be what this call would have made.
import { readFileSync, writeFileSync } from 'node:fs';
import { BlockList, isIPv6, SocketAddress } from 'node:net';
import { CniError, errorCodes } from 'cni-types/plugin';
import { addrAdd, addrList, linkAdd, linkByName, linkSetUp, NetlinkError } from 'netlink-links';

/** @param {() => unknown} make @returns whether it was made, and not there already */
function makeUnlessThere(make) {
  try {
    make();
    return true;
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    return false;
  }
}

/** @param {string} msg */
const unusable = (msg) => new CniError({ code: errorCodes.invalidNetworkConfig, msg, place: 'bridge' });

/**
 * The bridge, made if it is not there.
 *
 * @param {string} name @param {number} mtu
 * @throws CniError if a link of that name is not a bridge
 */
export function ensureBridge(name, mtu) {
  const made = makeUnlessThere(() => linkAdd({ type: 'bridge', name, mtu, up: true }));
  const bridge = linkByName(name);
  if (bridge.type !== 'bridge') throw unusable(`bridge: ${name} is not a bridge, but a ${bridge.type}`);
  if (!made) linkSetUp(bridge);
  return bridge;
}

/** @param {string} address with the length of its prefix */
function subnetOf(address) {
  const [ip = '', length = ''] = address.split('/');
  const family = isIPv6(ip) ? 'ipv6' : 'ipv4';
  const subnet = new BlockList();
  subnet.addSubnet(ip, Number(length), family);
  return { ip: new SocketAddress({ address: ip, family }).address, length: Number(length), family, subnet };
}

/** @param {string} one @param {string} other */
function isSame(one, other) {
  const [a, b] = [subnetOf(one), subnetOf(other)];
  return a.ip === b.ip && a.length === b.length;
}

/** Whether one of two networks is in the other. @param {string} one @param {string} other */
function overlap(one, other) {
  const [a, b] = [subnetOf(one), subnetOf(other)];
  return a.family === b.family && (a.subnet.check(b.ip, b.family) || b.subnet.check(a.ip, a.family));
}

/**
 * Whether the bridge has an address.
 *
 * @param {{ name: string }} bridge @param {string} wanted
 * @throws CniError if it has another one in the same network: the containers' gateway is somewhere else then
 */
function hasAddress(bridge, wanted) {
  const addresses = addrList(bridge.name).map(({ address }) => address);
  const other = addresses.find((address) => !isSame(address, wanted) && overlap(address, wanted));
  if (other !== undefined)
    throw unusable(`bridge: ${bridge.name} has the address ${other}, which is not the gateway ${wanted}`);
  return addresses.some((address) => isSame(address, wanted));
}

/**
 * Gives the bridge the gateways of some addresses, and lets the host forward for them.
 *
 * @param {{ name: string }} bridge @param {readonly { address: string, gateway?: string }[]} ips
 * @throws CniError if the bridge has another address in the containers' network
 */
export function ensureGateway(bridge, ips) {
  for (const { address, gateway } of ips) {
    if (!gateway) continue;
    const wanted = `${gateway}/${address.split('/')[1]}`;
    if (!hasAddress(bridge, wanted)) {
      const made = makeUnlessThere(() => addrAdd(bridge.name, { address: wanted, flags: ['nodad'] }));
      if (!made) hasAddress(bridge, wanted);
    }
    forward(gateway);
  }
}

/** @param {string} gateway */
function forward(gateway) {
  const setting = `/proc/sys/net/${isIPv6(gateway) ? 'ipv6/conf/all/forwarding' : 'ipv4/ip_forward'}`;
  // Where it is on already, it may be read-only.
  if (readFileSync(setting, 'utf8').trim() !== '1') writeFileSync(setting, '1');
}
