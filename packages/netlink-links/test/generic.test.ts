import { type GenericFamily, genericFamilyGet, genericSubscribe, Netlink, rawSubscribe } from 'netlink-links';
import { Attributes, attr } from 'netlink-links/attributes';
import * as operations from 'netlink-links/operations';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, leakedFds, makeNamespaces, openFds, retryUntil, run, uniqueName } from '#testkit';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_NEWRULE = 32;
const NLM_F_CREATE = 0x400;
const NLM_F_EXCL = 0x200;
const IFLA_IFNAME = 3;
const ETHTOOL_MSG_LINKINFO_GET = 2;
const ETHTOOL_MSG_FEATURES_SET = 12;

let name = '';
let namespaces: Disposable;
let netlink: Netlink;
beforeEach(() => {
  name = uniqueName('ge');
  namespaces = makeNamespaces(name);
  ipIn(name, 'link add v0 type veth peer name v1');
  netlink = Netlink.open(name);
});
afterEach(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

/** What `genl ctrl list` prints of each family. */
function shownFamilies(): { name: string; id: number; headerSize: number; maxAttribute: number; commands: number[] }[] {
  return run('genl', ['ctrl', 'list'])
    .split(/(?=^Name: )/m)
    .filter((text) => text.startsWith('Name: '))
    .map((text) => ({
      name: /^Name: (\S+)/.exec(text)?.[1] ?? '',
      id: Number(/ID: (\S+)/.exec(text)?.[1]),
      headerSize: Number(/header size: (\d+)/.exec(text)?.[1]),
      maxAttribute: Number(/max attribs: (\d+)/.exec(text)?.[1]),
      commands: [...text.matchAll(/^\s+#\d+:\s+ID-(0x[0-9a-f]+)\s*$/gm)].map(([, id]) => Number(id)),
    }));
}

describe('families of generic netlink', () => {
  it('are what genl shows, with their commands and groups', async () => {
    const ours = await netlink.genericFamilyList();
    const theirs = shownFamilies();
    expect(theirs.length).toBeGreaterThan(1);
    for (const family of theirs) {
      const {
        id,
        headerSize,
        maxAttribute,
        operations: commands,
      } = ours.find((each) => each.name === family.name) ?? {};
      expect({ name: family.name, id, headerSize, maxAttribute }).toEqual({
        name: family.name,
        id: family.id,
        headerSize: family.headerSize,
        maxAttribute: family.maxAttribute,
      });
      expect(commands?.map(({ command }) => command)).toEqual(family.commands);
    }
    const controller = netlink.sync.genericFamilyGet('nlctrl');
    expect(controller).toMatchObject({ id: 16, groups: [{ name: 'notify' }] });
    expect(controller.operations.find(({ command }) => command === 3)?.flags).toContain('dump');
    expect(await netlink.genericFamilyGet(16)).toEqual(controller);
    expect(genericFamilyGet('nlctrl')).toEqual(controller);
  });

  it('that the kernel lacks are named', async () => {
    const message =
      "cannot find generic netlink family 'no-such': generic netlink family 'no-such' is not registered: the kernel lacks it, or its module is not loaded (ENOENT)";
    expect(() => netlink.sync.genericFamilyGet('no-such')).toThrow(message);
    await expect(netlink.genericRequest('no-such', { command: 1, answer: 'ack' })).rejects.toMatchObject({
      name: 'NetlinkError',
      code: 'ENOENT',
      target: 'no-such',
      message: expect.stringContaining("generic netlink family 'no-such' is not registered"),
    });
  });
});

describe('messages of generic netlink', () => {
  const asked = { command: ETHTOOL_MSG_LINKINFO_GET, attributes: [attr.nested(1, [attr.string(2, 'v0')])] } as const;

  it('are sent and answered, one or many, in all ways', async () => {
    const index = netlink.sync.linkByName('v0').index;
    const [one] = await netlink.genericRequest('ethtool', { ...asked, answer: 'one' });
    expect(one?.attributes.nested(1)?.u32(1)).toBe(index);
    expect(one?.attributes.nested(1)?.string(2)).toBe('v0');
    const family = netlink.sync.genericFamilyGet('ethtool');
    const all = netlink.sync.genericRequest(family, { command: ETHTOOL_MSG_LINKINFO_GET, answer: 'dump' });
    expect(all.map(({ attributes }) => attributes.nested(1)?.string(2)).sort()).toEqual(['v0', 'v1']);
    const nothing = { command: ETHTOOL_MSG_LINKINFO_GET, attributes: [attr.nested(1, [attr.string(2, 'no')])] };
    await expect(netlink.genericRequest('ethtool', { ...nothing, answer: 'one' })).rejects.toMatchObject({
      code: 'ENODEV',
      extack: { message: 'no device matches name' },
    });
  });

  it('keep their place in a batch of several protocols', async () => {
    const { linkModify, genericRequest, linkByName, genericFamilyGet: get } = operations;
    const results = await netlink.batch([
      linkModify('v0', { name: 'w0' }),
      genericRequest('ethtool', {
        command: ETHTOOL_MSG_LINKINFO_GET,
        attributes: [attr.nested(1, [attr.string(2, 'w0')])],
        answer: 'one',
      }),
      get('nlctrl'),
      linkModify('w0', { name: 'v0' }),
      get('ethtool'),
      linkByName('v0'),
    ]);
    expect(results[1][0]?.attributes.nested(1)?.string(2)).toBe('w0');
    expect(results[2].id).toBe(16);
    expect(results[4].name).toBe('ethtool');
    expect(results[5].name).toBe('v0');
  });

  it('go to the family that has the number now, when it was loaded anew', async () => {
    const family = netlink.sync.genericFamilyGet('ethtool');
    // No family has this number: as one that was removed.
    const stale: GenericFamily = { ...family, id: 1000 };
    const [message] = await netlink.genericRequest(stale, { ...asked, answer: 'one' });
    expect(message?.attributes.nested(1)?.string(2)).toBe('v0');
    // A family that has its number, and lacks the object, is not asked twice.
    await expect(netlink.genericRequest(stale, { command: 250, answer: 'ack' })).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
    });
  });

  it('of groups come as they are sent, with the name of the group', async () => {
    const { groups } = netlink.sync.genericFamilyGet('ethtool');
    expect(groups.map((group) => group.name)).toContain('monitor');
    using updates = genericSubscribe({ family: 'ethtool', groups: ['monitor'], namespace: name });
    ip('netns', 'exec', name, 'ethtool', '-K', 'v0', 'tso', 'off');
    const { value } = await updates.next();
    expect(value).toMatchObject({ type: 'message', group: 'monitor' });
    if (value?.type !== 'message') throw new Error('a message was expected');
    expect(value.message.attributes.nested(1)?.string(2)).toBe('v0');
    updates.close();
    expect(await updates.next()).toEqual({ done: true, value: undefined });
    expect(() => genericSubscribe({ family: 'ethtool', groups: ['nothing'], namespace: name })).toThrow(
      "generic netlink family 'ethtool' has no group 'nothing': its groups are monitor",
    );
  });

  it('change things', async () => {
    const features = (): string => ip('netns', 'exec', name, 'ethtool', '-k', 'v0');
    expect(features()).toContain('tcp-segmentation-offload: on');
    const bit = attr.nested(1, [attr.string(2, 'tx-tcp-segmentation')]);
    await netlink.genericRequest('ethtool', {
      command: ETHTOOL_MSG_FEATURES_SET,
      attributes: [attr.nested(1, [attr.string(2, 'v0')]), attr.nested(3, [attr.nested(3, [bit])])],
      answer: 'ack',
    });
    expect(features()).toMatch(/tx-tcp-segmentation: off/);
  });
});

describe('raw messages', () => {
  const header = new Uint8Array(16);

  it('are sent as they are, and answered as they come', async () => {
    const [link] = await netlink.rawRequest({
      type: RTM_GETLINK,
      header,
      attributes: [attr.string(IFLA_IFNAME, 'v0')],
      answer: 'one',
    });
    expect(link?.type).toBe(RTM_NEWLINK);
    expect(link?.attributes(16).string(IFLA_IFNAME)).toBe('v0');
    const all = netlink.sync.rawRequest({ type: RTM_GETLINK, payload: header, answer: 'dump' });
    const names = all.map((message) => message.attributes(16).string(IFLA_IFNAME));
    expect(names.sort()).toEqual(
      ipJson<{ ifname: string }>('link', name)
        .map(({ ifname }) => ifname)
        .sort(),
    );
    expect(
      operations
        .rawRequest({ type: 40, payload: new Uint8Array(5), answer: 'ack' })
        .start()
        .next().value,
    ).toEqual(expect.objectContaining({ message: expect.objectContaining({ length: 21 }) }));
  });

  it('are answered with what the kernel made, where it echoes it, and with nothing where it does not', async () => {
    const rule = (table: number) => {
      const fixed = new Uint8Array(12);
      fixed.set([2, 0, 0, 0, table, 0, 0, 1]);
      return fixed;
    };
    const flags = NLM_F_CREATE | NLM_F_EXCL;
    const [made] = await netlink.rawRequest({ type: RTM_NEWRULE, flags, header: rule(77), answer: 'echo' });
    expect(made?.type).toBe(RTM_NEWRULE);
    expect(made?.attributes(12).u32(6)).toBe(netlink.sync.ruleList({ table: 77 })[0]?.priority);
    const neighbour = new Uint8Array(12);
    neighbour[0] = 2;
    new DataView(neighbour.buffer).setInt32(4, netlink.sync.linkByName('v0').index, true);
    new DataView(neighbour.buffer).setUint16(8, 0x80, true);
    expect(
      netlink.sync.rawRequest({
        type: 28,
        flags,
        header: neighbour,
        attributes: [attr.bytes(1, Uint8Array.of(192, 0, 2, 9)), attr.bytes(2, Uint8Array.of(2, 0, 0, 0, 0, 9))],
        answer: 'echo',
      }),
    ).toEqual([]);
    expect(netlink.sync.neighList({ link: 'v0' })).toMatchObject([{ dst: '192.0.2.9' }]);
    await expect(
      netlink.rawRequest({
        type: RTM_NEWRULE,
        flags,
        header: rule(77),
        attributes: [...(made?.attributes(12) ?? [])],
        answer: 'echo',
      }),
    ).rejects.toMatchObject({ code: 'EEXIST', operation: 'rawRequest' });
  });

  it('of groups come as they are sent', async () => {
    using updates = rawSubscribe({ groups: [1], namespace: name });
    ipIn(name, 'link add d0 type bridge');
    const { value } = await updates.next();
    if (value?.type !== 'message') throw new Error('a message was expected');
    expect(value.message.type).toBe(RTM_NEWLINK);
    expect(value.message.attributes(16).string(IFLA_IFNAME)).toBe('d0');
  });

  it('that come faster than they are read are told to be lost, and others follow', async () => {
    using updates = rawSubscribe({ groups: [1], namespace: name, bufferSize: 4096 });
    const commands = Array.from({ length: 200 }, (_, index) => `link set v0 mtu ${1000 + index}`).join('\n');
    run('ip', ['-n', name, '-b', '-'], { input: commands });
    const seen = new Set<string>();
    for await (const update of updates) {
      seen.add(update.type);
      if (update.type === 'lost') ipIn(name, 'link add d9 type bridge');
      if (update.type === 'message' && update.message.attributes(16).string(IFLA_IFNAME) === 'd9') break;
    }
    expect(seen).toContain('lost');
  });
});

it('connections to several protocols leave no file descriptor behind', async () => {
  const use = async (): Promise<void> => {
    const other = Netlink.open(name);
    await Promise.all([other.linkList(), other.genericFamilyList(), other.genericFamilyGet('ethtool')]);
    other.sync.genericFamilyGet('nlctrl');
    other.sync.linkList();
    using updates = genericSubscribe({ family: 'nlctrl', namespace: name });
    expect(() => genericSubscribe({ family: 'no-such', namespace: name })).toThrow('ENOENT');
    expect(() => rawSubscribe({ protocol: 31, groups: [1], namespace: name })).toThrow();
    other.close();
    updates.close();
  };
  await use();
  const before = openFds();
  for (let round = 0; round < 5; round += 1) await use();
  await retryUntil(() => leakedFds(before).length === 0);
  expect(leakedFds(before)).toEqual([]);
});

describe('the codec of attributes', () => {
  it('gives back what it was given', () => {
    const list = [
      attr.u8(1, 255),
      attr.u16(2, 65_535),
      attr.u32(3, 0xffffffff),
      attr.u64(4, 2n ** 64n - 1n),
      attr.i32(5, -7),
      attr.be16(6, 80),
      attr.be32(7, 0x7f000001),
      attr.be64(8, 9n),
      attr.string(9, 'übung'),
      attr.bytes(10, Uint8Array.of(1, 2, 3)),
      attr.flag(11),
      attr.nested(12, [attr.nested(1, [attr.u8(1, 7)], { flagged: false }), attr.nested(2, [attr.u8(1, 8)])]),
    ];
    const read = Attributes.of(attr.nested(0, list).data);
    expect([...read]).toEqual(list);
    expect([read.u8(1), read.u16(2), read.u32(3), read.u64(4), read.i32(5)]).toEqual([
      255,
      65_535,
      0xffffffff,
      2n ** 64n - 1n,
      -7,
    ]);
    expect([read.be16(6), read.be32(7), read.be64(8), read.string(9), read.bytes(10)]).toEqual([
      80,
      0x7f000001,
      9n,
      'übung',
      Uint8Array.of(1, 2, 3),
    ]);
    expect([read.has(11), read.has(13), read.u32(13), read.nested(13), read.list(13)]).toEqual([
      true,
      false,
      undefined,
      undefined,
      [],
    ]);
    expect(read.list(12).map((element) => element.u8(1))).toEqual([7, 8]);
    expect(read.nested(12)?.nested(2)?.u8(1)).toBe(8);
  });

  it('refuses what does not fit, and reads nothing that does not', () => {
    expect(() => attr.u8(1, 256)).toThrow('value of attribute 1 must be an integer from 0 to 255, got 256');
    expect(() => attr.u64(1, -1n)).toThrow('must be a bigint from 0n');
    expect(() => attr.u8(0x4000, 1)).toThrow('type must be the number of an attribute, from 0 to 16383, got 16384');
    expect(() => attr.bytes(1, new Uint8Array(65_532))).toThrow('has 65532 bytes, an attribute holds 65531 at most');
    expect(() => attr.string(1, 'a\0b')).toThrow('without NUL');
    expect(() => attr.nested(1, [{} as never])).toThrow('list must be an array of attributes');
    const read = Attributes.of(attr.nested(0, [attr.u16(1, 7)]).data);
    expect(() => read.u32(1)).toThrow(expect.objectContaining({ code: 'ERR_NETLINK_MALFORMED' }));
    expect(() => Attributes.of(Uint8Array.of(9, 0, 1, 0, 5))).toThrow('an attribute claims 9 bytes where 5 are left');
    expect(() => read.nested(1)).toThrow('2 stray bytes after the last attribute');
  });
});

it('requests are refused before anything is sent', () => {
  const { genericRequest, rawRequest, genericFamilyGet: get } = operations;
  expect(() => genericRequest('ethtool', { command: 1, header: new Uint8Array(3), answer: 'ack' })).toThrow(
    'header must have a multiple of 4 bytes',
  );
  expect(() => genericRequest('x'.repeat(16), { command: 1, answer: 'ack' })).toThrow('1 to 15 bytes');
  expect(() => genericRequest('ethtool', { command: 1, answer: 'echo' as never })).toThrow(
    "answer must be one of ack, one, dump, got 'echo'",
  );
  expect(() => get(5)).toThrow('from 16 to 65535');
  expect(() => rawRequest({ type: 3, answer: 'ack' })).toThrow('type must be an integer from 16 to 65535, got 3');
  expect(() => rawRequest({ type: 18, payload: header4(), header: header4(), answer: 'ack' })).toThrow(
    'excludes `header` and `attributes`',
  );
  expect(() => rawRequest({ protocol: 'nothing' as never, type: 18, answer: 'ack' })).toThrow(
    "protocol must be one of route, generic, sock_diag or a number up to 31, got 'nothing'",
  );
  expect(() => rawSubscribe({ groups: [] })).toThrow('groups must be an array of numbers of groups');
  expect(() => rawSubscribe({ groups: [1], listExisting: true } as never)).toThrow('listExisting');
});

function header4(): Uint8Array {
  return new Uint8Array(4);
}
