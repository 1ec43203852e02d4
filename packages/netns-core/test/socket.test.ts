import { once } from 'node:events';
import net from 'node:net';
import {
  addNamed,
  deleteNamed,
  getFromName,
  NetnsError,
  namespaceCookie,
  type OpenSocketOptions,
  openSocket,
  runInNamespace,
  socketNamespaceCookie,
} from 'netns-core';
import {
  F_GETFD,
  F_GETFL,
  IP_FREEBIND,
  IP_TOS,
  IP_TRANSPARENT,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_TCLASS,
  IPV6_V6ONLY,
  O_NONBLOCK,
  replaceSyscalls,
  SO_BINDTODEVICE,
  SO_DOMAIN,
  SO_MARK,
  SO_PRIORITY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOL_SOCKET,
  sys,
} from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leakedFds, makeNamespaces, openFds, retryUntil, runProgram, uniqueName } from '#testkit';

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
});
afterAll(() => made.remove());

/** What the kernel says of a socket's option. */
function option(fd: number, level: number, name: number): number {
  const value = new Uint8Array(4);
  expect(sys().getsockopt(fd, level, name, value)).toBeGreaterThan(0);
  return new DataView(value.buffer).getInt32(0, true);
}

describe('openSocket', () => {
  it('makes a non-blocking, close-on-exec socket of the asked family, in the namespace', () => {
    for (const namespace of [RED, '', undefined, { path: `/run/netns/${RED}` }])
      for (const family of ['ipv4', 'ipv6'] as const)
        for (const type of ['stream', 'dgram'] as const) {
          const fd = openSocket({ namespace, family, type });
          expect(sys().fcntl(fd, F_GETFD, 0)).toBe(1);
          expect(sys().fcntl(fd, F_GETFL, 0) & O_NONBLOCK).toBe(O_NONBLOCK);
          expect(option(fd, SOL_SOCKET, SO_DOMAIN)).toBe(family === 'ipv4' ? 2 : 10);
          expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(namespace ?? ''));
          sys().close(fd);
        }
  });

  it('sets each option as the kernel reads it back', () => {
    const fd = openSocket({
      namespace: RED,
      family: 'ipv6',
      type: 'stream',
      tos: 0xb8,
      mark: 0xfffffff0,
      interface: 'lo',
      priority: 6,
      reuseAddress: true,
      reusePort: true,
      ipv6Only: true,
      freebind: true,
      transparent: true,
    });
    expect({
      tos: option(fd, IPPROTO_IP, IP_TOS),
      tclass: option(fd, IPPROTO_IPV6, IPV6_TCLASS),
      mark: option(fd, SOL_SOCKET, SO_MARK) >>> 0,
      priority: option(fd, SOL_SOCKET, SO_PRIORITY),
      reuse: option(fd, SOL_SOCKET, SO_REUSEADDR),
      reusePort: option(fd, SOL_SOCKET, SO_REUSEPORT),
      only: option(fd, IPPROTO_IPV6, IPV6_V6ONLY),
    }).toEqual({ tos: 0xb8, tclass: 0xb8, mark: 0xfffffff0, priority: 6, reuse: 1, reusePort: 1, only: 1 });
    const device = new Uint8Array(16);
    const length = sys().getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device);
    expect(Buffer.from(device.subarray(0, length)).toString()).toBe('lo\0');
    sys().close(fd);

    const ipv4 = openSocket({
      namespace: RED,
      family: 'ipv4',
      type: 'stream',
      tos: 4,
      freebind: true,
      transparent: true,
    });
    expect([
      option(ipv4, IPPROTO_IP, IP_TOS),
      option(ipv4, IPPROTO_IP, IP_FREEBIND),
      option(ipv4, IPPROTO_IP, IP_TRANSPARENT),
    ]).toEqual([4, 1, 1]);
    sys().close(ipv4);

    const off = openSocket({ family: 'ipv6', type: 'stream', ipv6Only: false, reuseAddress: false });
    expect([option(off, IPPROTO_IPV6, IPV6_V6ONLY), option(off, SOL_SOCKET, SO_REUSEADDR)]).toEqual([0, 0]);
    sys().close(off);
  });

  it('refuses values that no kernel takes, naming the option, before any socket is made', () => {
    const wrong: [Partial<Record<keyof OpenSocketOptions, unknown>>, RegExp][] = [
      [{ family: 'ipx' }, /family must be 'ipv4' or 'ipv6', got 'ipx'/],
      [{ type: 'raw' }, /type must be 'stream' or 'dgram'/],
      [{ tos: 256 }, /tos must be an integer from 0 to 255, got 256/],
      [{ tos: -1 }, /tos/],
      [{ tos: 1.5 }, /tos/],
      [{ tos: '1' }, /tos .*'1'/],
      [{ mark: 2 ** 32 }, /mark/],
      [{ priority: -1 }, /priority/],
      [{ reuseAddress: 1 }, /reuseAddress must be true or false, got 1/],
      [{ ipv6Only: 'yes' }, /ipv6Only/],
      [{ interface: '' }, /interface must be the name of an interface/],
      [{ interface: 'x'.repeat(16) }, /interface/],
      [{ interface: 'a/b' }, /interface/],
      [{ interface: 'a\0b' }, /interface/],
      [{ interface: '..' }, /interface/],
    ];
    let sockets = 0;
    const undo = replaceSyscalls((real) => ({
      socket: (...args) => {
        sockets += 1;
        return real.socket(...args);
      },
    }));
    for (const [options, message] of wrong) {
      const call = (): number => openSocket({ family: 'ipv4', type: 'stream', ...options } as OpenSocketOptions);
      expect(call).toThrow(message);
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }));
    }
    undo();
    expect(sockets).toBe(0);
  });

  it('says that there is no such interface in that namespace, and keeps no socket', () => {
    const before = openFds();
    expect(() => openSocket({ namespace: RED, family: 'ipv4', type: 'stream', interface: 'nope0' })).toThrow(
      expect.objectContaining({ code: 'ENODEV', message: `there is no interface "nope0" in the namespace "${RED}"` }),
    );
    expect(leakedFds(before)).toEqual([]);
  });

  it('gives net.Socket and net.Server what they work with', async () => {
    const server = net.createServer((socket) => socket.pipe(socket));
    server.listen({ fd: openSocket({ namespace: RED, family: 'ipv6', type: 'stream' }) });
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const client = new net.Socket({ fd: openSocket({ namespace: RED, family: 'ipv6', type: 'stream' }) });
    client.connect(port, '::1');
    client.end('there and back');
    let text = '';
    for await (const chunk of client) text += chunk;
    expect(text).toBe('there and back');
    server.close();
  });
});

