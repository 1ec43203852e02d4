import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { constants } from 'node:os';
import { type InternetSocketFilter, type InternetSocketInfo, Netlink, sockets } from 'netlink-links';
import { socketDestroy, socketGet, socketList } from 'netlink-links/operations';
import { openSocket } from 'netns-core';
import { AF_INET, sys } from 'netns-core/sys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leakedFds, openFds, retryUntil, run } from '#testkit';
import { endHeldSockets, heldSockets } from './held-sockets.js';

// The sockets are those of this process, in the namespace that the test runs in, which is a sandbox's.

let netlink: Netlink;
let servers: Server[] = [];
let ends: Socket[] = [];
let udp: UdpSocket[] = [];
beforeEach(() => {
  netlink = Netlink.open();
});
afterEach(() => {
  netlink.close();
  for (const end of ends) end.destroy();
  for (const server of servers) server.close();
  for (const socket of udp) socket.close();
  endHeldSockets();
  servers = [];
  ends = [];
  udp = [];
});

async function listening(host: string): Promise<number> {
  const server = createServer((end) => {
    ends.push(end);
    end.on('error', () => {});
  });
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

async function connected(host: string, port: number): Promise<Socket> {
  const accepted = once(servers.at(-1) as Server, 'connection');
  const end = connect(port, host);
  end.on('error', () => {});
  ends.push(end);
  await once(end, 'connect');
  await accepted;
  return end;
}

async function bound(address: string): Promise<UdpSocket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  udp.push(socket);
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

const IPPROTO_TCP = 6;
const TCP_MD5SIG = 14;
const SECRET = 'key-of-a-bgp-session';

/** States that last as long as the sockets do. */
const LASTING = /^\S+ (ESTAB|LISTEN|UNCONN) /;

/** `ss` writes `*` for an address of both families, `[::]` for one of IPv6, and a link behind a `%`. */
function shownBySs(line: string): string {
  const [protocol, state, receive, send, local, remote] = line.trim().split(/\s+/);
  const name = local?.replace(/%[^:\]]+/, '');
  return [protocol, state, receive, send, name, remote].join(' ').replace(/:\*$/, ':0');
}

const STATES: Readonly<Record<string, string>> = { established: 'ESTAB', close: 'UNCONN' };

function shownByUs({
  protocol,
  state,
  receiveQueue,
  sendQueue,
  local,
  remote,
  family,
  ipv6Only,
}: InternetSocketInfo): string {
  const address = (text: string): string => {
    if (family === 'ipv4') return text;
    return text === '::' && ipv6Only !== true ? '*' : `[${text}]`;
  };
  const name = STATES[state] ?? String(state).toUpperCase();
  return [
    protocol,
    name,
    receiveQueue,
    sendQueue,
    `${address(local.address)}:${local.port}`,
    `${address(remote.address)}:${remote.port}`,
  ].join(' ');
}

