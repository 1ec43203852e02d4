import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addNamed, deleteNamed, namespaceCookie, socketNamespaceCookie } from 'netns-core';
import { type Broker, type BrokerDecision, type BrokerPolicy, startBroker } from 'netns-core/broker';
import {
  AF_UNIX,
  encodeDescriptors,
  encodeUnixAddress,
  formatIPv4,
  getIntOption,
  MSG_CMSG_CLOEXEC,
  MSG_DONTWAIT,
  messageBuffers,
  readInternetAddress,
  receivedDescriptors,
  SO_BINDTODEVICE,
  SO_MARK,
  SO_PEERPIDFD,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  sys,
} from 'netns-core/sys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, openFds, retryUntil, uniqueName, untilNothingLeaks } from '#testkit';

const RED = uniqueName('red');
const BLUE = uniqueName('blue');
const UID = process.getuid?.() ?? 0;
const directory = mkdtempSync(path.join(tmpdir(), 'netns-broker-'));
const SOCKET = path.join(directory, 'socket');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED, BLUE);
  // Loads what stays open for the life of the process.
  namespaceCookie(RED);
});
afterAll(() => {
  made.remove();
  rmSync(directory, { recursive: true });
});

let broker: Broker | undefined;
const log: BrokerDecision[] = [];
const clients: number[] = [];
afterEach(async () => {
  for (const fd of clients.splice(0)) sys().close(fd);
  await broker?.close();
  broker = undefined;
  log.length = 0;
});

async function start(rules: BrokerPolicy['rules'], limits?: BrokerPolicy['limits']): Promise<void> {
  broker = await startBroker({ path: SOCKET, policy: { rules, limits }, logger: (decision) => log.push(decision) });
}

/** A client of the kernel's own interface, which can send and receive what no library of ours would. */
function connect(): number {
  const fd = sys().socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  expect(sys().connect(fd, encodeUnixAddress(SOCKET))).toBe(0);
  clients.push(fd);
  return fd;
}

interface Reply {
  version: number;
  error?: { name: string; code: string; message: string };
  dev?: string;
  ino?: string;
  cookie?: string;
}

