import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { InvalidOptionError, NamespaceNotFoundError } from 'netns-core';
import { replaceSyscalls } from 'netns-core/sys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  capture,
  ip,
  ipIn,
  leakedFds,
  makeNamespaces,
  openFds,
  retryUntil,
  run,
  uniqueName,
  vethBetween,
} from '#testkit';
import { PingError, type PingOptions, type PingReply, ping } from '../src/index.ts';
import { writeNetnsFiles } from './resolve/name-servers.ts';

// red - router - blue. Beyond the router there is also a network that it calls unreachable.
const RED = uniqueName('red');
const ROUTER = uniqueName('router');
const BLUE = uniqueName('blue');
const NEAR = { 4: '192.0.2.254', 6: '2001:db8:1::fe' } as const;
const FAR = { 4: '198.51.100.2', 6: '2001:db8:2::2' } as const;
const SILENT = { 4: '198.51.100.66', 6: '2001:db8:2::66' } as const;
const SILENT_FROM_BLUE = { 4: '192.0.2.66', 6: '2001:db8:1::66' } as const;
const BARRED = { 4: '203.0.113.9', 6: '2001:db8:3::9' } as const;
let namespaces: { remove(): void };

const pingRed = (options: Omit<PingOptions, 'vrf' | 'namespace'>) =>
  ping({ namespace: RED, timeout: 10_000, ...options });

const sysctl = (namespace: string, setting: string): string =>
  execFileSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', setting], { encoding: 'utf8' });