describe('sockets', () => {
  it('are those that ss shows, with their cookies and inodes', async () => {
    const port = await listening('127.0.0.1');
    await connected('127.0.0.1', port);
    await connected('::1', await listening('::1'));
    await connected('127.0.0.1', await listening('::'));
    await bound('127.0.0.1');
    await bound('::1');
    const ours = await netlink.socketList({ states: ['established', 'listen', 'close'] });
    const theirs = run('ss', ['-tuanH']).trim().split('\n').map(shownBySs);
    expect(ours.map(shownByUs).sort()).toEqual(theirs.filter((line) => LASTING.test(line)).sort());
    expect(theirs.length).toBeGreaterThanOrEqual(11);
    // ss ends a line with the inode and the cookie: `ino:123 sk:4f`.
    const all = run('ss', ['-tuaneH']).trim().split('\n');
    const more = all.filter((line) => LASTING.test(shownBySs(line)));
    const told = more.map((line) => `${/ino:(\d+)/.exec(line)?.[1] ?? 0} ${/sk:([0-9a-f]+)/.exec(line)?.[1]}`);
    expect(ours.map(({ inode, cookie }) => `${inode} ${cookie.toString(16)}`).sort()).toEqual(told.sort());
    expect(new Set(ours.map(({ cookie }) => cookie)).size).toBe(ours.length);
    const one: InternetSocketInfo[] = [];
    for await (const socket of sockets({ states: ['established', 'listen', 'close'] })) one.push(socket);
    expect(one.map(shownByUs)).toEqual(ours.map(shownByUs));
  });

  it('are told without the keys that sign their segments', async () => {
    const fd = openSocket({ family: 'ipv4', type: 'stream' });
    try {
      const address = new Uint8Array([AF_INET, 0, 0x30, 0x39, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
      expect(sys().bind(fd, address)).toBe(0);
      expect(sys().listen(fd, 1)).toBe(0);
      // `struct tcp_md5sig`: a peer's address in 128 bytes, flags, a prefix, the length of the key, a link, the key.
      const signature = Buffer.alloc(216);
      signature.set(address);
      signature.writeUInt16LE(SECRET.length, 130);
      signature.write(SECRET, 136);
      expect(sys().setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, signature)).toBe(0);
      const wanted: InternetSocketFilter = { protocol: 'tcp', states: ['listen'], details: ['tcp'] };
      const listed = netlink.sync.socketList(wanted).find(({ local }) => local.port === 12345);
      expect(listed).toBeDefined();
      expect(run('ss', ['-tlnieH'])).toContain(SECRET);
      expect(JSON.stringify(listed, (_, value) => (value instanceof Uint8Array ? String(value) : value))).not.toContain(
        String(new TextEncoder().encode(SECRET)),
      );
      expect(listed).not.toHaveProperty('unknown');
    } finally {
      closeSync(fd);
    }
  });

  it('can be chosen by all that a filter has', async () => {
    const port = await listening('127.0.0.1');
    const end = await connected('127.0.0.1', port);
    const other = await listening('::1');
    await bound('127.0.0.2');
    const chosen = (filter: InternetSocketFilter): string[] =>
      netlink.sync
        .socketList({ states: ['established', 'listen', 'close'], ...filter })
        .map(({ protocol, state, local, remote }) => `${protocol} ${state} ${local.port} ${remote.port}`)
        .sort();
    const client = `tcp established ${end.localPort} ${port}`;
    const accepted = `tcp established ${port} ${end.localPort}`;
    const listener = `tcp listen ${port} 0`;
    expect(chosen({ local: { port } })).toEqual([accepted, listener].sort());
    expect(chosen({ local: { port: [port, port] }, states: ['listen'] })).toEqual([listener]);
    expect(chosen({ remote: { address: '127.0.0.0/8', port } })).toEqual([client]);
    expect(chosen({ local: { address: '127.0.0.2' } })).toHaveLength(1);
    expect(chosen({ family: 'ipv6', protocol: 'tcp' })).toEqual([`tcp listen ${other} 0`]);
    expect(chosen({ local: { address: '::1' } })).toEqual([`tcp listen ${other} 0`]);
    expect(chosen({ protocol: ['udp'], family: 'ipv4' })).toHaveLength(1);
    const [socket] = netlink.sync.socketList({ remote: { port } });
    expect(chosen({ cookie: socket?.cookie })).toEqual([client]);
    expect(chosen({ inode: socket?.inode })).toEqual([client]);
    expect(chosen({ uid: 4_000_000_000 })).toEqual([]);
    expect(chosen({ link: 'lo' })).toEqual([]);
    expect(() => netlink.sync.socketList({ link: 'no-such' })).toThrow(expect.objectContaining({ code: 'ENODEV' }));
  });

  it('of an IPv4 address are also those of IPv6 sockets with IPv4 peers', async () => {
    const port = await listening('::');
    await connected('127.0.0.1', port);
    const found = netlink.sync.socketList({ local: { address: '127.0.0.0/8', port }, states: ['established'] });
    expect(found).toMatchObject([{ family: 'ipv6', local: { address: '::ffff:127.0.0.1', port } }]);
    expect(netlink.sync.socketGet(found[0] as InternetSocketInfo)).toEqual(found[0]);
  });

  it('tell what they are asked for', async () => {
    const port = await listening('127.0.0.1');
    const end = await connected('127.0.0.1', port);
    end.write('x'.repeat(1000));
    await once(ends.find((each) => each.localPort === port) as Socket, 'data');
    // Until what was sent is acknowledged, timers run.
    await retryUntil(() => netlink.sync.socketList({ remote: { port } })[0]?.sendQueue === 0);
    const details = ['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown', 'cgroup'] as const;
    const [plain] = netlink.sync.socketList({ remote: { port } });
    const [socket] = netlink.sync.socketList({ remote: { port }, details });
    expect(socket).toMatchObject({ ...plain, tos: 0, mark: 0, shutdown: 0 });
    expect(socket?.tcp).toMatchObject({ state: 1, bytesSent: 1000n });
    expect(socket?.tcp?.rtt).toBeGreaterThan(0);
    const [line = ''] = run('ss', ['-tnimH', 'dport', '=', String(port)])
      .split('\n')
      .slice(1);
    expect(line).toContain(`rto:${socket?.tcp?.rto} `);
    expect(line).toContain(socket?.congestion);
    expect(line).toContain(`,rb${socket?.memory?.receiveBuffer},`);
    expect(line).toContain(`,tb${socket?.memory?.sendBuffer},`);
    for (const detail of ['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown'] as const)
      expect(plain).not.toHaveProperty(detail);
  });

  it('are found one by one as they were read, of all families and protocols', async () => {
    await connected('127.0.0.1', await listening('127.0.0.1'));
    await connected('::1', await listening('::1'));
    await bound('127.0.0.1');
    const peer = await bound('::1');
    const client = await bound('::1');
    client.connect(peer.address().port, '::1');
    await once(client, 'connect');
    for (const socket of await netlink.socketList({ states: ['established', 'listen', 'close'] }))
      expect(await netlink.socketGet(socket)).toEqual(socket);
    const nowhere = { family: 'ipv4', protocol: 'tcp', local: { address: '127.0.0.9', port: 9 } } as const;
    await expect(netlink.socketGet(nowhere)).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('cannot find tcp socket 127.0.0.9:9'),
    });
  });
});