/** The next message; `undefined` at the end of the connection. */
async function receive(client: number): Promise<{ replies: Reply[]; fds: number[] } | undefined> {
  const buffers = messageBuffers(65_536);
  const size = await retryUntil(() => {
    const result = sys().recvmsg(client, buffers, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    return result === -11 ? undefined : { result };
  });
  if (size.result <= 0) return undefined;
  const text = Buffer.from(buffers.data.subarray(0, size.result)).toString();
  const replies = text.trimEnd().split('\n');
  return { replies: replies.map((line) => JSON.parse(line) as Reply), fds: receivedDescriptors(buffers) };
}

async function ask(client: number, request: unknown): Promise<{ reply: Reply; fd: number | undefined }> {
  sys().send(client, Buffer.from(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`), 0);
  const { replies: [reply] = [], fds } = (await receive(client)) ?? {};
  if (reply === undefined) throw new Error('the broker closed the connection');
  return { reply, fd: fds?.[0] };
}

const open = (namespace: string, more: object = {}): object => ({
  version: 1,
  request: 'open',
  namespace,
  family: 'ipv4',
  type: 'stream',
  options: {},
  ...more,
});

describe('startBroker', () => {
  it('sends a socket of the namespace, with its options set, and logs who got it by which rule', async () => {
    const before = openFds();
    await start([{ name: 'web', users: [UID], namespaces: [RED], marks: [[7, 9]], interfaces: ['lo'] }]);
    const { reply, fd = -1 } = await ask(connect(), open(RED, { options: { mark: 8, interface: 'lo' } }));
    expect(reply).toEqual({ version: 1 });
    expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(RED));
    expect(getIntOption(fd, SOL_SOCKET, SO_MARK)).toBe(8);
    const device = new Uint8Array(16);
    sys().getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device);
    expect(Buffer.from(device).toString().replaceAll('\0', '')).toBe('lo');
    expect(log).toEqual([
      {
        decision: 'granted',
        uid: UID,
        pid: process.pid,
        request: 'open',
        namespace: RED,
        family: 'ipv4',
        type: 'stream',
        options: { mark: 8, interface: 'lo' },
        rule: 'web',
      },
    ]);
    sys().close(fd);
    for (const client of clients.splice(0)) sys().close(client);
    await broker?.close();
    await untilNothingLeaks(before);
  });

  it('tells device, inode and cookie of a namespace, and that there is none', async () => {
    await start([{ users: ['*'], namespaces: ['*'] }]);
    const client = connect();
    const { reply } = await ask(client, { version: 1, request: 'inspect', namespace: RED });
    expect(BigInt(reply.cookie ?? 0)).toBe(namespaceCookie(RED));
    const known = await ask(client, { version: 1, request: 'identify', namespace: RED });
    expect(known.reply).toEqual({ version: 1, dev: reply.dev, ino: reply.ino });
    for (const request of ['inspect', 'identify']) {
      const missing = await ask(client, { version: 1, request, namespace: 'nowhere' });
      expect(missing.reply.error?.name).toBe('NamespaceNotFoundError');
    }
    // Not the namespace that the broker is in.
    expect((await ask(client, open('default'))).reply.error?.name).toBe('NamespaceNotFoundError');
  });

  it('denies what no rule allows, and names the rule', async () => {
    await start([
      { name: 'others', users: [UID + 4711], groups: [4711], namespaces: ['*'] },
      { name: 'mail', users: [UID], namespaces: [`${RED.slice(0, -1)}*`], families: ['ipv4'], types: ['stream'] },
      { name: 'lo', users: [UID], namespaces: [BLUE], interfaces: ['lo'], priorities: [1] },
    ]);
    const client = connect();
    const denials: [object, string][] = [
      [open('green'), 'no rule gives'],
      [open(RED, { family: 'ipv6' }), 'the rule "mail": the family ipv6'],
      [open(RED, { type: 'dgram' }), 'the rule "mail": the type dgram'],
      [open(RED, { options: { mark: 0 } }), 'the rule "mail": the mark 0'],
      [open(RED, { options: { priority: 7 } }), 'the rule "mail": the priority 7'],
      [open(RED, { options: { transparent: true } }), 'the rule "mail": it does not allow transparent'],
      [open(BLUE), 'the rule "lo": it gives sockets that are bound to an interface alone (lo)'],
      [open(BLUE, { options: { interface: 'eth0' } }), 'the rule "lo": the interface eth0'],
      [open(BLUE, { options: { interface: 'lo', priority: 0 } }), 'the rule "lo": the priority 0'],
      [{ version: 1, request: 'identify', namespace: 'green' }, 'no rule gives'],
    ];
    for (const [request, reason] of denials) {
      const { reply, fd } = await ask(client, request);
      expect(reply.error).toMatchObject({ code: 'ERR_BROKER_DENIED', message: expect.stringContaining(reason) });
      expect(fd).toBeUndefined();
    }
    expect(log.map(({ decision }) => decision)).toEqual(denials.map(() => 'denied'));
  });

  it('binds sockets to the ports that a rule allows, and to no others', async () => {
    await start([{ name: 'web', users: [UID], namespaces: [RED], listen: [443, [8000, 8010]] }]);
    const client = connect();
    const bound = async (bindTo: object, more: object = {}): Promise<string> => {
      const { reply, fd } = await ask(client, open(RED, { bindTo, ...more }));
      if (fd === undefined) return `${reply.error?.code}: ${reply.error?.message}`;
      const name = new Uint8Array(28);
      sys().getsockname(fd, name);
      sys().close(fd);
      const { port, address } = readInternetAddress(name) ?? { port: -1, address: new Uint8Array(4) };
      return `${formatIPv4(address)}:${port}`;
    };
    expect(await bound({ address: '127.0.0.1', port: 443 })).toBe('127.0.0.1:443');
    expect(await bound({ address: '127.0.0.1', port: 8010 })).toBe('127.0.0.1:8010');
    expect(await bound({ address: '127.0.0.1', port: 8011 })).toContain('the rule "web": the port 8011');
    expect(await bound({ address: '127.0.0.1', port: 0 })).toContain('the port 0 is not among the ports');
    expect(await bound({ address: '192.0.2.99', port: 443 })).toContain('EADDRNOTAVAIL');
    for (const wrong of [
      { address: '::1', port: 443 },
      { address: 'lo', port: 443 },
      { port: 443 },
      { address: '127.0.0.1' },
    ])
      expect(await bound(wrong)).toContain('ERR_INVALID_ARGUMENT');
    expect(await bound({ address: '127.0.0.1', port: 443, path: '/x' })).toContain('ERR_INVALID_ARGUMENT');
    expect(await bound({ address: '127.0.0.1', port: 443 }, { count: 2 })).toContain('ERR_INVALID_ARGUMENT');
  });

  it('sends several sockets in one reply, and netlink sockets of rtnetlink alone', async () => {
    const before = openFds();
    await start([
      { name: 'all', users: [UID], namespaces: [RED] },
      { users: [UID], namespaces: [BLUE], types: ['dgram'] },
    ]);
    const client = connect();
    sys().send(client, Buffer.from(`${JSON.stringify(open(RED, { count: 8 }))}\n`), 0);
    const { replies, fds } = (await receive(client)) ?? { replies: [], fds: [] };
    expect(replies).toEqual([{ version: 1 }]);
    expect(fds.map((fd) => socketNamespaceCookie(fd))).toEqual(Array(8).fill(namespaceCookie(RED)));
    for (const fd of fds) sys().close(fd);
    const netlink = (namespace: string, protocol: unknown): object => ({
      version: 1,
      request: 'netlink',
      namespace,
      protocol,
    });
    const { fd = -1 } = await ask(client, netlink(RED, 0));
    expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(RED));
    sys().close(fd);
    const refused: [object, string][] = [
      [netlink(RED, 4), 'the rule "all": it gives netlink sockets of the protocol 0'],
      [netlink(RED, undefined), 'protocol is missing'],
      [netlink(RED, 32), 'protocol'],
      [netlink(BLUE, 0), 'the type netlink is not among its types'],
      [open(RED, { count: 9 }), 'count'],
      [open(RED, { count: 0 }), 'count'],
    ];
    for (const [request, message] of refused) {
      const { reply } = await ask(client, request);
      expect(reply.error?.message).toContain(message);
    }
    for (const open of clients.splice(0)) sys().close(open);
    await broker?.close();
    await untilNothingLeaks(before);
  });

  it('tells a client that watches a name each time that it means something else', async () => {
    await start([{ users: ['*'], namespaces: [`${RED}*`] }], { watches: 2 });
    const name = `${RED}-3`;
    const client = connect();
    const watch = (namespace: string): object => ({ version: 1, request: 'watch', namespace });
    expect((await ask(client, watch(name))).reply).toEqual({ version: 1, namespace: name });
    addNamed(name).close();
    const come = (await receive(client))?.replies[0];
    expect(come).toMatchObject({ namespace: name, ino: expect.any(String) });
    deleteNamed(name);
    expect((await receive(client))?.replies).toEqual([{ version: 1, namespace: name }]);
    // It is noticed that a namespace was there that another reply has told of, however short its life.
    addNamed(name).close();
    const asked = connect();
    const { reply } = await ask(asked, { version: 1, request: 'identify', namespace: name });
    deleteNamed(name);
    expect((await receive(client))?.replies[0]).toMatchObject({ ino: reply.ino });
    const gone = await receive(client);
    expect(gone?.replies.at(-1)).toEqual({ version: 1, namespace: name });
    expect((await ask(client, watch(RED))).reply.error).toBeUndefined();
    expect((await ask(client, watch(`${RED}-4`))).reply.error?.code).toBe('ERR_BROKER_LIMIT');
    expect((await ask(client, watch(BLUE))).reply.error?.code).toBe('ERR_BROKER_DENIED');
  });

  it('tells a client that a name leads nowhere where it cannot be found out, and goes on', async () => {
    await start([{ users: ['*'], namespaces: [`${RED}*`] }]);
    const name = `${RED}-loop`;
    const client = connect();
    const watch = { version: 1, request: 'watch', namespace: name };
    addNamed(name).close();
    expect((await ask(client, watch)).reply).toMatchObject({ ino: expect.any(String) });
    deleteNamed(name);
    symlinkSync(name, `/run/netns/${name}`);
    expect((await receive(client))?.replies).toEqual([{ version: 1, namespace: name }]);
    expect((await ask(connect(), watch)).reply).toEqual({ version: 1, namespace: name });
    expect((await ask(client, open(name))).reply.error?.code).toBe('ELOOP');
    rmSync(`/run/netns/${name}`);
    addNamed(name).close();
    expect((await receive(client))?.replies[0]).toMatchObject({ ino: expect.any(String) });
    deleteNamed(name);
  });

  it('refuses users whom no rule names, and connections beyond its limit, with an error that says so', async () => {
    await start([{ users: [UID + 1], namespaces: ['*'] }]);
    const refused = async (): Promise<unknown> => (await receive(connect()))?.replies[0]?.error;
    expect(await refused()).toMatchObject({
      code: 'ERR_BROKER_DENIED',
      message: expect.stringContaining(`no rule is for the user ${UID}`),
    });
    await broker?.close();
    await start([{ users: [UID], namespaces: ['*'] }], { clients: 2 });
    for (const client of [connect(), connect()]) expect((await ask(client, open(RED))).reply.error).toBeUndefined();
    expect(await refused()).toMatchObject({
      code: 'ERR_BROKER_LIMIT',
      message: expect.stringContaining('2 connections'),
    });
    expect(log.filter(({ decision }) => decision === 'refused')).toMatchObject([
      { code: 'ERR_BROKER_DENIED', uid: UID },
      { code: 'ERR_BROKER_LIMIT', uid: UID },
    ]);
  });

  it('makes its socket for all users at once, whatever the umask and a link in its place are', async () => {
    const mask = process.umask(0o077);
    try {
      await start([]);
      expect(statSync(SOCKET).mode & 0o777).toBe(0o666);
      expect(process.umask()).toBe(0o077);
      await broker?.close();
      const elsewhere = path.join(directory, 'elsewhere');
      writeFileSync(elsewhere, '');
      symlinkSync(elsewhere, SOCKET);
      await expect(start([])).rejects.toMatchObject({ code: 'EADDRINUSE' });
      expect(statSync(elsewhere).mode & 0o777).toBe(0o600);
      rmSync(SOCKET);
    } finally {
      process.umask(mask);
    }
  });

  it('serves a connection no more when the process that made it has ended', async () => {
    const before = openFds();
    await start([{ users: ['*'], namespaces: ['*'] }]);
    const pidfd = new Int32Array(1).fill(-1);
    const isTold = sys().getsockopt(connect(), SOL_SOCKET, SO_PEERPIDFD, new Uint8Array(pidfd.buffer)) >= 0;
    sys().close(pidfd[0] ?? -1);
    // Inherits the connection, and asks when it is told to, and once more when its input ends: with the other process.
    const heir = `const socket = new (require('node:net').Socket)({ fd: 3 });
      socket.on('data', (data) => process.stdout.write(data)).on('close', () => process.exit());
      const ask = () => socket.write(${JSON.stringify(`${JSON.stringify(open('nowhere'))}\n`)});
      process.stdin.on('data', ask).on('end', ask);`;
    const program = `const socket = require('node:net').connect(${JSON.stringify(SOCKET)}, () => {
        const stdio = ['inherit', 'inherit', 'inherit', socket._handle];
        require('node:child_process').spawn(process.execPath, ['--eval', ${JSON.stringify(heir)}], { stdio });
      });
      socket.pause();
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--eval', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data;
    });
    child.stdin.write('ask\n');
    await retryUntil(() => said.includes('\n'));
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await retryUntil(() => said.split('\n').length === 3);
    const codes = said.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as Reply).error?.code]));
    expect(codes).toEqual(['ENOENT', isTold ? 'ERR_BROKER_DENIED' : 'ENOENT']);
    for (const client of clients.splice(0)) sys().close(client);
    await broker?.close();
    await untilNothingLeaks(before);
  });

  it('serves others after a thousand connections at once, and keeps nothing of them', async () => {
    const before = openFds();
    await start([{ users: ['*'], namespaces: ['*'] }], { clients: 100, clientsPerUser: 90 });
    const request = Buffer.from(`${JSON.stringify(open('nowhere'))}\n`);
    for (let round = 0; round < 10; round += 1) {
      const crowd: number[] = [];
      for (let client = 0; client < 100; client += 1) {
        const fd = sys().socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sys().connect(fd, encodeUnixAddress(SOCKET));
        sys().send(fd, request, 0x4000);
        crowd.push(fd);
      }
      await new Promise((resolve) => setImmediate(resolve));
      for (const fd of crowd) sys().close(fd);
    }
    const good = await retryUntil(async () => {
      const client = connect();
      const answer = await ask(client, open(RED)).catch(() => undefined);
      return answer?.fd;
    });
    expect(socketNamespaceCookie(good)).toBe(namespaceCookie(RED));
    sys().close(good);
    for (const client of clients.splice(0)) sys().close(client);
    await broker?.close();
    await untilNothingLeaks(before);
  });

  it('keeps nothing of a hundred clients that are killed at any moment', async () => {
    const before = openFds();
    await start([{ users: ['*'], namespaces: ['*'] }], { lineTimeout: 50 });
    const flood = `const net = require('node:net');
      const line = ${JSON.stringify(`${JSON.stringify(open(RED, { count: 8 }))}\n`)};
      for (let client = 0; client < 20; client += 1) {
        const socket = net.connect(${JSON.stringify(SOCKET)}, () => setInterval(() => {
          socket.write(line.slice(0, 1 + Math.random() * line.length));
        }, 1));
        socket.on('error', () => {}).resume();
      }
      console.log('runs');`;
    for (let round = 0; round < 5; round += 1) {
      const child = spawn(process.execPath, ['--eval', flood], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    const { fd = -1 } = await ask(connect(), open(RED));
    sys().close(fd);
    for (const client of clients.splice(0)) sys().close(client);
    await broker?.close();
    await untilNothingLeaks(before);
  });

  it('hands out no raw socket where an ICMP datagram socket cannot be made', async () => {
    await start([{ users: [UID], namespaces: [RED], types: ['ping'] }]);
    const { reply, fd } = await ask(connect(), open(RED, { type: 'ping' }));
    expect(fd).toBeUndefined();
    expect(reply.error).toMatchObject({
      code: 'ERR_BROKER_DENIED',
      message: expect.stringContaining('allow its group in net.ipv4.ping_group_range'),
    });
  });

  it('refuses forged requests one by one, and goes on with the connection', async () => {
    await start([{ users: ['*'], namespaces: ['*'] }]);
    const client = connect();
    const forged: [unknown, string][] = [
      ['', 'ERR_INVALID_ARGUMENT'],
      ['{', 'ERR_INVALID_ARGUMENT'],
      ['[]', 'ERR_INVALID_ARGUMENT'],
      ['null', 'ERR_INVALID_ARGUMENT'],
      ['{}', 'ERR_BROKER_VERSION'],
      [{ ...open(RED), version: 2, newer: true }, 'ERR_BROKER_VERSION'],
      [{ ...open(RED), request: 'toString' }, 'ERR_INVALID_ARGUMENT'],
      [{ ...open(RED), path: '/run/netns/x' }, 'ERR_INVALID_ARGUMENT'],
      [{ version: 1, request: 'identify', namespace: RED, family: 'ipv4' }, 'ERR_INVALID_ARGUMENT'],
      [open(`../netns/${RED}`), 'ERR_INVALID_NAME'],
      [open('..'), 'ERR_INVALID_NAME'],
      [open(''), 'ERR_INVALID_NAME'],
      [open(`${RED}\0`), 'ERR_INVALID_NAME'],
      [open('x'.repeat(256)), 'ERR_INVALID_NAME'],
      [{ ...open(RED), namespace: { path: '/proc/1/ns/net' } }, 'ERR_INVALID_ARGUMENT'],
      [open(RED, { family: 'unix' }), 'ERR_INVALID_ARGUMENT'],
      [open(RED, { type: 'raw' }), 'ERR_INVALID_ARGUMENT'],
      [open(RED, { options: null }), 'ERR_INVALID_ARGUMENT'],
      [open(RED, { options: { namespace: BLUE } }), 'ERR_INVALID_ARGUMENT'],
      [open(RED, { options: { mark: '1' } }), 'ERR_INVALID_ARGUMENT'],
      ['{"version":1,"request":"identify","namespace":"x","__proto__":{}}', 'ERR_INVALID_ARGUMENT'],
    ];
    for (const [request, code] of forged) {
      const { reply, fd } = await ask(client, request);
      expect({ request, code: reply.error?.code, fd }).toEqual({ request, code, fd: undefined });
    }
    const { reply, fd = -1 } = await ask(client, open(RED));
    expect(reply.error).toBeUndefined();
    sys().close(fd);
  });

  it('ends connections that send too much, too slowly or too many, and serves the others', async () => {
    const before = openFds();
    await start([{ users: ['*'], namespaces: ['*'] }], { lineTimeout: 50, outstanding: 4, clientsPerUser: 3 });
    const good = connect();
    const refusals: [string, RegExp][] = [
      ['{"version":', /complete within 50 milliseconds/],
      ['x'.repeat(5000), /4096 bytes at most/],
      [`${JSON.stringify(open('nowhere'))}\n`.repeat(5), /4 requests may be outstanding/],
    ];
    for (const [text, reason] of refusals) {
      const client = connect();
      sys().send(client, Buffer.from(text), 0);
      const messages: string[] = [];
      for (let next = await receive(client); next !== undefined; next = await receive(client))
        messages.push(...next.replies.map(({ error }) => error?.message ?? ''));
      expect(messages.at(-1)).toMatch(reason);
      sys().close(clients.pop() ?? -1);
    }
    const many = [connect(), connect(), connect()];
    const turnedAway = await receive(many[2] ?? -1);
    expect(turnedAway?.replies[0]?.error).toMatchObject({ code: 'ERR_BROKER_LIMIT' });
    const { fd = -1 } = await ask(good, open(RED));
    expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(RED));
    sys().close(fd);
    for (const client of clients.splice(0)) sys().close(client);
    await broker?.close();
    await untilNothingLeaks(before);
  });

  it('keeps no descriptor of clients that send some, do not read their replies or die', async () => {
    const before = openFds();
    await start([{ users: ['*'], namespaces: ['*'] }], { outstanding: 1000 });
    const sender = connect();
    const file = sys().open('/dev/null', 0, 0);
    const request = Buffer.from(`${JSON.stringify(open('nowhere'))}\n`);
    sys().sendmsg(sender, request, encodeDescriptors([file, file]), 0);
    expect((await receive(sender))?.replies[0]?.error?.name).toBe('NamespaceNotFoundError');
    sys().close(file);
    // It never reads: what is on the way to it is bounded, and then it is disconnected.
    const deaf = connect();
    const flood = Buffer.from(`${JSON.stringify(open(RED))}\n`.repeat(300));
    sys().send(deaf, flood, 0);
    await retryUntil(() => sys().send(deaf, Buffer.from('\n'), 0x4000) < 0);
    expect(log.filter(({ decision }) => decision === 'granted').length).toBeLessThan(100);
    for (let dying = 0; dying < 20; dying += 1) {
      const client = connect();
      sys().send(client, Buffer.from(`${JSON.stringify(open(RED))}\n`), 0);
      sys().close(clients.pop() ?? -1);
    }
    for (const client of clients.splice(0)) sys().close(client);
    await broker?.close();
    await untilNothingLeaks(before);
  });

  it('goes on with its work where its logger throws', async () => {
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error));
    try {
      broker = await startBroker({
        path: SOCKET,
        policy: { rules: [{ users: ['*'], namespaces: ['*'] }] },
        logger: () => {
          throw new Error('the disk is full');
        },
      });
      const { fd = -1 } = await ask(connect(), open(RED));
      expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(RED));
      sys().close(fd);
      await retryUntil(() => thrown.length > 0);
      expect(thrown).toMatchObject([{ message: 'the disk is full' }]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });

  it('takes the place of a broker that died, and of nothing else', async () => {
    await start([]);
    await expect(startBroker({ path: SOCKET, policy: { rules: [] } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await broker?.close();
    writeFileSync(SOCKET, 'mine');
    await expect(startBroker({ path: SOCKET, policy: { rules: [] } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(readFileSync(SOCKET, 'utf8')).toBe('mine');
    rmSync(SOCKET);
    // Bound, and never listened on: as a broker leaves it that was killed.
    const dead = sys().socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sys().bind(dead, encodeUnixAddress(SOCKET));
    sys().close(dead);
    await start([{ users: ['*'], namespaces: ['*'] }]);
    expect((await ask(connect(), open('nowhere'))).reply.error?.name).toBe('NamespaceNotFoundError');
  });

  it('listens on a socket that was passed, and on no other descriptor', async () => {
    const policy = { rules: [{ users: ['*'], namespaces: ['*'] }] };
    const passed = sys().socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sys().bind(passed, encodeUnixAddress(SOCKET));
    const notListening = startBroker({ path: SOCKET, policy, fd: passed });
    await expect(notListening).rejects.toThrow(`fd must be a UNIX stream socket that listens at '${SOCKET}'`);
    sys().listen(passed, 8);
    await expect(startBroker({ path: `${SOCKET}2`, policy, fd: passed })).rejects.toThrow(
      'ListenStream= of the .socket',
    );
    await expect(startBroker({ path: SOCKET, policy, fd: 1 })).rejects.toThrow('which 1 is not');
    broker = await startBroker({ path: SOCKET, policy, fd: passed });
    expect((await ask(connect(), open('nowhere'))).reply.error?.name).toBe('NamespaceNotFoundError');
    await broker.close();
    // It belongs to what has passed the socket.
    rmSync(SOCKET);
  });

  it('is closed by its signal, with its connections', async () => {
    const controller = new AbortController();
    const policy = { rules: [{ users: ['*'], namespaces: ['*'] }] };
    broker = await startBroker({ path: SOCKET, policy, signal: controller.signal });
    const client = connect();
    controller.abort();
    expect(await receive(client)).toBeUndefined();
    await expect(
      new Promise((resolve, reject) => net.connect(SOCKET, () => resolve('connected')).on('error', reject)),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses a policy that could mean more than its author thinks', async () => {
    const bad: [unknown, RegExp][] = [
      [{ rules: [{ namespaces: ['*'] }] }, /names no users or groups/],
      [{ rules: [{ users: [], namespaces: ['*'] }] }, /rules\[0\].users must be an array/],
      ...['*', 'www-*', 0, true, {}, null].map((users): [unknown, RegExp] => [
        { rules: [{ users, namespaces: ['*'] }] },
        /rules\[0\].users must be an array/,
      ]),
      [{ rules: [{ users: ['*', null], namespaces: ['*'] }] }, /rules\[0\].users must hold names and numbers of users/],
      [{ rules: [{ users: ['*', 'no-such-user'], namespaces: ['*'] }] }, /no user 'no-such-user'/],
      [{ rules: [{ groups: 'wheel', namespaces: ['*'] }] }, /rules\[0\].groups must be an array/],
      [{ rules: [{ users: ['no-such-user'], namespaces: ['*'] }] }, /no user 'no-such-user'/],
      [{ rules: [{ users: [1], namespaces: ['/run/netns/x'] }] }, /without a slash/],
      [{ rules: [{ users: [1], namespaces: ['..'] }] }, /without a slash/],
      [{ rules: [{ users: [1], namespaces: ['x'.repeat(256)] }] }, /without a slash/],
      [{ rules: [{ users: [1], namespaces: ['x'], interfaces: ['of-sixteen-bytes'] }] }, /names of interfaces/],
      ...['families', 'types', 'listen', 'interfaces', 'marks', 'priorities'].map((property): [unknown, RegExp] => [
        { rules: [{ users: [1], namespaces: ['x'], [property]: null }] },
        new RegExp(`rules\\[0\\].${property} must be an array`),
      ]),
      [{ rules: [{ users: [1] }] }, /rules\[0\].namespaces must be an array/],
      [{ rules: [{ users: [1], namespaces: ['x'], interface: ['lo'] }] }, /did you mean interfaces/],
      [{ rules: [{ users: [1], namespaces: ['x'], types: ['raw'] }] }, /'stream', 'dgram', 'ping' and 'netlink'/],
      [{ rules: [{ users: [1], namespaces: ['x'], marks: [[2, 1]] }] }, /\[first, last\]/],
      [{ rules: [{ users: [1], namespaces: ['x'], transparent: 1 }] }, /true or false/],
      [{ rules: [], limits: { clients: 0 } }, /limits.clients/],
      [{ rules: {} }, /array of rules/],
    ];
    for (const [policy, message] of bad)
      await expect(startBroker({ path: SOCKET, policy: policy as BrokerPolicy })).rejects.toThrow(message);
  });
});
