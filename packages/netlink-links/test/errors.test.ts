import * as here from 'netlink-links';
import { LinkNotFoundError, type LinkSpec, Netlink, NetlinkError } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { type OperationName, type ScriptStep, scriptedNetlink } from 'netlink-links/testing';
import { replaceSyscalls } from 'netns-core/sys';
import { describe, expect, it } from 'vitest';
import { leakedFds, makeNamespaces, openFds, uniqueName } from '#testkit';

const { linkAdd, linkSetMTU, linkSetName, addrAdd } = operations;

describe('the three doors', () => {
  it('have the same operations', () => {
    const netlink = Netlink.open();
    for (const name of Object.keys(operations)) {
      expect(here, name).toHaveProperty(name);
      expect(netlink, name).toHaveProperty(name);
      expect(netlink.sync, name).toHaveProperty(name);
    }
    netlink.close();
  });
});

describe('bad arguments are refused before anything is sent', () => {
  it.each([
    ['a name that is too long', () => linkAdd({ type: 'bridge', name: 'sixteen-bytes-xx' }), "'.*' *|16 bytes"],
    ['a name with a slash', () => linkAdd({ type: 'bridge', name: '../x' }), "contains '/'"],
    ['an empty name', () => linkSetName('eth0', ''), 'it is empty'],
    ['a name with a space', () => linkAdd({ type: 'bridge', name: 'a b' }), "contains ' '"],
    [
      'a MAC that is none',
      () => linkAdd({ type: 'bridge', name: 'x', hardwareAddr: '02:00:00:00:00' }),
      '02:00:00:00:00',
    ],
    ['a multicast MAC', () => linkAdd({ type: 'bridge', name: 'x', hardwareAddr: '01:00:00:00:00:01' }), 'multicast'],
    ['an MTU below zero', () => linkSetMTU('x', -1), 'mtu must be an integer from 0 to 2147483647, got -1'],
    ['an MTU that is not a number', () => linkSetMTU('x', Number.NaN), 'NaN'],
    [
      'an index of zero',
      () => linkSetMTU(0, 1500),
      'link must be the name of a link, its index (an integer from 1 to 2147483647) or a Link, got 0',
    ],
    ['an impossible prefix', () => addrAdd('x', '192.0.2.1/33'), '192.0.2.1/33'],
    ['a kind that is not known', () => linkAdd({ type: 'token-ring', name: 'x' } as unknown as LinkSpec), 'token-ring'],
    ['a VXLAN identifier of 25 bits', () => linkAdd({ type: 'vxlan', name: 'x', vxlanId: 1 << 24 }), '16777216'],
    ['two namespaces at once', () => linkAdd({ type: 'bridge', name: 'x', netnsFd: 3, netnsPid: 4 }), 'not both'],
    [
      'a broadcast address of IPv6',
      () => addrAdd('x', { address: '2001:db8::1/64', broadcast: true }),
      'IPv6 has none',
    ],
    [
      'what can only be read',
      () => linkAdd({ type: 'bridge', name: 'x', gcTimer: 5 }),
      "'gcTimer' can be read, but not set",
    ],
  ])('%s', (_, make, words) => {
    expect(make).toThrow(new RegExp(words.includes('|') ? words : words.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')));
  });
});

describe('advice', () => {
  const refused = async (
    operation: OperationName,
    code: string | { readonly code: string; readonly message: string },
    call: (netlink: Netlink) => Promise<unknown>,
  ): Promise<string> => {
    const { netlink } = scriptedNetlink([{ operation, error: code } as ScriptStep]);
    const error: unknown = await call(netlink).catch((caught: unknown) => caught);
    return String(error);
  };

  it('does not speak of a missing capability to a process that has it: a bond refuses settings with EPERM', async () => {
    const message = await refused('linkModify', 'EPERM', (netlink) =>
      netlink.linkModify('bo0', { type: 'bond', upDelay: 100 }),
    );
    expect(message).not.toContain('lacks');
    expect(message).toContain('although this process has CAP_NET_ADMIN');
  });

  it.each<[string, OperationName, string, (netlink: Netlink) => Promise<unknown>, string]>([
    [
      'links',
      'linkAdd',
      'EOPNOTSUPP',
      (netlink) => netlink.linkAdd({ type: 'wireguard', name: 'wg0' }),
      'modprobe wireguard',
    ],
    ['bonds', 'linkAdd', 'EOPNOTSUPP', (netlink) => netlink.linkAdd({ type: 'bond', name: 'bo0' }), 'modprobe bonding'],
    [
      'queueing disciplines',
      'qdiscAdd',
      'ENOENT',
      (netlink) => netlink.qdiscAdd({ kind: 'netem', ifindex: 1 }),
      'modprobe sch_netem',
    ],
  ])('names the module that the kernel may lack for a kind of %s', async (_what, operation, code, call, advice) => {
    expect(await refused(operation, code, call)).toContain(advice);
  });

  it('names the module of an action that the kernel lacks, and no module where it was built without actions', async () => {
    const lacking = { code: 'ENOENT', message: 'Failed to load TC action module' };
    const filter =
      (...kinds: ('vlan' | 'connmark')[]) =>
      (netlink: Netlink) =>
        netlink.filterAdd({
          kind: 'matchall',
          ifindex: 1,
          actions: kinds.map((kind) => (kind === 'vlan' ? { kind, mode: 'pop' } : { kind })),
        });
    expect(await refused('filterAdd', lacking, filter('vlan'))).toContain(
      "cannot add filter matchall at root of #1: the kernel has no action 'vlan' (module act_vlan): Failed to load TC action module (ENOENT)",
    );
    expect(await refused('filterAdd', lacking, filter('vlan', 'connmark', 'vlan'))).toContain(
      "the kernel lacks one of the actions 'vlan', 'connmark' (modules act_vlan, act_connmark): ",
    );
    expect(await refused('actionAdd', lacking, (netlink) => netlink.actionAdd({ kind: 'connmark' }))).toContain(
      "cannot add action connmark: the kernel has no action 'connmark' (module act_connmark): ",
    );
    const without = {
      code: 'EOPNOTSUPP',
      message: 'Classifier actions are not supported per compile options (CONFIG_NET_CLS_ACT)',
    };
    const message = await refused('filterAdd', without, filter('vlan'));
    expect(message).toContain('CONFIG_NET_CLS_ACT');
    expect(message).not.toContain('modprobe');
  });
});

describe('errors of the kernel', () => {
  it('say that a link may be of another kind, where a change is of what one kind has', async () => {
    const name = uniqueName('e');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'veth', name: 'v0', peer: { name: 'v1' } });
    await expect(netlink.linkModify('v0', { type: 'bridge', ageingTime: 1 })).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringMatching(/^cannot change link v0: the link is not of the kind 'bridge', or the kernel/),
    });
  });

  it('name what exists already, where it is not the link itself', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'bridge', name: 'br0' });
    await netlink.linkAdd({ type: 'bridge', name: 'br1' });
    await expect(netlink.linkSetName('br1', 'br0')).rejects.toThrow(
      'cannot set the name br0 of link br1: a link named br0 exists already (EEXIST)',
    );
    await expect(netlink.linkAddAltName('br1', 'br0')).rejects.toThrow(
      'cannot add the alternative name br0 of link br1: a link named br0 exists already (EEXIST)',
    );
    await expect(netlink.linkAdd({ type: 'veth', name: 'v0', peer: { name: 'br0' } })).rejects.toThrow(
      'cannot add link v0: a link named v0 or br0 exists already (EEXIST)',
    );
  });

  it('carry its own words, the operation and its object', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    await netlink.linkAdd({ type: 'bridge', name: 'br0' });
    const error = await netlink
      .linkAdd({ type: 'bridge', name: 'br0' })
      .catch((caught: unknown) => caught as NetlinkError);
    expect(error).toBeInstanceOf(NetlinkError);
    expect(error).toMatchObject({
      code: 'EEXIST',
      errno: 17,
      operation: 'linkAdd',
      target: 'br0',
      message: 'cannot add link br0: it exists already (EEXIST)',
    });
    await expect(netlink.linkSetMTU('br0', 70_000)).rejects.toMatchObject({
      code: 'EINVAL',
      message: 'cannot set the MTU 70000 of link br0: mtu greater than device maximum (EINVAL)',
      extack: { message: 'mtu greater than device maximum' },
    });
    await expect(netlink.linkAdd({ type: 'macvlan', name: 'm0', parent: 'nothing' })).rejects.toThrow(
      'cannot add link m0: there is no link "nothing" in the namespace (ENODEV)',
    );
    await expect(netlink.linkAdd({ type: 'macvlan', name: 'm0' })).rejects.toMatchObject({ operation: 'linkAdd' });
    await expect(netlink.addrDel('br0', '192.0.2.1/24')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    await expect(netlink.linkDel('gone')).rejects.toThrow(LinkNotFoundError);
    await expect(netlink.linkByIndex(9999)).rejects.toThrow(
      'cannot find link #9999: there is no link with index 9999 in the namespace (ENODEV)',
    );
    await expect(netlink.linkSetNsPid('br0', 2 ** 30)).rejects.toMatchObject({
      operation: 'linkSetNsPid',
      target: 'br0',
    });
  });

  it('of a socket that cannot be opened leave nothing open', () => {
    const before = openFds();
    const restore = replaceSyscalls(() => ({ connect: () => -105 }));
    try {
      expect(() => here.linkList()).toThrow('ENOBUFS');
      expect(() => Netlink.open()).toThrow('ENOBUFS');
    } finally {
      restore();
    }
    expect(leakedFds(before)).toEqual([]);
  });
});

