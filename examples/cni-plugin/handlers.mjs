// What the plugin does: joins a container to a bridge of the host by a veth pair, with the addresses of an IPAM plugin.
// It is what Debian's `bridge` does at its core, in a few lines of TypeScript's JavaScript.
//
//   { "type": "veth-bridge", "bridge": "vb0", "mtu": 1450, "isGateway": true, "ipam": { "type": "host-local", … } }
import { convertResult } from 'cni-types';
import { CniError, errorCodes } from 'cni-types/plugin';
import { addrAdd, addrList, linkByName, linkDel, linkList, linkSetMaster, NetlinkError, routeAdd } from 'netlink-links';
import { createEscapeVethPair } from 'netlink-links/container';
import { NamespaceNotFoundError, runInNamespace } from 'netns-core';
import { ensureBridge, ensureGateway } from './bridge.mjs';

/** @param {unknown} value */
const text = (value, fallback = '') => (typeof value === 'string' ? value : fallback);
/** @param {unknown} value */
const size = (value) => (typeof value === 'number' ? value : 1500);

/** The IPAM plugin that the configuration names. @param {import('cni-types/plugin').PluginRequest} request */
function ipamType({ config }) {
  if (config.ipam?.type) return config.ipam.type;
  throw new CniError({ code: errorCodes.invalidNetworkConfig, msg: 'ipam.type: is missing', place: 'ipam.type' });
}

/**
 * Deletes the container's interface, and the other end with it, unless it or the namespace has gone already.
 * @param {string} netns @param {string} ifName
 */
function deleteLink(netns, ifName) {
  try {
    runInNamespace({ path: netns }, () => linkDel(ifName));
  } catch (error) {
    if (error instanceof NamespaceNotFoundError) return;
    if (!(error instanceof NetlinkError) || error.code !== 'ENODEV') throw error;
  }
}

/** @type {import('cni-types/plugin').PluginHandlers} */
export const vethBridge = {
  about: 'veth-bridge: joins a container to a bridge by a veth pair',

  async add(request) {
    const { config, netns, ifName } = request;
    const mtu = size(config.mtu);
    const given = await request.delegate(ipamType(request));
    let made = false;
    try {
      const { ips = [], routes = [], dns } = convertResult(given ?? { cniVersion: '1.0.0' }, '1.0.0');
      const bridge = ensureBridge(text(config.bridge, 'vb0'), mtu);

      /** @template T @param {() => T} work */
      const inContainer = (work) => runInNamespace({ path: netns }, work);
      if (inContainer(() => linkList().some((link) => link.name === ifName)))
        throw new CniError({
          code: errorCodes.internal,
          msg: `there is an interface ${ifName} in the container already`,
        });
      const { outer, inner } = createEscapeVethPair({ path: netns }, ifName, mtu);
      made = true;
      inContainer(() => {
        for (const ip of ips) addrAdd(ifName, { address: ip.address, flags: ['nodad'] });
        for (const { dst, gw } of routes) {
          const gateway = gw || ips.find((ip) => ip.address.includes(':') === dst.includes(':'))?.gateway;
          routeAdd({ dst, oif: ifName, ...(gateway ? { gateway } : {}) });
        }
      });

      linkSetMaster(outer, bridge);
      if (config.isGateway === true) ensureGateway(bridge, ips);
      return {
        cniVersion: '1.0.0',
        interfaces: [
          { name: bridge.name, mac: linkByName(bridge.name).hardwareAddr },
          { name: outer.name, mac: outer.hardwareAddr },
          { name: ifName, mac: inner.hardwareAddr, sandbox: netns },
        ],
        ips: ips.map((ip) => ({ ...ip, interface: 2 })),
        routes,
        ...(dns ? { dns } : {}),
      };
    } catch (error) {
      // Half an attachment must not keep its addresses, nor its interface.
      await request.delegate(ipamType(request), { command: 'DEL' }).catch(() => {});
      if (made) deleteLink(netns, ifName);
      throw error;
    }
  },

  async del(request) {
    await request.delegate(ipamType(request));
    if (request.netns !== '') deleteLink(request.netns, request.ifName);
  },

  async check(request) {
    await request.delegate(ipamType(request));
    const { ips = [] } = convertResult(request.prevResult ?? { cniVersion: '1.0.0' }, '1.0.0');
    const there = runInNamespace({ path: request.netns }, () => addrList(request.ifName).map(({ address }) => address));
    for (const { address } of ips)
      if (!there.includes(address))
        throw new CniError({
          code: 100,
          msg: `${request.ifName} has lost ${address}`,
          details: `it has ${there.join(', ')}`,
        });
  },

  async gc(request) {
    await request.delegate(ipamType(request));
  },

  async status(request) {
    await request.delegate(ipamType(request));
  },
};