describe('a socket that is destroyed', () => {
  it('fails where it is used, and another one in its place is not hit', async () => {
    const port = await listening('127.0.0.1');
    const end = await connected('127.0.0.1', port);
    const failed = once(end, 'error');
    const [socket] = netlink.sync.socketList({ remote: { port } });
    if (socket === undefined) throw new Error('a socket was expected');
    // The cookie of another socket.
    await expect(netlink.socketDestroy({ ...socket, cookie: socket.cookie + 1n })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await netlink.socketDestroy(socket);
    end.write('x');
    expect((await failed)[0]).toMatchObject({ code: expect.stringMatching(/^(ECONNABORTED|EPIPE)$/) });
    await expect(netlink.socketDestroy(socket)).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining(`cannot destroy tcp socket 127.0.0.1:${socket.local.port} → 127.0.0.1:${port}`),
    });
  });

  it('of UDP fails where it is used, too', async () => {
    const { first: ports, next } = await heldSockets<readonly number[]>([
      's = socket.socket(type=socket.SOCK_DGRAM)',
      's.bind(("127.0.0.1", 0))',
      'told([s.getsockname()[1]])',
      'try: s.recv(1)',
      'except OSError as e: told([e.errno])',
    ]);
    const [port] = ports;
    const wanted = { protocol: 'udp', local: { port } } as const;
    expect(await netlink.socketDestroyAll(wanted)).toBe(1);
    expect(await next()).toEqual([constants.errno.ECONNABORTED]);
  });

  it('is one of many, and all are counted, also those that share a port', async () => {
    const port = await listening('127.0.0.1');
    for (let count = 0; count < 5; count += 1) await connected('127.0.0.1', port);
    expect(await netlink.socketDestroyAll({ local: { port }, states: ['established'] })).toBe(5);
    expect(await netlink.socketList({ local: { port }, states: ['established'] })).toEqual([]);
    expect(await netlink.socketDestroyAll({ local: { port: 1 } })).toBe(0);
    const { first: ports } = await heldSockets<readonly number[]>([
      'made = [socket.socket() for n in range(4)]',
      'for s in made: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)',
      'made[0].bind(("127.0.0.1", 0))',
      'for s in made[1:]: s.bind(made[0].getsockname())',
      'for s in made: s.listen()',
      'told([made[0].getsockname()[1]])',
    ]);
    const [shared = 0] = ports;
    const filter = { protocol: 'tcp', local: { port: shared } } as const;
    expect(netlink.sync.socketList(filter)).toHaveLength(4);
    expect(netlink.sync.socketDestroyAll(filter)).toBe(4);
    expect(netlink.sync.socketList(filter)).toEqual([]);
  });
});