describe('interrupted dumps', () => {
  const NOTHING = new Uint8Array(0);
  /** Marks the first `times` datagrams of dumps as interrupted. */
  let left = 0;
  const interrupting = (times: number): (() => void) => {
    left = times;
    const mark = (buffer: Uint8Array, result: number): number => {
      if (
        result >= 20 &&
        buffer.length >= 20 &&
        left > 0 &&
        new DataView(buffer.buffer, buffer.byteOffset).getUint16(4, true) === 16
      ) {
        left -= 1;
        buffer[6] = (buffer[6] ?? 0) | 0x10;
      }
      return result;
    };
    return replaceSyscalls((real) => ({
      recv: (fd, buffer, flags) => mark(buffer, real.recv(fd, buffer, flags)),
      recvAsync: async (fd, buffer, flags) => mark(buffer, await real.recvAsync(fd, buffer, flags)),
      recvmmsgAsync: async (fd, buffers, sizes, flags) => {
        const count = await real.recvmmsgAsync(fd, buffers, sizes, flags);
        for (let index = 0; index < count; index += 1) mark(buffers[index] ?? NOTHING, sizes[index] ?? 0);
        return count;
      },
    }));
  };

  it('are started again, at every door', async () => {
    using netlink = Netlink.open();
    const expected = here.linkList().length;
    const restore = interrupting(3);
    try {
      expect((await netlink.linkList()).length).toBe(expected);
      expect(left).toBe(0);
    } finally {
      restore();
    }
    const again = interrupting(3);
    try {
      expect(here.linkList().length).toBe(expected);
      expect(left).toBe(0);
    } finally {
      again();
    }
  });

  it('fail by name when it does not stop; an iterator, which cannot start again, at once', async () => {
    using netlink = Netlink.open();
    const restore = interrupting(1000);
    try {
      await expect(netlink.linkList()).rejects.toMatchObject({ code: 'ERR_DUMP_INTERRUPTED', operation: 'linkList' });
      expect(() => netlink.sync.linkList()).toThrow('kept changing');
      await expect(drain(netlink.links())).rejects.toMatchObject({ code: 'ERR_DUMP_INTERRUPTED' });
    } finally {
      restore();
    }
    expect((await netlink.linkList()).length).toBeGreaterThan(0);
  });
});

describe('answers that do not come', () => {
  it('for want of room are an error by name, and the connection goes on', async () => {
    using netlink = Netlink.open();
    let once = true;
    const restore = replaceSyscalls((real) => ({
      recv: (fd, buffer, flags) => {
        if (!once) return real.recv(fd, buffer, flags);
        once = false;
        return -105;
      },
    }));
    try {
      await expect(netlink.linkByName('lo')).rejects.toMatchObject({ code: 'ENOBUFS' });
      expect((await netlink.linkByName('lo')).name).toBe('lo');
    } finally {
      restore();
    }
  });
});

async function drain(iterable: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of iterable);
}