beforeAll(async () => {
  namespaces = makeNamespaces(RED, ROUTER, BLUE);
  vethBetween(
    { namespace: RED, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8:1::1/64'] },
    { namespace: ROUTER, name: 'red', addresses: [`${NEAR[4]}/24`, `${NEAR[6]}/64`] },
  );
  vethBetween(
    { namespace: BLUE, name: 'eth0', addresses: [`${FAR[4]}/24`, `${FAR[6]}/64`] },
    { namespace: ROUTER, name: 'blue', addresses: ['198.51.100.254/24', '2001:db8:2::fe/64'] },
  );
  for (const setting of ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1', 'net.ipv4.icmp_ratelimit=0'])
    sysctl(ROUTER, setting);
  sysctl(ROUTER, 'net.ipv6.icmp.ratelimit=0');
  ipIn(RED, `route add default via ${NEAR[4]}`);
  ipIn(RED, `-6 route add default via ${NEAR[6]}`);
  ipIn(BLUE, 'route add default via 198.51.100.254');
  ipIn(BLUE, '-6 route add default via 2001:db8:2::fe');
  ipIn(ROUTER, 'route add 203.0.113.0/24 dev blue');
  ipIn(ROUTER, '-6 route add 2001:db8:3::/64 dev blue');
  // Not unreachable routes: the kernel limits how often it tells of those.
  execFileSync('ip', ['netns', 'exec', ROUTER, 'nft', '-f', '-'], {
    input: `table inet barred {
      chain forward {
        type filter hook forward priority 0;
        ip daddr { ${SILENT[4]}, ${SILENT_FROM_BLUE[4]} } drop;
        ip6 daddr { ${SILENT[6]}, ${SILENT_FROM_BLUE[6]} } drop;
        ip daddr 203.0.113.0/24 reject with icmp type host-unreachable;
        ip6 daddr 2001:db8:3::/64 reject with icmpv6 type no-route;
      }
    }`,
  });
  // The first packets wait for neighbours to be found, and addresses for duplicates.
  for (const host of Object.values(FAR))
    await retryUntil(async () => (await pingRed({ host, timeout: 200 })).received === 1);
});

afterAll(() => namespaces?.remove());

/** What `ping(8)` of the namespace prints, whatever its exit code. */
async function realPing(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('ip', ['netns', 'exec', RED, 'ping', '-n', ...args]).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

async function onlyReply(promise: PromiseLike<{ replies: readonly PingReply[] }>): Promise<PingReply> {
  const { replies } = await promise;
  expect(replies).toHaveLength(1);
  return replies[0] as PingReply;
}

describe.each([4, 6] as const)('ping over IPv%i', (family) => {
  it('has the replies that ping(8) has', async () => {
    const { replies, ...summary } = await pingRed({ host: FAR[family], count: 3, interval: 10, size: 100 });
    expect(summary).toMatchObject({ host: FAR[family], address: FAR[family], sent: 3, received: 3, lost: 0 });
    expect(summary.min).toBeLessThanOrEqual(summary.avg ?? 0);
    expect(summary.avg).toBeLessThanOrEqual(summary.max ?? 0);
    expect(summary.min).toBeGreaterThan(0);
    const output = await realPing([`-${family}`, '-c', '3', '-i', '0.2', '-s', '100', FAR[family]]);
    const theirs = [...output.matchAll(/^(\d+) bytes from (\S+): icmp_seq=(\d+) (?:ttl|hlim)=(\d+)/gm)].map(
      ([, size, address, sequence, ttl]) => ({
        size: Number(size),
        address,
        sequence: Number(sequence),
        ttl: Number(ttl),
      }),
    );
    expect(theirs).toHaveLength(3);
    expect(replies.map(({ size, address, sequence, ttl }) => ({ size, address, sequence, ttl }))).toEqual(theirs);
  });

  it('tells that the time to live was exceeded, and who says so', async () => {
    const output = await realPing([`-${family}`, '-c', '1', '-t', '1', FAR[family]]);
    expect(output).toMatch(new RegExp(`From ${NEAR[family]} icmp_seq=1 Time (to live )?exceeded`));
    const reply = await onlyReply(pingRed({ host: FAR[family], ttl: 1 }));
    expect(reply.error).toBeInstanceOf(PingError);
    expect(reply.error).toMatchObject({ code: 'EHOSTUNREACH', reportedBy: NEAR[family], sequence: 1 });
    expect(reply.error?.message).toContain('time to live exceeded');
    expect(reply.error?.icmp).toEqual({ type: family === 4 ? 11 : 3, code: 0 });
  });

  it('tells that a router has no way to the host', async () => {
    const { received, lost, replies, min } = await pingRed({ host: BARRED[family], count: 2, interval: 0 });
    expect({ received, lost, min }).toEqual({ received: 0, lost: 2, min: undefined });
    for (const { error } of replies)
      expect(error).toMatchObject({ reportedBy: NEAR[family], code: family === 4 ? 'EHOSTUNREACH' : 'ENETUNREACH' });
  });

  it('tells that the namespace has no route', async () => {
    const bare = uniqueName('bare');
    using _made = makeNamespaces(bare);
    const { replies } = await ping({ namespace: bare, host: FAR[family], count: 2, interval: 0 });
    expect(replies.map(({ error }) => error?.code)).toEqual(['ENETUNREACH', 'ENETUNREACH']);
  });

  it('sends with TOS, by the interface that the target names', async () => {
    const seen = await capture(ROUTER, family === 4 ? 'icmp' : 'icmp6 and ip6[40] == 128', ['-v']);
    expect((await pingRed({ host: NEAR[family], tos: 0x20, interface: 'eth0' })).received).toBe(1);
    const packets = (await seen.stop()).join('\n');
    expect(packets).toContain(family === 4 ? 'tos 0x20' : 'class 0x20');
    const wrong = await pingRed({ host: NEAR[family], interface: 'lo', timeout: 100 });
    expect(wrong.received).toBe(0);
    const none = pingRed({ host: NEAR[family], interface: 'nosuch0' });
    await expect(none).rejects.toMatchObject({ code: 'ENODEV' });
  });

  it('uses a datagram socket where the namespace allows it, and a raw one otherwise', async () => {
    // Which sockets a namespace has while a ping waits for a reply that does not come.
    const kinds = async (namespace: string, host: string): Promise<string[]> => {
      const controller = new AbortController();
      const running = ping({ namespace, host, signal: controller.signal, timeout: 30_000 });
      const open = (file: string): boolean =>
        run('ip', ['netns', 'exec', namespace, 'cat', `/proc/net/${file}${family === 6 ? '6' : ''}`])
          .trim()
          .split('\n').length > 1;
      const sockets = ['icmp', 'raw'];
      await retryUntil(() => sockets.some(open));
      const found = sockets.filter(open);
      controller.abort();
      await running.catch(() => undefined);
      return found;
    };
    expect(await kinds(RED, SILENT[family])).toEqual(['raw']);
    sysctl(BLUE, 'net.ipv4.ping_group_range=0 0');
    expect(await kinds(BLUE, SILENT_FROM_BLUE[family])).toEqual(['icmp']);
    const host = family === 4 ? '192.0.2.1' : '2001:db8:1::1';
    const pingBlue = (options: Partial<PingOptions>) => ping({ namespace: BLUE, host, timeout: 10_000, ...options });
    const { replies } = await pingBlue({ count: 2, interval: 5 });
    expect(replies.map(({ sequence, ttl, address }) => [sequence, ttl, address])).toEqual([
      [1, 63, host],
      [2, 63, host],
    ]);
    // Several errors on one socket.
    const exceeded = await pingBlue({ ttl: 1, count: 3, interval: 5 });
    for (const { error } of exceeded.replies)
      expect(error).toMatchObject({
        code: 'EHOSTUNREACH',
        reportedBy: family === 4 ? '198.51.100.254' : '2001:db8:2::fe',
      });
  });
});

describe('a ping', () => {
  it('gives its replies as they come', async () => {
    const seen: PingReply[] = [];
    const running = pingRed({ host: FAR[4], count: 4, interval: 20 });
    for await (const reply of running) seen.push(reply);
    expect(seen.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect((await running).replies).toEqual(seen);
  });

  it('ends when its iteration is left, and leaves nothing open', async () => {
    const before = openFds();
    const running = pingRed({ host: FAR[4], count: Number.POSITIVE_INFINITY, interval: 1 });
    let count = 0;
    for await (const { time } of running) {
      expect(time).toBeGreaterThan(0);
      count += 1;
      if (count === 5) break;
    }
    expect((await running).received).toBeGreaterThanOrEqual(5);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('resolves names in its namespace', async () => {
    writeNetnsFiles(RED, { hosts: `${FAR[4]} far.example\n${FAR[6]} far.example\n` });
    try {
      expect(await pingRed({ host: 'far.example', family: 4 })).toMatchObject({ address: FAR[4], received: 1 });
      expect(await pingRed({ host: 'far.example', family: 6 })).toMatchObject({ address: FAR[6], received: 1 });
    } finally {
      writeNetnsFiles(RED, { hosts: undefined });
    }
  });

  it('takes a link-local address with its zone', async () => {
    const [link] = JSON.parse(ip('-n', ROUTER, '-j', 'addr', 'show', 'dev', 'red')) as [
      { addr_info: { scope: string; local: string }[] },
    ];
    const local = link.addr_info.find(({ scope }) => scope === 'link')?.local ?? '';
    await retryUntil(async () => (await pingRed({ host: `${local}%eth0`, timeout: 500 })).received === 1);
    await expect(pingRed({ host: `${local}%nosuch0` })).rejects.toMatchObject({ code: 'ENODEV' });
  });

  it('gives up a request after its timeout', async () => {
    const { replies } = await pingRed({ host: SILENT[4], timeout: 50, count: 2, interval: 10 });
    expect(replies.map(({ error }) => error?.code)).toEqual(['ETIMEDOUT', 'ETIMEDOUT']);
  });

  it('takes a reply that came in time, however long the event loop was held', async () => {
    const running = pingRed({ host: NEAR[4], timeout: 400, count: 2, interval: 300 });
    let first = true;
    for await (const { time, error } of running) {
      expect(error).toBeUndefined();
      expect(time).toBeLessThan(400);
      if (!first) continue;
      first = false;
      // The next request is sent in the turn in which its timer is due.
      setTimeout(() => {
        const until = performance.now() + 800;
        while (performance.now() < until);
      }, 301);
    }
  });

  it('rejects with the reason of its signal in every stage, and leaves nothing open', async () => {
    const reason = new Error('no longer');
    const ends = async (options: PingOptions): Promise<void> => {
      const controller = new AbortController();
      const running = ping({ ...options, signal: controller.signal });
      setTimeout(() => controller.abort(reason), 100);
      await expect(running).rejects.toBe(reason);
    };
    // The process watches the names of namespaces from the first time on that it waits for one.
    const waiting = { namespace: uniqueName('late'), host: FAR[4], waitForNamespace: 60_000 };
    await ends(waiting);
    const before = openFds();
    await expect(pingRed({ host: FAR[4], signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await ends(waiting);
    await ends({ namespace: RED, host: SILENT[4], timeout: 60_000 });
    await ends({ namespace: RED, host: 'nosuch.example', dns: { servers: [SILENT[4]], timeout: 30_000 } });
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('waits for its namespace', async () => {
    const late = uniqueName('late');
    await expect(ping({ namespace: late, host: '127.0.0.1' })).rejects.toBeInstanceOf(NamespaceNotFoundError);
    const running = ping({ namespace: late, host: '127.0.0.1', waitForNamespace: 20_000, timeout: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    using _made = makeNamespaces(late);
    expect((await running).sent).toBe(1);
  });

  it('refuses options that cannot be right', async () => {
    for (const options of [
      { host: '' },
      { host: FAR[4], count: 0 },
      { host: FAR[4], count: 1.5 },
      { host: FAR[4], timeout: 0 },
      { host: FAR[4], size: 65_508 },
      { host: FAR[4], ttl: 256 },
      { host: FAR[4], family: 6 },
      { host: FAR[4], hops: 3 },
    ] as Omit<PingOptions, 'namespace'>[])
      await expect(pingRed(options), JSON.stringify(options)).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(ping({ host: FAR[4] } as PingOptions)).rejects.toThrow(/no vrf, namespace or interface/);
  });

  it.each([
    'socket',
    'setsockopt',
    'getsockopt',
    'epollCreate',
    'epollCtl',
    'socketpair',
    'fcntl',
    'dup3',
    'connect',
    'send',
  ] as const)('that a failing system call stops leaves nothing open: %s', async (call) => {
    const before = openFds();
    for (const failing of [1, 2, 3, 4]) {
      let calls = 0;
      const restore = replaceSyscalls((real) => ({
        [call]: (...args: never[]): number => {
          calls += 1;
          return calls === failing ? -24 : (real[call] as (...all: never[]) => number)(...args);
        },
      }));
      try {
        const outcome = await pingRed({ host: FAR[4] }).catch((error: NodeJS.ErrnoException) => error);
        if (outcome instanceof Error) expect(outcome.message).toContain('EMFILE');
      } finally {
        restore();
      }
    }
    await retryUntil(() => leakedFds(before).length === 0);
  });
});
