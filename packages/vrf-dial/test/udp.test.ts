import { type ChildProcess, spawn } from 'node:child_process';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { addNamed, namespaceCookie, socketNamespaceCookie } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUdpSocket, setTos, type UdpOptions } from 'vrf-dial';
import {
  capture,
  ip,
  ipIn,
  leakedFds,
  makeNamespaces,
  openFds,
  retryUntil,
  run,
  runProgram,
  uniqueName,
  vethBetween,
} from '#testkit';

let here: string;
let there: string;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  here = uniqueName('h');
  there = uniqueName('t');
  const made = makeNamespaces(here, there);
  cleanups.push(() => made.remove());
  vethBetween(
    { namespace: here, name: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64', 'fe80::2/64'] },
    { namespace: there, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64'] },
  );
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function udp(options: UdpOptions): Promise<Socket> {
  const socket = await createUdpSocket(options);
  cleanups.push(() => {
    try {
      socket.close();
    } catch {
      // The test did.
    }
  });
  return socket;
}

function received(socket: Socket): { messages: [string, RemoteInfo][] } {
  const messages: [string, RemoteInfo][] = [];
  socket.on('message', (data, from) => messages.push([String(data), from]));
  return { messages };
}

/** Runs Python, which none of ours wrote, in a namespace; resolves when it has printed its first line. */
async function python(namespace: string, program: string): Promise<{ child: ChildProcess; output(): string }> {
  const child = spawn('ip', ['netns', 'exec', namespace, '/usr/bin/python3', '-u', '-c', program]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  cleanups.push(() => child.kill('SIGKILL'));
  await retryUntil(() => output.includes('\n') || errors !== '' || child.exitCode !== null);
  expect(errors).toBe('');
  return { child, output: () => output };
}

describe('createUdpSocket', () => {
  it('makes a bound socket in the namespace, an ordinary one of dgram', async () => {
    const socket = await udp({ namespace: there, type: 'udp4', bind: { address: '192.0.2.1', port: 514 } });
    expect(socket.address()).toEqual({ address: '192.0.2.1', family: 'IPv4', port: 514 });
    expect(run('ip', ['netns', 'exec', there, 'ss', '-Hlun'])).toContain('192.0.2.1:514');
    expect(run('ss', ['-Hlun'])).not.toContain(':514');
  });

  it('makes one in the namespace of a VRF', async () => {
    addNamed(`ns-${here}`).close();
    cleanups.push(() => ip(`netns del ns-${here}`));
    const socket = await udp({ vrf: here, type: 'udp6' });
    const state = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
    const { handle } = Reflect.get(socket, state as symbol) as { handle: { fd: number } };
    expect(socketNamespaceCookie(handle.fd)).toBe(namespaceCookie(`ns-${here}`));
  });

  it('takes syslog from logger(1), and sends it to a server of Python’s', async () => {
    const server = await udp({ namespace: there, type: 'udp4', bind: { address: '192.0.2.1', port: 514 } });
    const { messages } = received(server);
    run('ip', [
      'netns',
      'exec',
      here,
      'logger',
      '-n',
      '192.0.2.1',
      '-P',
      '514',
      '-d',
      '--rfc5424',
      '-p',
      'local4.warning',
      'link down',
    ]);
    await retryUntil(() => messages.length === 1);
    // local4 (20) * 8 + warning (4), version 1
    expect(messages[0]?.[0]).toMatch(/^<164>1 .* link down$/);
    expect(messages[0]?.[1]).toMatchObject({ address: '192.0.2.2', family: 'IPv4' });
    server.close();
    const collector = await python(
      there,
      `import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("2001:db8::1", 514)); print("ready")
print(s.recvfrom(2048)[0].decode())`,
    );
    const client = await udp({ namespace: here, type: 'udp6' });
    await new Promise<void>((resolve, reject) =>
      client.send('<134>1 - router app - - - hello', 514, '2001:db8::1', (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    await retryUntil(() => collector.output().includes('hello'));
  });

  it.each([
    ['udp4', '192.0.2.1'],
    ['udp6', '2001:db8::1'],
  ] as const)('asks and is answered as SNMP does, up to the largest datagram, %s', async (type, host) => {
    await python(
      there,
      `import socket
s = socket.socket(socket.AF_INET${type === 'udp6' ? '6' : ''}, socket.SOCK_DGRAM); s.bind((${JSON.stringify(host)}, 161)); print("ready")
while True:
  data, peer = s.recvfrom(70000)
  s.sendto(data[:4] + b"v" * (int.from_bytes(data[:4], "big") - 4), peer)`,
    );
    const manager = await udp({ namespace: here, type, recvBufferSize: 1 << 20 });
    manager.connect(161, host);
    await once(manager, 'connect');
    expect(manager.remoteAddress()).toMatchObject({ address: host, port: 161 });
    for (const size of [64, 484, 1472, 8192, 65_000]) {
      const request = Buffer.alloc(90);
      request.writeUInt32BE(size);
      manager.send(request);
      const [answer] = (await once(manager, 'message')) as [Buffer];
      expect(answer.length).toBe(size);
      expect(answer.readUInt32BE()).toBe(size);
    }
  });

  it('resolves host names in the namespace and nowhere else', async () => {
    mkdirSync(`/etc/netns/${here}`, { recursive: true });
    writeFileSync(`/etc/netns/${here}/hosts`, '192.0.2.1 collector.example\n2001:db8::1 collector.example\n');
    const home = await capture(undefined);
    for (const [type, address] of [
      ['udp4', '192.0.2.1'],
      ['udp6', '2001:db8::1'],
    ] as const) {
      const server = await udp({ namespace: there, type, bind: { address, port: 514 } });
      const { messages } = received(server);
      const client = await udp({ namespace: here, type });
      client.send('by name', 514, 'collector.example');
      await retryUntil(() => messages.length === 1);
      const error = await new Promise((resolve) => client.send('x', 514, 'nobody.example', resolve));
      expect(error).toMatchObject({ name: 'NameResolutionError' });
    }
    expect((await home.stop()).filter((line) => line !== '')).toEqual([]);
  });

  it('sends with the TOS it was given, IPv4, IPv6 and both on one socket', async () => {
    const seen = await capture(there, 'udp', ['-v']);
    const arrives = (port: number): Promise<unknown> =>
      retryUntil(() => seen.packets.some((line) => line.includes(`.${port}:`)));
    const four = await udp({ namespace: here, type: 'udp4', tos: 0xb8 });
    const six = await udp({ namespace: here, type: 'udp6', tos: 0xb8 });
    four.send('a', 9999, '192.0.2.1');
    six.send('b', 9998, '2001:db8::1');
    six.send('c', 9997, '::ffff:192.0.2.1');
    await Promise.all([9999, 9998, 9997].map(arrives));
    setTos(four, 0x20);
    setTos(six, 0x20);
    four.send('d', 9996, '192.0.2.1');
    six.send('e', 9995, '2001:db8::1');
    six.send('f', 9994, '::ffff:192.0.2.1');
    await Promise.all([9996, 9995, 9994].map(arrives));
    const packets = (await seen.stop()).join('\n').split(/\n(?=\S)/);
    const to = (port: number): string =>
      packets.find((packet) => packet.includes(`.${port}:`) && packet.includes('UDP')) ?? '';
    for (const port of [9999, 9997]) expect(to(port)).toContain('tos 0xb8');
    expect(to(9998)).toContain('class 0xb8');
    for (const port of [9996, 9994]) expect(to(port)).toContain('tos 0x20');
    expect(to(9995)).toContain('class 0x20');
  });

  it('receives IPv4 multicast on the interface of an address', async () => {
    const listener = await udp({ namespace: there, type: 'udp4', bind: { port: 5353 }, reuseAddress: true });
    const { messages } = received(listener);
    listener.addMembership('239.1.2.3', '192.0.2.1');
    expect(run('ip', ['-n', there, 'maddr', 'show', 'dev', 'eth0'])).toContain('239.1.2.3');
    const sender = await udp({ namespace: here, type: 'udp4' });
    sender.setMulticastInterface('192.0.2.2');
    sender.setMulticastTTL(4);
    sender.send('many', 5353, '239.1.2.3');
    await retryUntil(() => messages.length === 1);
    listener.dropMembership('239.1.2.3', '192.0.2.1');
    expect(run('ip', ['-n', there, 'maddr', 'show', 'dev', 'eth0'])).not.toContain('239.1.2.3');
  });

  it('receives IPv6 multicast on an interface of the namespace, which home does not have', async () => {
    const listener = await udp({ namespace: there, type: 'udp6', bind: { port: 5353 } });
    const { messages } = received(listener);
    listener.addMembership('ff15::1:2:3', '::%eth0');
    expect(run('ip', ['-n', there, 'maddr', 'show', 'dev', 'eth0'])).toContain('ff15::1:2:3');
    expect(() => listener.addMembership('ff15::1:2:3', '::%eth7')).toThrow(/eth7.*does not exist/);
    const sender = await udp({ namespace: here, type: 'udp6' });
    sender.setMulticastInterface('::%eth0');
    // The first ones may come before the link is ready for IPv6.
    await retryUntil(
      () => {
        sender.send('many', 5353, 'ff15::1:2:3');
        return messages.length > 0;
      },
      5000,
      50,
    );
    expect(messages[0]?.[1].address).toBe('2001:db8::2');
    listener.dropMembership('ff15::1:2:3', '::%eth0');
    expect(run('ip', ['-n', there, 'maddr', 'show', 'dev', 'eth0'])).not.toContain('ff15::1:2:3');
  });

  it('sends to a link-local address through the interface it is bound to, and through no other', async () => {
    const server = await python(
      there,
      `import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("::", 4000)); print("ready")
for i in range(2): print(s.recvfrom(2048))`,
    );
    const bound = await udp({ namespace: here, type: 'udp6', interface: 'eth0' });
    bound.send('by interface', 4000, 'fe80::1%eth0');
    await retryUntil(() => server.output().includes("(b'by interface', ('fe80::"));
    const zoned = await udp({ namespace: here, type: 'udp6', bind: { address: 'fe80::2%eth0', port: 4001 } });
    expect(zoned.address()).toEqual({ address: 'fe80::2%eth0', family: 'IPv6', port: 4001 });
    zoned.send('by zone', 4000, 'fe80::1%eth0');
    await retryUntil(() => /by zone', \('fe80::2(%eth0)?', 4001/.test(server.output()));
    const free = await udp({ namespace: here, type: 'udp6' });
    const error = await new Promise((resolve) => free.send('x', 4000, 'fe80::1%eth0', resolve));
    expect(error).toMatchObject({ option: 'address', message: expect.stringContaining("interface: 'eth0'") });
  });

  it('survives datagrams of link-local senders that Node cannot name, and says so once', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    cleanups.push(() => warn.mockRestore());
    const socket = await udp({ namespace: there, type: 'udp6', bind: { port: 4000 } });
    const { messages } = received(socket);
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    await python(
      here,
      `import socket, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
print("sending")
for i in range(100):
  for peer in ("fe80::1%eth0", "2001:db8::1"): s.sendto(peer.encode(), (peer, 4000))
  time.sleep(0.05)`,
    );
    await retryUntil(() => messages.some(([text]) => text === '2001:db8::1'));
    await retryUntil(() => warn.mock.calls.length > 0 && messages.length > 2);
    expect(errors).toEqual([]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain('NamespaceWorker');
  });

  it('waits for its namespace, if told to, and for the signal', async () => {
    const name = uniqueName('n');
    await expect(createUdpSocket({ namespace: name, type: 'udp4' })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(createUdpSocket({ namespace: name, type: 'udp4', waitForNamespace: 20 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    const controller = new AbortController();
    const never = createUdpSocket({
      namespace: name,
      type: 'udp4',
      waitForNamespace: 60_000,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 20);
    await expect(never).rejects.toMatchObject({ name: 'AbortError' });
    setTimeout(() => ip(`netns add ${name}`), 30);
    cleanups.push(() => ip(`netns del ${name}`));
    const closer = new AbortController();
    const socket = await udp({ namespace: name, type: 'udp4', waitForNamespace: 10_000, signal: closer.signal });
    closer.abort();
    await once(socket, 'close');
  });

  it('names what is wrong, and leaves no file descriptor', async () => {
    const before = openFds();
    const wrong = async (options: object, expected: object): Promise<void> => {
      await expect(createUdpSocket(options as UdpOptions)).rejects.toMatchObject(expected);
    };
    await wrong({ namespace: here }, { option: 'type' });
    await wrong({ namespace: here, type: 'udp5' }, { option: 'type' });
    await wrong({ namespace: here, type: 'udp4', bind: { address: '::1' } }, { option: 'bind.address' });
    await wrong({ namespace: here, type: 'udp4', bind: { address: 'x' } }, { option: 'bind.address' });
    await wrong({ namespace: here, type: 'udp4', bind: { port: 70_000 } }, { option: 'bind.port' });
    await wrong({ namespace: here, type: 'udp4', bind: { addres: '::' } }, { option: 'addres' });
    await wrong({ namespace: here, vrf: 'x', type: 'udp4' }, { option: 'namespace' });
    await wrong({ namespace: here, type: 'udp4', bind: { address: '192.0.2.99' } }, { code: 'EADDRNOTAVAIL' });
    await wrong({ namespace: here, type: 'udp6', bind: { address: 'fe80::2%eth9' } }, { code: 'ENODEV' });
    await wrong({ namespace: here, type: 'udp4', interface: 'eth9' }, { code: 'ENODEV' });
    const first = await udp({ namespace: here, type: 'udp4', bind: { port: 7000 } });
    await wrong({ namespace: here, type: 'udp4', bind: { port: 7000 } }, { code: 'EADDRINUSE' });
    first.close();
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('broadcasts, and shares a port where told to', async () => {
    const one = await udp({ namespace: there, type: 'udp4', bind: { port: 6767 }, reuseAddress: true });
    const two = await udp({ namespace: there, type: 'udp4', bind: { port: 6767 }, reuseAddress: true });
    const both = [received(one), received(two)];
    const sender = await udp({ namespace: here, type: 'udp4' });
    sender.setBroadcast(true);
    sender.send('all', 6767, '192.0.2.255');
    await retryUntil(() => both.every(({ messages }) => messages.length === 1));
  });

  it('works in a worker of a cluster', async () => {
    ipIn(there, 'link set lo up');
    const { code, stdout, stderr } = await runProgram(
      `import cluster from 'node:cluster'; import { createUdpSocket } from 'vrf-dial';
       if (cluster.isPrimary) cluster.fork().on('message', (m) => { console.log(m); process.exit(0); });
       else {
         const socket = await createUdpSocket({ namespace: ${JSON.stringify(there)}, type: 'udp4', bind: { port: 7777 } });
         socket.on('message', (m) => process.send('got ' + m));
         socket.send('itself', 7777, '127.0.0.1');
       }`,
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'got itself\n', stderr: '' });
  });
});