it('sockets are chosen by their link and their mark', async () => {
  const { first: ports } = await heldSockets<readonly number[]>([
    'made = [socket.socket() for n in range(3)]',
    'made[0].setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")',
    'made[1].setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 0x77)',
    'for s in made: s.bind(("127.0.0.1", 0)); s.listen()',
    'told([s.getsockname()[1] for s in made])',
  ]);
  const [port = 0] = ports;
  const chosen = (filter: InternetSocketFilter): number[] =>
    netlink.sync.socketList({ protocol: 'tcp', states: ['listen'], ...filter }).map(({ local }) => local.port);
  expect(chosen({ link: 'lo' })).toEqual([port]);
  expect(netlink.sync.socketList({ link: 1 })).toMatchObject([{ ifindex: 1 }]);
  expect(chosen({ mark: 0x77 })).toEqual([ports[1]]);
  expect(chosen({ mark: { value: 0x70, mask: 0xf0 } })).toEqual([ports[1]]);
  expect(chosen({ mark: { value: 0, mask: 0xf0 }, local: { port: [1, 65_535] } })).toEqual(
    expect.arrayContaining([port, ports[2]]),
  );
  const [marked] = netlink.sync.socketList({ local: { port: ports[1] }, details: ['mark'] });
  expect(marked?.mark).toBe(0x77);
  const [ofLink] = netlink.sync.socketList({ link: 'lo' });
  expect(await netlink.socketGet(ofLink as InternetSocketInfo)).toEqual(ofLink);
});

it('lists and iterators of sockets leave no file descriptor behind', async () => {
  const use = async (): Promise<void> => {
    using other = Netlink.open();
    await other.socketList();
    other.sync.socketList();
    for await (const _ of sockets()) break;
    for await (const _ of other.sockets({ protocol: ['tcp', 'udp'] })) break;
  };
  await use();
  const before = openFds();
  for (let round = 0; round < 5; round += 1) await use();
  await retryUntil(() => leakedFds(before).length === 0);
  expect(leakedFds(before)).toEqual([]);
});

it('what no socket can have is refused', () => {
  expect(() => socketList({ local: { port: [5, 4] } })).toThrow(
    'local.port must begin with the lower port, got [5, 4]',
  );
  expect(() => socketList({ family: 'ipv6', local: { address: '192.0.2.0/24' } })).toThrow(
    'local.address 192.0.2.0/24 is of ipv4, and family is ipv6',
  );
  expect(() => socketList({ local: { address: '192.0.2.1' }, remote: { address: '::1' } })).toThrow(
    'of different families',
  );
  expect(() => socketList({ local: { address: '192.0.2.1/24' } })).toThrow('has bits set behind its prefix');
  expect(() => socketList({ states: ['open' as never] })).toThrow(/states must be one of established.*got 'open'/);
  expect(() => socketList({ dst: {} } as never)).toThrow('did you mean remote?');
  expect(() => socketGet({ family: 'ipv4', protocol: 'tcp', local: { address: '::1', port: 1 } })).toThrow(
    'local.address is not an address of ipv4',
  );
  expect(() =>
    socketDestroy({ family: 'ipv4', protocol: 'dccp' as never, local: { address: '::1', port: 1 } }),
  ).toThrow('protocol must be one of tcp, udp');
  for (const protocol of ['icmp', 'icmpv6'])
    expect(() => socketList({ protocol: ['tcp', protocol as never] })).toThrow(
      `protocol '${protocol}' cannot be asked for: no kernel lists sockets for ping`,
    );
});
