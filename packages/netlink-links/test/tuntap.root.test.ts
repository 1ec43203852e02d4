import { linkAdd, Netlink } from 'netlink-links';
import { runInNamespace } from 'netns-core';
import { Errno, replaceSyscalls } from 'netns-core/sys';
import { describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, uniqueName } from '#testkit';
import { giveBackLink } from './given-back-link.ts';

describe('TUN and TAP devices', () => {
  it('are made persistent, read back as ip reads them, and deleted', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'tuntap', name: 'tap0', mode: 'tap', mtu: 1400, up: true });
    await netlink.linkAdd({
      type: 'tuntap',
      name: 'tun0',
      mode: 'tun',
      owner: 54321,
      ownerGroup: 54322,
      multiQueue: true,
    });
    const [tap] = ipJson<{ mtu: number; linkinfo: { info_data: unknown } }>('link show tap0', name);
    expect(tap).toMatchObject({
      mtu: 1400,
      linkinfo: { info_kind: 'tun', info_data: { type: 'tap', pi: false, vnet_hdr: false, persist: true } },
    });
    expect(ipJson('link show tun0', name)[0]).toMatchObject({
      linkinfo: { info_data: { type: 'tun', user: 54321, group: 54322, multi_queue: true } },
    });
    expect(await netlink.linkByName('tun0')).toMatchObject({
      type: 'tuntap',
      mode: 'tun',
      owner: 54321,
      ownerGroup: 54322,
      multiQueue: true,
      persist: true,
      packetInformation: false,
    });
    await expect(netlink.linkAdd({ type: 'tuntap', name: 'tap0', mode: 'tap' })).rejects.toMatchObject({
      code: 'EBUSY',
      operation: 'linkAdd',
    });
    await netlink.linkDel('tap0');
    await netlink.linkDel('tun0');
  });

  it('are made again by what was read of them, as they were', () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    for (const line of ['tuntap add it mode tun pi', 'tuntap add it mode tap vnet_hdr multi_queue user 0 group 0']) {
      ipIn(name, line);
      for (const option of ['alias far', 'mtu 1400', 'up']) ipIn(name, `link set it ${option}`);
      giveBackLink(netlink, name);
    }
  });

  it('are not left behind when what completes them cannot be sent', () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    runInNamespace(name, () => {
      let sends = 0;
      const restore = replaceSyscalls((real) => ({
        send: (fd, data, flags) => {
          sends += 1;
          return sends === 1 ? -Errno.ENOBUFS : real.send(fd, data, flags);
        },
      }));
      try {
        expect(() => linkAdd({ type: 'tuntap', name: 'tap0', mode: 'tap', mtu: 1400 })).toThrow(
          expect.objectContaining({ code: 'ENOBUFS' }),
        );
      } finally {
        restore();
      }
    });
    expect(ipJson<{ ifname: string }>('link show', name).map(({ ifname }) => ifname)).toEqual(['lo']);
  });
});
