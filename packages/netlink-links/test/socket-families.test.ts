import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Netlink,
  type NetlinkSocketInfo,
  type PacketSocketInfo,
  type SocketFamily,
  type SocketFilter,
  type SocketInfo,
  type UnixSocketInfo,
} from 'netlink-links';
import { socketDestroy, socketDestroyAll, socketGet, socketList } from 'netlink-links/operations';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipJson, makeNamespaces, run, uniqueName } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.js';
import { genericSockets } from '../src/sockets/families/generic.js';
import { LOCAL_FAMILIES } from '../src/sockets/families/index.js';
import { endHeldSockets, heldSockets } from './held-sockets.js';

let name: string;
let namespaces: Disposable;
let netlink: Netlink;
let folder: string;
beforeEach(() => {
  name = uniqueName('sf');
  namespaces = makeNamespaces(name);
  netlink = Netlink.open(name);
  folder = mkdtempSync(path.join(tmpdir(), 'sockets-'));
});
afterEach(() => {
  endHeldSockets();
  netlink.close();
  namespaces[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** Lines of `ss` in the namespace, their columns apart. */
const ss = (...args: string[]): string[][] =>
  run('ip', ['netns', 'exec', name, 'ss', '-H', ...args])
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/));

function ofFamily<F extends SocketFamily>(family: F, filter: SocketFilter = {}): (SocketInfo & { family: F })[] {
  const asked: SocketFilter = { ...filter, family };
  return netlink.sync
    .socketList(asked)
    .filter((socket): socket is SocketInfo & { family: F } => socket.family === family);
}

describe('Unix sockets', () => {
  const held = (...lines: readonly string[]) => heldSockets<number[]>(lines, { namespace: name });

  /** A listener with a path and a connection that waits, an abstract one, a pair of datagram sockets, and one without a name. */
  async function variety(): Promise<number[]> {
    const { first } = await held(
      'def made(kind): return socket.socket(socket.AF_UNIX, kind)',
      'stream, other, bare = made(socket.SOCK_STREAM), made(socket.SOCK_SEQPACKET), made(socket.SOCK_DGRAM)',
      `stream.bind(${JSON.stringify(`${folder}/listens`)})`,
      'stream.listen(7)',
      'other.bind(b"\\0abstract\\0name")',
      'other.listen(3)',
      'waiting = made(socket.SOCK_STREAM)',
      'waiting.connect(stream.getsockname())',
      'left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)',
      'left.send(b"x" * 100)',
      'told([os.fstat(s.fileno()).st_ino for s in (stream, other, bare, waiting, left, right)])',
    );
    return first;
  }

  it('tell their names, files, peers and queues', async () => {
    const [stream = 0, other = 0, bare = 0, waiting = 0, left = 0, right = 0] = await variety();
    const byInode = new Map(ofFamily('unix').map((socket) => [socket.inode, socket]));
    const { ino, dev } = statSync(`${folder}/listens`);
    expect(byInode.get(stream)).toMatchObject({
      family: 'unix',
      type: 'stream',
      state: 'listen',
      path: `${folder}/listens`,
      file: { inode: ino, device: dev },
      receiveQueue: 1,
      sendQueue: 7,
      uid: process.getuid?.(),
      pendingInodes: [waiting],
    });
    expect(byInode.get(other)).toMatchObject({ type: 'seqpacket', state: 'listen', path: '@abstract\0name' });
    expect(byInode.get(other)).not.toHaveProperty('file');
    expect(byInode.get(bare)).toMatchObject({ type: 'dgram', state: 'close', receiveQueue: 0 });
    expect(byInode.get(bare)).not.toHaveProperty('path');
    // Not accepted, it has no socket at the other end that a process has.
    expect(byInode.get(waiting)).toMatchObject({ type: 'stream', state: 'established', peerInode: 0 });
    expect(byInode.get(left)).toMatchObject({ type: 'dgram', state: 'established', peerInode: right });
    expect(byInode.get(right)).toMatchObject({ peerInode: left, receiveQueue: 100 });
  });

  it('are those that ss shows', async () => {
    await variety();
    const types: Readonly<Record<string, string>> = { stream: 'u_str', dgram: 'u_dgr', seqpacket: 'u_seq' };
    const states: Readonly<Record<string, string>> = { listen: 'LISTEN', established: 'ESTAB', close: 'UNCONN' };
    const shown = ({ type, state, receiveQueue, sendQueue, path: bound, inode, peerInode }: UnixSocketInfo) =>
      [
        types[type],
        states[state],
        receiveQueue,
        sendQueue,
        bound?.replaceAll('\0', '@') ?? '*',
        inode,
        '*',
        peerInode ?? 0,
      ].join(' ');
    const theirs = ss('-xae').map((columns) => columns.slice(0, 8).join(' '));
    expect(ofFamily('unix').map(shown).sort()).toEqual(theirs.sort());
    expect(theirs).toHaveLength(6);
  });

  it('are chosen by state, inode, cookie and uid, and found one by one', async () => {
    const [stream = 0, other = 0] = await variety();
    const inodes = (filter: SocketFilter): number[] => ofFamily('unix', filter).map(({ inode }) => inode);
    expect(inodes({ states: ['listen'] }).sort()).toEqual([stream, other].sort());
    expect(inodes({ inode: stream })).toEqual([stream]);
    expect(inodes({ uid: 4_000_000_000 })).toEqual([]);
    const [socket] = ofFamily('unix', { inode: stream });
    if (socket === undefined) throw new Error('a socket was expected');
    expect(inodes({ cookie: socket.cookie })).toEqual([stream]);
    expect(await netlink.socketGet(socket)).toEqual(socket);
    expect(await netlink.socketGet({ family: 'unix', inode: stream })).toEqual(socket);
    const successor = { ...socket, cookie: socket.cookie + 1n };
    await expect(netlink.socketGet(successor)).rejects.toMatchObject({ name: 'NetlinkError' });
  });

  it('tell of their memory and of what was shut down when asked for', async () => {
    const { first } = await held(
      'left, right = socket.socketpair()',
      'left.shutdown(socket.SHUT_WR)',
      'told([os.fstat(s.fileno()).st_ino for s in (left, right)])',
    );
    const [left = 0, right = 0] = first;
    const told = new Map(ofFamily('unix', { details: ['memory', 'shutdown'] }).map((socket) => [socket.inode, socket]));
    expect(told.get(left)).toMatchObject({ shutdown: 2, memory: { rmemAlloc: 0, sendBuffer: expect.any(Number) } });
    expect(told.get(right)).toMatchObject({ shutdown: 1 });
    const [plain] = ofFamily('unix', { inode: left });
    expect(plain).not.toHaveProperty('memory');
    expect(plain).not.toHaveProperty('shutdown');
  });
});

describe('netlink sockets', () => {
  it('tell their ports, groups and flags, as ss does', async () => {
    const { first } = await heldSockets<number[]>(
      [
        'route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)',
        'route.bind((0, 1 | 1 << 6))',
        'route.setsockopt(270, 1, 27)',
        'route.setsockopt(270, 5, 1)',
        'diag = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 4)',
        'diag.connect((0, 0))',
        'told([os.fstat(route.fileno()).st_ino, route.getsockname()[0], os.fstat(diag.fileno()).st_ino])',
      ],
      { namespace: name },
    );
    const [routeInode, portId, diagInode] = first;
    const found = ofFamily('netlink', { details: ['memory'] });
    const route = found.find(({ inode }) => inode === routeInode);
    expect(route).toMatchObject({
      type: 'raw',
      protocol: 'route',
      portId,
      connected: false,
      remotePortId: 0,
      groups: [1, 7, 27],
      flags: ['no_enobufs'],
      memory: { rmemAlloc: 0 },
    });
    const diag = found.find(({ inode }) => inode === diagInode);
    expect(diag).toMatchObject({ type: 'dgram', protocol: 'sock_diag', connected: true });
    expect(found.some(({ protocol, portId: port }) => protocol === 'route' && port === 0)).toBe(true);
    // ss names the port, and the first 32 groups as a mask.
    const shown = ({ portId: port, groups = [] }: NetlinkSocketInfo): string => {
      const mask = groups.filter((group) => group <= 32).reduce((bits, group) => bits + 2 ** (group - 1), 0);
      return `${port} groups=0x${mask.toString(16).padStart(8, '0')}`;
    };
    const theirs = ss('-aen', '-f', 'netlink').map((columns) => {
      const port = /:(?:\S+\/)?(\d+|kernel)$/.exec(columns[3] ?? '')?.[1];
      return `${port === 'kernel' ? 0 : port} ${columns.at(-1)}`;
    });
    // The sockets by which the two lists are asked for come and go.
    const lasting = found.filter(
      ({ inode, portId: port }) => inode === routeInode || inode === diagInode || port === 0,
    );
    expect(theirs).toEqual(expect.arrayContaining(lasting.map(shown)));
    expect(lasting.length).toBeGreaterThan(3);
  });
});

describe('packet sockets', () => {
  const SOL_PACKET = 263;

  it('tell their link, what they receive, rings, group and filter, as ss does', async () => {
    ip('-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    for (const link of ['v0', 'v1']) ip('-n', name, 'link', 'set', link, 'up');
    const [v0] = ipJson<{ ifindex: number }>('link show v0', name);
    const { first } = await heldSockets<number[]>(
      [
        'ALL = socket.htons(3)',
        'def made(kind, protocol): return socket.socket(socket.AF_PACKET, kind, protocol)',
        'capture = made(socket.SOCK_RAW, 0)',
        `capture.setsockopt(${SOL_PACKET}, 10, 1)`, // PACKET_VERSION: TPACKET_V2
        `capture.setsockopt(${SOL_PACKET}, 5, struct.pack("IIII", 4096, 2, 2048, 4))`, // PACKET_RX_RING
        `capture.setsockopt(${SOL_PACKET}, 1, struct.pack("iHH8s", ${v0?.ifindex}, 1, 0, b""))`, // PACKET_ADD_MEMBERSHIP
        'filter = struct.pack("HBBI", 0x06, 0, 0, 0xffff)',
        'import ctypes',
        'code = ctypes.create_string_buffer(filter)',
        'capture.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(code)))',
        'capture.bind(("v0", 3))',
        `capture.setsockopt(${SOL_PACKET}, 18, 5 | 1 << 16)`, // PACKET_FANOUT: group 5, by load
        'arp = made(socket.SOCK_DGRAM, socket.htons(0x806))',
        'told([os.fstat(s.fileno()).st_ino for s in (capture, arp)])',
      ],
      { namespace: name },
    );
    const [capture, arp] = first;
    const byInode = new Map(ofFamily('packet', { details: ['memory'] }).map((socket) => [socket.inode, socket]));
    expect(byInode.get(capture ?? 0)).toMatchObject({
      family: 'packet',
      type: 'raw',
      protocol: 'all',
      ifindex: v0?.ifindex,
      uid: process.getuid?.(),
      version: 2,
      flags: ['running'],
      memberships: [{ ifindex: v0?.ifindex, count: 1, type: 'promisc' }],
      rxRing: { blockSize: 4096, blocks: 2, frameSize: 2048, frames: 4 },
      fanout: { id: 5, type: 1, flags: 0 },
      filter: [{ code: 6, jt: 0, jf: 0, k: 0xffff }],
      memory: { rmemAlloc: 0 },
    });
    expect(byInode.get(arp ?? 0)).toMatchObject({ type: 'dgram', protocol: 'arp', version: 1 });
    expect(byInode.get(arp ?? 0)).not.toHaveProperty('ifindex');
    const shown = ({ type, protocol, ifindex, inode, cookie }: PacketSocketInfo): string =>
      [
        type === 'raw' ? 'p_raw' : 'p_dgr',
        `${protocol === 'all' ? '*' : protocol}:${ifindex === undefined ? '*' : 'v0'}`,
        `ino:${inode}`,
        `sk:${cookie.toString(16)}`,
      ].join(' ');
    const lines = ss('-0ae');
    const theirs = lines
      .filter(([kind]) => kind?.startsWith('p_'))
      .map((columns) => [columns[0], columns[4], ...columns.filter((column) => /^(ino|sk):/.test(column))].join(' '));
    expect(ofFamily('packet').map(shown).sort()).toEqual(theirs.sort());
    expect(theirs).toHaveLength(2);
    // On lines of their own.
    expect(lines.map((columns) => columns.join(' '))).toEqual(
      expect.arrayContaining([
        'ver:1 cpy_thresh:0 flags( running )',
        'fanout(id:5,type:lb)',
        expect.stringMatching(/^ring_rx\(blk_size:4096,blk_nr:2,frm_size:2048,frm_nr:4/),
      ]),
    );
    expect(ofFamily('packet', { link: 'v0' }).map(({ inode }) => inode)).toEqual([capture]);
    expect(ofFamily('packet', { inode: arp }).map(({ protocol }) => protocol)).toEqual(['arp']);
    expect(() => ofFamily('packet', { link: 'none' })).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  });
});

describe('several families', () => {
  it('are listed at once, each detail by those that have it, and by the iterator', async () => {
    const { first } = await heldSockets<number[]>(
      [
        'unix = socket.socket(socket.AF_UNIX)',
        'tcp = socket.socket()',
        'tcp.bind(("127.0.0.1", 0))',
        'tcp.listen()',
        'told([os.fstat(s.fileno()).st_ino for s in (unix, tcp)])',
      ],
      { namespace: name },
    );
    const filter = { family: ['ipv4', 'unix'], protocol: 'tcp', details: ['tcp', 'shutdown'] } as const;
    const inodes = (sockets: readonly SocketInfo[]): number[] =>
      sockets.flatMap((socket) => (socket.family === 'generic' ? [] : [socket.inode])).sort();
    expect(inodes(await netlink.socketList(filter))).toEqual([...first].sort());
    const iterated: SocketInfo[] = [];
    for await (const socket of netlink.sockets(filter)) iterated.push(socket);
    expect(inodes(iterated)).toEqual([...first].sort());
    // A number that has a name is that family.
    expect(inodes(netlink.sync.socketList({ family: 1 }))).toEqual([first[0]]);
  });

  it('that the kernel cannot list are named', async () => {
    // AF_X25, which has no sockets that can be listed.
    await expect(netlink.socketList({ family: 9 })).rejects.toMatchObject({
      code: 'ENOENT',
      message: 'cannot list the sockets: the kernel cannot list sockets of family 9 (ENOENT)',
    });
  });
});

describe('messages about sockets that not every kernel lists', () => {
  const NONE = new Set<never>();
  const message = (...parts: readonly Uint8Array[]): MessageBytes => MessageBytes.from(Buffer.concat(parts));
  const words = (...list: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(list).buffer);
  const attribute = (type: number, value: Uint8Array): Uint8Array =>
    Buffer.concat([new Uint8Array(Uint16Array.of(4 + value.length, type).buffer), value]);

  it('a family without a name is told as bytes', () => {
    const bytes = message(Uint8Array.of(30, 1, 2, 3, 4, 5, 6, 7));
    expect(genericSockets(30).read(bytes, 0, 8, NONE)).toEqual({
      family: 'generic',
      kernelFamily: 30,
      data: Uint8Array.of(30, 1, 2, 3, 4, 5, 6, 7),
    });
  });

  it('a vsock socket has the machine and the port of both ends', () => {
    const bytes = message(Uint8Array.of(40, 1, 1, 3), words(3, 1024, 2, 5, 77, 0x11, 0x22));
    const { read } = LOCAL_FAMILIES.vsock;
    expect(read(bytes, 0, 32, new Set(['shutdown']))).toEqual({
      family: 'vsock',
      type: 'stream',
      state: 'established',
      local: { cid: 3, port: 1024 },
      remote: { cid: 2, port: 5 },
      inode: 77,
      cookie: 0x22_0000_0011n,
      shutdown: 3,
    });
    expect(read(bytes, 0, 32, NONE)).not.toHaveProperty('shutdown');
  });

  it('an XDP socket has its link, rings, memory and counters', () => {
    const bytes = message(
      Uint8Array.of(44, 3, 0, 0),
      words(77, 5, 0),
      attribute(1, words(3, 1)),
      attribute(2, words(1000)),
      attribute(3, words(64)),
      attribute(4, words(32)),
      attribute(5, words(0x10000, 0, 9, 16, 4096, 256, 3, 1, 1, 2)),
      attribute(6, words(128)),
      attribute(7, words(16)),
      attribute(9, words(1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0)),
    );
    expect(LOCAL_FAMILIES.xdp.read(bytes, 0, bytes.u8.length, NONE)).toEqual({
      family: 'xdp',
      type: 'raw',
      inode: 77,
      cookie: 5n,
      ifindex: 3,
      queueId: 1,
      uid: 1000,
      rxRing: 64,
      txRing: 32,
      fillRing: 128,
      completionRing: 16,
      umem: {
        size: 0x10000n,
        id: 9,
        pages: 16,
        chunkSize: 4096,
        headroom: 256,
        ifindex: 3,
        queueId: 1,
        flags: ['zerocopy'],
        references: 2,
      },
      statistics: { rxDropped: 1n, rxInvalid: 2n, rxFull: 3n, fillRingEmpty: 4n, txInvalid: 5n, txRingEmpty: 6n },
    });
  });
});

describe('a socket that the kernel does not find or destroy alone', () => {
  it('is refused by the kernel, by name', async () => {
    const [own] = ofFamily('netlink');
    if (own === undefined) throw new Error('a socket was expected');
    await expect(netlink.socketGet(own)).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    await expect(netlink.socketDestroy(own)).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
      message: expect.stringContaining(`cannot destroy netlink socket with inode ${own.inode}`),
    });
    await expect(netlink.socketDestroyAll({ family: 'netlink' })).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
  });
});

it('what does not choose among sockets of a family is refused', () => {
  for (const [filter, text] of [
    [{ family: 'unix', local: { port: 1 } }, 'local does not choose among sockets of family unix'],
    [
      { family: ['ipv4', 'unix'], remote: { address: '192.0.2.1' } },
      'remote does not choose among sockets of family unix',
    ],
    [{ family: 'packet', states: ['close'] }, 'states does not choose among sockets of family packet'],
    [{ family: 'netlink', uid: 0 }, 'uid does not choose among sockets of family netlink'],
    [{ family: 'vsock', link: 'lo' }, 'link does not choose among sockets of family vsock'],
    [{ family: 'xdp', mark: 1 }, 'mark does not choose among sockets of family xdp'],
    [{ family: 99, inode: 1 }, 'inode does not choose among sockets of family 99'],
    [{ family: 'unix', protocol: 'tcp' }, 'protocol is that of ipv4 and ipv6, and family is unix'],
    [{ family: ['unix', 'packet'], details: ['tcp'] }, "details 'tcp' is not told of sockets of unix, packet"],
    [{ family: 'inet' }, 'family must be one or several of ipv4, ipv6, unix, netlink, packet, vsock, xdp'],
    [{ family: 256 }, 'family must be one or several of'],
    [{ family: [] }, 'family must be one or several of'],
  ] as const)
    expect(() => socketList(filter as never)).toThrow(text);
  expect(() => socketGet({ family: 'unix' } as never)).toThrow('inode must be the inode of a socket, got undefined');
  expect(() => socketGet({ family: 'generic', kernelFamily: 30 } as never)).toThrow(
    'family must be one of ipv4, ipv6, unix',
  );
  expect(() => socketDestroy({ family: 'unix', inode: -1 })).toThrow('inode');
  expect(() => socketDestroyAll({ family: 30 })).toThrow('family 30 has no name here');
});
