import { type InternetSocketInfo, Netlink, type SocketFilter, type SocketProtocol } from 'netlink-links';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, run, uniqueName } from '#testkit';
import { endHeldSockets, heldSockets } from '../test/held-sockets.js';

const name = uniqueName('vs');
let namespaces: Disposable;
let netlink: Netlink;
beforeAll(() => {
  namespaces = makeNamespaces(name);
  netlink = Netlink.open(name);
});
afterEach(() => endHeldSockets());
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const held = (...lines: readonly string[]) => heldSockets<number[]>(lines, { namespace: name });
/** Lines of `ss`; it leaves out the protocol where it is asked for one. */
const ss = (...args: string[]): string[] =>
  run('ip', ['netns', 'exec', name, 'ss', '-H', ...args])
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join(' '))
    .filter((line) => line !== '');

const STATES: Readonly<Record<string, string>> = { listen: 'LISTEN', established: 'ESTAB', close: 'UNCONN' };

/** As `ss -n` writes an endpoint of IPv4: `*` for any port. */
const endpoint = ({ address, port }: InternetSocketInfo['local']): string => `${address}:${port === 0 ? '*' : port}`;

function shown(protocol: SocketProtocol, filter: SocketFilter = {}): string[] {
  return netlink.sync
    .socketList({ ...filter, protocol, family: 'ipv4' })
    .flatMap((socket) => (socket.family === 'ipv4' ? [socket] : []))
    .map((socket) =>
      [
        STATES[socket.state] ?? socket.state,
        socket.receiveQueue,
        socket.sendQueue,
        endpoint(socket.local),
        endpoint(socket.remote),
      ].join(' '),
    )
    .sort();
}

describe('sockets of protocols that Debian’s kernel lists', () => {
  it('MPTCP, as ss shows them', async () => {
    await held(
      'server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)',
      'server.bind(("127.0.0.1", 0)); server.listen(5)',
      'client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)',
      'client.connect(server.getsockname())',
      'accepted = server.accept()',
      'told([])',
    );
    const theirs = ss('-4Man').sort();
    expect(theirs.length).toBeGreaterThanOrEqual(3);
    expect(shown('mptcp')).toEqual(theirs);
  });

  it('SCTP, as ss shows those that listen', async () => {
    await held(
      'server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)',
      'server.bind(("127.0.0.1", 0)); server.listen(5)',
      'told([])',
    );
    const theirs = ss('-4Sln').sort();
    expect(theirs).toHaveLength(1);
    expect(shown('sctp', { states: ['listen'] })).toEqual(theirs);
  });

  it('raw, with the number of their protocol as their port', async () => {
    await held(
      'icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)',
      'gre = socket.socket(socket.AF_INET, socket.SOCK_RAW, 47)',
      'gre.bind(("127.0.0.1", 0))',
      'told([])',
    );
    const theirs = ss('-4wan').sort();
    expect(theirs).toHaveLength(2);
    expect(shown('raw')).toEqual(theirs);
  });
});

describe('sockets of families that Debian’s kernel lists', () => {
  it('vsock, those that listen and both ends of a connection', async () => {
    const { first } = await held(
      'server = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)',
      'server.bind((0xffffffff, 1234)); server.listen(5)',
      'client = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)',
      'client.connect((1, 1234))',
      'accepted = server.accept()[0]',
      'told([os.fstat(s.fileno()).st_ino for s in (server, client, accepted)])',
    );
    const found = netlink.sync.socketList({ family: 'vsock', details: ['shutdown'] });
    const [server, client, accepted] = first.map((inode) =>
      found.find((socket) => socket.family === 'vsock' && socket.inode === inode),
    );
    expect(server).toMatchObject({
      type: 'stream',
      state: 'listen',
      local: { cid: 0xffffffff, port: 1234 },
      shutdown: 0,
    });
    expect(client).toMatchObject({ state: 'established', remote: { cid: 1, port: 1234 } });
    expect(accepted).toMatchObject({ state: 'established', local: { cid: 1, port: 1234 } });
    if (client?.family !== 'vsock' || accepted?.family !== 'vsock') throw new Error('sockets were expected');
    expect(accepted.remote.port).toBe(client.local.port);
    expect(ss('-a', '--vsock')).toHaveLength(found.length);
    expect(netlink.sync.socketList({ family: 'vsock', states: ['listen'] })).toHaveLength(1);
  });

  it('TIPC, which has no name here, as the kernel’s bytes', async () => {
    await held('made = [socket.socket(socket.AF_TIPC, socket.SOCK_RDM) for _ in range(3)]', 'told([])');
    const found = netlink.sync.socketList({ family: 30 });
    expect(found.length).toBeGreaterThanOrEqual(3);
    for (const socket of found) expect(socket).toMatchObject({ family: 'generic', kernelFamily: 30 });
  });

  it('Unix, netlink and packet', async () => {
    const { first } = await held(
      'made = [socket.socket(socket.AF_UNIX), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),',
      '  socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)]',
      'made[1].bind((0, 1))',
      'told([os.fstat(s.fileno()).st_ino for s in made])',
    );
    for (const [index, family] of (['unix', 'netlink', 'packet'] as const).entries())
      expect(netlink.sync.socketList({ family, inode: first[index] })).toContainEqual(
        expect.objectContaining({ family, inode: first[index] }),
      );
  });
});