describe('the cookie of a namespace', () => {
  it('tells a namespace from its successor, also when that got the same inode', async () => {
    const name = uniqueName('c');
    const cookies: (bigint | undefined)[] = [];
    const inodes = new Set<bigint>();
    // The kernel gives a number out again once it has cleaned up behind its first owner, which takes it a moment.
    await retryUntil(
      () => {
        using handle = addNamed(name);
        const cookie = namespaceCookie(name);
        expect(namespaceCookie(handle)).toBe(cookie);
        cookies.push(cookie);
        deleteNamed(name);
        const again = inodes.has(handle.ino);
        inodes.add(handle.ino);
        return again;
      },
      15_000,
      20,
    );
    expect(cookies).not.toContain(undefined);
    expect(new Set(cookies).size).toBe(cookies.length);
    expect(inodes.size).toBeLessThan(cookies.length);
  });

  it('is undefined on a kernel that has none, and an error for what is not a socket', () => {
    const undo = replaceSyscalls(() => ({ getsockopt: () => -92 }));
    expect(namespaceCookie(RED)).toBeUndefined();
    undo();
    using handle = getFromName(RED);
    expect(() => socketNamespaceCookie(handle.fd)).toThrow(
      expect.objectContaining({ code: 'ENOTSOCK', name: 'NetnsError' }),
    );
    expect(() => socketNamespaceCookie(999_999)).toThrow(NetnsError);
    expect(runInNamespace(RED, () => namespaceCookie(''))).toBe(namespaceCookie(RED));
  });
});

describe('without the rights', () => {
  it('an ordinary user is told which capability is missing and what would do', async () => {
    const result = await runProgram(`
      import { execFileSync, spawnSync } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      const program = \`
        import * as core from 'netns-core';
        for (const call of [() => core.runInNamespace('${RED}', () => 1), () => core.newNetns(), () => core.openSocket({ family: 'ipv4', type: 'stream', mark: 1 })])
          try { call(); console.log('went'); } catch (error) { console.log(error.code, error.syscall, error.message); }\`;
      const { stdout, stderr } = spawnSync('setpriv', ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', process.execPath, '--input-type=module', '-e', program], { encoding: 'utf8', cwd: import.meta.dirname });
      console.log(stdout + stderr);
    `);
    const lines = result.stdout.trim().split('\n');
    expect(lines[0]).toMatch(
      /^EPERM setns cannot enter the namespace ".*": the process lacks CAP_SYS_ADMIN .*unshare -Urn/,
    );
    expect(lines[1]).toMatch(/^EPERM unshare cannot make a network namespace: .*CAP_SYS_ADMIN/);
    expect(lines[2]).toMatch(/^EPERM setsockopt cannot set the socket option mark to 1: .*CAP_NET_ADMIN/);
  });
});
