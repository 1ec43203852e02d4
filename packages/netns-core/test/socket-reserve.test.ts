import { Worker } from 'node:worker_threads';
import {
  addNamed,
  deleteNamed,
  getFromName,
  NamespaceNotFoundError,
  NetnsError,
  namespaceCookie,
  SocketReserve,
  socketNamespaceCookie,
} from 'netns-core';
import {
  Errno,
  F_GETFD,
  MNT_DETACH,
  MS_BIND,
  replaceSyscalls,
  SO_DOMAIN,
  SO_MARK,
  SOL_SOCKET,
  sys,
} from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ip, ipIn, ipJson, leakedFds, makeNamespaces, openFds, retryUntil, run, uniqueName } from '#testkit';

/** `<asm-generic/socket.h>` */
const SO_TYPE = 3;
const SO_BINDTOIFINDEX = 62;

const RED = uniqueName('red');
let made: ReturnType<typeof makeNamespaces>;
beforeAll(() => {
  made = makeNamespaces(RED);
  // What is opened once in a process.
  namespaceCookie(RED);
});
afterAll(() => made.remove());

function option(fd: number, level: number, name: number): number {
  const value = new Uint32Array(1);
  expect(sys().getsockopt(fd, level, name, new Uint8Array(value.buffer))).toBe(4);
  return value[0] ?? 0;
}
const close = (fds: readonly number[]): void => {
  for (const fd of fds) sys().close(fd);
};
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** As on a machine on which calls take no time. */
function atOnce<T>(fn: () => T): T {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
  try {
    return fn();
  } finally {
    clock.mockRestore();
  }
}

/** How often a function enters a namespace. */
function hopsOf(fn: () => void): number {
  let moves = 0;
  const undo = replaceSyscalls((real) => ({
    setns: (fd, type) => {
      moves += 1;
      return real.setns(fd, type);
    },
  }));
  try {
    fn();
  } finally {
    undo();
  }
  return moves / 2;
}

describe('SocketReserve', () => {
  it('makes sockets as they were asked for, many in one hop', async () => {
    const before = openFds();
    const reserve = new SocketReserve({ namespace: RED, mark: 9 });
    const cookie = namespaceCookie(RED);
    const fds: number[] = [];
    const hops = hopsOf(() =>
      atOnce(() => {
        for (const _ of times(50, Number)) {
          for (const family of ['ipv4', 'ipv6'] as const)
            for (const type of ['stream', 'dgram'] as const) {
              const fd = reserve.open(family, type);
              fds.push(fd);
              expect(option(fd, SOL_SOCKET, SO_DOMAIN)).toBe(family === 'ipv4' ? 2 : 10);
              expect(option(fd, SOL_SOCKET, SO_TYPE)).toBe(type === 'stream' ? 1 : 2);
              expect(option(fd, SOL_SOCKET, SO_MARK)).toBe(9);
              expect(sys().fcntl(fd, F_GETFD, 0)).toBe(1);
              expect(socketNamespaceCookie(fd)).toBe(cookie);
            }
        }
      }),
    );
    expect(new Set(fds).size).toBe(200);
    expect(hops).toBeLessThan(100);
    close(fds);
    // A socket that was not asked for is closed by itself.
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('makes one at a time for those who take their time', async () => {
    const reserve = new SocketReserve({ namespace: RED });
    for (const _ of times(5, Number)) {
      const before = openFds();
      const fd = reserve.open('ipv4', 'stream');
      expect(leakedFds(before)).toHaveLength(1);
      sys().close(fd);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  });

  it('lets go of a namespace soon', async () => {
    const name = uniqueName('gone');
    addNamed(name).close();
    ip(`link add ${name} type veth peer name ${name}p`);
    ip(`link set ${name}p netns ${name}`);
    const reserve = new SocketReserve({ namespace: name });
    close(times(5, () => reserve.open('ipv4', 'stream')));
    deleteNamed(name);
    // The namespace takes its end of the pair with it, and so the other one.
    await retryUntil(() => !ipJson('link show').some(({ ifname }) => ifname === name));
  });

  it.each<[string, (name: string) => void]>([
    [
      'this process',
      (name) => {
        deleteNamed(name);
        addNamed(name).close();
      },
    ],
    ['ip', (name) => run('sh', ['-c', `ip netns del ${name} && ip netns add ${name}`])],
  ])('gives no socket of a namespace that was replaced by %s', async (_who, replace) => {
    const name = uniqueName('again');
    const before = openFds();
    addNamed(name).close();
    const reserve = new SocketReserve({ namespace: name });
    for (const _ of times(20, Number)) {
      const fds = times(5, () => reserve.open('ipv4', 'dgram'));
      const cookie = namespaceCookie(name);
      expect(fds.map(socketNamespaceCookie)).toEqual(fds.map(() => cookie));
      close(fds);
      replace(name);
      const after = namespaceCookie(name);
      expect(after).not.toBe(cookie);
      const fd = reserve.open('ipv4', 'dgram');
      expect(socketNamespaceCookie(fd)).toBe(after);
      sys().close(fd);
    }
    close(times(5, () => reserve.open('ipv4', 'dgram')));
    deleteNamed(name);
    expect(() => reserve.open('ipv4', 'dgram')).toThrow(NamespaceNotFoundError);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('gives no socket of a namespace that the name meant a moment ago', () => {
    const [name, other] = [uniqueName('mine'), uniqueName('theirs')];
    using _ = makeNamespaces(name, other);
    const reserve = new SocketReserve({ namespace: name });
    const [mine, theirs] = [namespaceCookie(name), namespaceCookie(other)];
    for (const _round of times(50, Number)) {
      const fds = times(5, () => reserve.open('ipv4', 'stream'));
      // As another process would do it: this package hears nothing of it.
      expect(sys().mount(`/run/netns/${other}`, `/run/netns/${name}`, 'none', MS_BIND, null)).toBe(0);
      fds.push(reserve.open('ipv4', 'stream'), reserve.open('ipv4', 'stream'));
      expect(sys().umount2(`/run/netns/${name}`, MNT_DETACH)).toBe(0);
      fds.push(reserve.open('ipv4', 'stream'));
      expect(fds.map(socketNamespaceCookie)).toEqual([...times(5, () => mine), theirs, theirs, mine]);
      close(fds);
    }
  });

  it('follows a path that comes to mean another namespace', () => {
    const [one, other, link] = [uniqueName('one'), uniqueName('other'), `/run/${uniqueName('link')}`];
    using _ = makeNamespaces(one, other);
    const reserve = new SocketReserve({ namespace: { path: link } });
    for (const name of times(10, (index) => (index % 2 === 0 ? one : other))) {
      run('ln', ['-sfn', `/run/netns/${name}`, link]);
      const fds = times(5, () => reserve.open('ipv4', 'stream'));
      expect(fds.map(socketNamespaceCookie)).toEqual(fds.map(() => namespaceCookie(name)));
      close(fds);
    }
    run('rm', [link]);
  });

  it('is closed with its handle, and makes nothing ahead where a thread can be terminated', async () => {
    const handle = getFromName(RED);
    const reserve = new SocketReserve({ namespace: handle });
    const before = openFds();
    const fds = times(8, () => reserve.open('ipv4', 'stream'));
    expect(fds.map(socketNamespaceCookie)).toEqual(fds.map(() => namespaceCookie(RED)));
    close(fds);
    handle.close();
    expect(() => reserve.open('ipv4', 'stream')).toThrow(/closed/);

    const worker = new Worker(
      `const { SocketReserve } = require('netns-core');
       const reserve = new SocketReserve({ namespace: '${RED}' });
       require('node:worker_threads').parentPort.postMessage(
         Array.from({ length: 8 }, () => reserve.open('ipv4', 'stream')));`,
      { eval: true },
    );
    const inWorker = await new Promise<number[]>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    close(inWorker);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('binds each socket to the interface of the moment', () => {
    const name = uniqueName('if');
    using _ = makeNamespaces(name);
    const reserve = new SocketReserve({ namespace: name, interface: 'up0' });
    for (const _round of times(5, Number)) {
      ipIn(name, 'link add up0 type veth peer name up1');
      const [index] = ipJson<{ ifindex: number }>('link show up0', name).map(({ ifindex }) => ifindex);
      const fds = times(4, () => reserve.open('ipv4', 'stream'));
      expect(fds.map((fd) => option(fd, SOL_SOCKET, SO_BINDTOIFINDEX))).toEqual(fds.map(() => index));
      close(fds);
      ipIn(name, 'link del up0');
      expect(() => reserve.open('ipv4', 'stream')).toThrow('no interface "up0"');
    }
  });

  it('gives the one socket where there is no room for more', async () => {
    const reserve = new SocketReserve({ namespace: RED });
    const before = openFds();
    for (const room of [0, 1, 2, 1, 0, 1, 3]) {
      let left = room;
      const undo = replaceSyscalls((real) => ({
        socket: (...args) => {
          left -= 1;
          return left < 0 ? -Errno.EMFILE : real.socket(...args);
        },
      }));
      try {
        if (room > 0) sys().close(reserve.open('ipv4', 'stream'));
        else expect(() => reserve.open('ipv4', 'stream')).toThrow(expect.objectContaining({ code: 'EMFILE' }));
      } finally {
        undo();
      }
      // Nothing ahead at the next round.
      await retryUntil(() => leakedFds(before).length === 0);
    }
  });

  it('keeps 64 sockets in the process at most', async () => {
    const before = openFds();
    const reserves = times(40, () => new SocketReserve({ namespace: RED }));
    atOnce(() => {
      for (const _ of times(8, Number)) close(reserves.map((reserve) => reserve.open('ipv4', 'stream')));
    });
    const ahead = leakedFds(before).length;
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThanOrEqual(64);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('closes what it has made where preparing one of them fails', async () => {
    const before = openFds();
    let prepared = 0;
    const reserve = new SocketReserve({
      namespace: RED,
      prepare: () => {
        prepared += 1;
        if (prepared % 3 === 0) throw new Error('not this one');
      },
    });
    const results = times(12, () => {
      try {
        sys().close(reserve.open('ipv4', 'stream'));
        return 'made';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(new Set(results)).toEqual(new Set(['made', 'not this one']));
    await retryUntil(() => leakedFds(before).length === 0);
    expect(() => new SocketReserve({ namespace: RED, tos: 256 })).toThrow(NetnsError);
    expect(leakedFds(before)).toEqual([]);
  });
});
