import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildLab, type Lab, type LabTopology, labFixture } from 'neslink/lab';
import { addNamed, deleteNamed } from 'netns-core';
import { afterAll, test as base, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, keepingGroups, leakedFds, openFds, retryUntil, run, uniqueName } from '#testkit';

/** A server that says who asks. */
const SERVER = `require('node:http').createServer((request, response) => response.end(request.socket.remoteAddress))
  .listen(8080, '::')`;

// h1 ─┐
//     sw ─ r1 ─ (2 Mbit/s) ─ isp
// h2 ─┘
const topology: LabTopology = {
  nodes: {
    h1: { kind: 'host', routes: { default: '192.0.2.1', '::/0': '2001:db8:1::1' } },
    h2: {
      kind: 'host',
      routes: { default: '192.0.2.1' },
      processes: { http: { command: [process.execPath, '-e', SERVER], port: 8080 } },
    },
    sw: { kind: 'switch', addresses: ['192.0.2.2/24'] },
    r1: {
      kind: 'router',
      addresses: ['203.0.113.1/32'],
      routes: { '203.0.113.9/32': '198.51.100.2', '2001:db8:9::9/128': '2001:db8:2::2' },
      sysctls: { 'net.ipv4.conf.eth1.arp_ignore': 1, 'net.ipv4.ip_default_ttl': '61' },
    },
    isp: {
      kind: 'host',
      addresses: ['203.0.113.9/32', '2001:db8:9::9/128'],
      routes: { '2001:db8:1::/64': '2001:db8:2::1' },
      services: {
        dns: { domain: 'test', records: { 'www.example': 'isp.test', 'many.example': ['203.0.113.1', '2001:db8::1'] } },
      },
      processes: { http: { command: [process.execPath, '-e', SERVER], port: 8080 } },
    },
  },
  links: [
    { between: ['h1', 'sw'], addresses: [['192.0.2.11/24', '2001:db8:1::11/64']] },
    { between: ['h2', 'sw'], addresses: ['192.0.2.12/24'] },
    {
      between: ['sw', 'r1'],
      addresses: [[], ['192.0.2.1/24', '2001:db8:1::1/64']],
      names: ['uplink', 'lan'],
      mtu: 1400,
    },
    {
      between: ['r1', 'isp'],
      addresses: [
        ['198.51.100.1/30', '2001:db8:2::1/64'],
        ['198.51.100.2/30', '2001:db8:2::2/64'],
      ],
      rate: 2_000_000,
      names: ['eth1', 'eth0'],
    },
  ],
  nat: [{ router: 'r1', towards: 'isp', forward: [{ port: 80, to: '192.0.2.12:8080' }] }],
};

interface IpLink {
  ifname: string;
  mtu: number;
  master?: string;
  operstate: string;
  addr_info: { local: string; prefixlen: number; scope: string }[];
}

/** Node keeps the inotify of its event loop. */
const untilNoneButWatchesLeak = (before: Map<number, string>): Promise<unknown> =>
  retryUntil(() => leakedFds(before).every((fd) => fd.includes('inotify')), 10_000);

const labNames = (): string[] =>
  ip('netns list')
    .split('\n')
    .filter((line) => line.startsWith('lab'));
const claims = (): string[] => (existsSync('/run/neslink-lab') ? readdirSync('/run/neslink-lab') : []);

describe('a lab', () => {
  let lab: Lab;
  let before: Map<number, string>;
  beforeAll(async () => {
    // What the process keeps once it has worked in a namespace, and watched one.
    await (await buildLab({ nodes: { a: { kind: 'host' } } })).close();
    before = openFds();
    lab = await buildLab(topology);
  });
  afterAll(async () => {
    await lab.close();
    await lab.close();
    expect(labNames()).toEqual([]);
    expect(claims()).toEqual([]);
    expect(existsSync('/etc/netns/lab-h1')).toBe(false);
    await untilNoneButWatchesLeak(before);
  });

  it('has a namespace for each node, with the interfaces and addresses of its links, as ip sees them', () => {
    expect(
      labNames()
        .map((line) => line.split(' ')[0])
        .sort(),
    ).toEqual(['lab-h1', 'lab-h2', 'lab-isp', 'lab-r1', 'lab-sw']);
    const seen = (node: string): Record<string, string[]> =>
      Object.fromEntries(
        ipJson<IpLink>('addr show', `lab-${node}`).map(({ ifname, addr_info }) => [
          ifname,
          addr_info.filter(({ scope }) => scope === 'global').map(({ local, prefixlen }) => `${local}/${prefixlen}`),
        ]),
      );
    expect(seen('h1')).toEqual({ lo: [], eth0: ['192.0.2.11/24', '2001:db8:1::11/64'] });
    expect(seen('r1')).toEqual({
      lo: ['203.0.113.1/32'],
      lan: ['192.0.2.1/24', '2001:db8:1::1/64'],
      eth1: ['198.51.100.1/30', '2001:db8:2::1/64'],
    });
    expect(seen('sw')).toEqual({ lo: [], br0: ['192.0.2.2/24'], eth0: [], eth1: [], uplink: [] });
    const ports = ipJson<IpLink>('link show', 'lab-sw');
    expect(
      ports
        .filter(({ master }) => master === 'br0')
        .map(({ ifname }) => ifname)
        .sort(),
    ).toEqual(['eth0', 'eth1', 'uplink']);
    expect(ports.find(({ ifname }) => ifname === 'uplink')).toMatchObject({ mtu: 1400, operstate: 'UP' });
    expect(lab.node('h1').addresses).toEqual(['192.0.2.11', '2001:db8:1::11']);
    expect(lab.node('sw').interfaces.map(({ name, peer }) => `${name} ${peer.node} ${peer.name}`)).toEqual([
      'eth0 h1 eth0',
      'eth1 h2 eth0',
      'uplink r1 lan',
    ]);
  });

  // linkwatch_urgent_event() in link_watch.c; for others it may take a second.
  it('has links whose ends have different indexes, so that the kernel reports their carriers at once', () => {
    const ends = ['h1', 'h2', 'sw', 'r1', 'isp'].flatMap((node) =>
      ipJson<{ ifindex: number; link_index?: number }>('link show type veth', `lab-${node}`),
    );
    expect(ends).toHaveLength(8);
    for (const { ifindex, link_index } of ends) expect(link_index).not.toBe(ifindex);
    for (const { link_index } of ends) expect(link_index).toBeGreaterThan(0);
  });

  it('has routes, limits, sysctls and translation, as ip, tc, sysctl and nft see them', async () => {
    expect(ipJson('route show default', 'lab-h1')).toMatchObject([{ gateway: '192.0.2.1', dev: 'eth0' }]);
    expect(ipJson('-6 route show default', 'lab-h1')).toMatchObject([{ gateway: '2001:db8:1::1' }]);
    for (const [node, link] of [
      ['r1', 'eth1'],
      ['isp', 'eth0'],
    ] as const) {
      const [qdisc] = JSON.parse(run('tc', ['-n', `lab-${node}`, '-j', 'qdisc', 'show', 'dev', link])) as {
        kind: string;
        options: { rate: number };
      }[];
      expect(qdisc).toMatchObject({ kind: 'tbf', options: { rate: 250_000 } });
    }
    const sysctl = async (node: string, name: string): Promise<string> =>
      (await lab.node(node).run('sysctl', ['-n', name])).stdout.trim();
    expect(await sysctl('r1', 'net.ipv4.ip_forward')).toBe('1');
    expect(await sysctl('r1', 'net.ipv6.conf.all.forwarding')).toBe('1');
    expect(await sysctl('h1', 'net.ipv4.ip_forward')).toBe('0');
    expect(await sysctl('r1', 'net.ipv4.conf.eth1.arp_ignore')).toBe('1');
    expect(await sysctl('r1', 'net.ipv4.ip_default_ttl')).toBe('61');
    expect((await lab.node('r1').run('nft', ['list', 'ruleset'])).stdout).toMatch(/oifname "eth1" masquerade/);
  });

  it('carries pings between all nodes, over IPv4 and IPv6, and says what is lost', async () => {
    expect(await lab.node('h1').ping('192.0.2.12', { count: 2, interval: 200 })).toMatchObject({
      sent: 2,
      received: 2,
      min: expect.any(Number),
    });
    expect(await lab.node('h1').ping('203.0.113.9')).toMatchObject({ received: 1 });
    expect(await lab.node('h1').ping('2001:db8:9::9')).toMatchObject({ received: 1 });
    expect(await lab.node('h1').ping('192.0.2.99', { timeout: 100 })).toMatchObject({ sent: 1, received: 0 });
    expect(await lab.node('isp').ping('192.0.2.11')).toMatchObject({
      received: 0,
      replies: [{ error: expect.any(Error) }],
    });
    await expect(lab.node('h1').ping('no-such.test')).rejects.toThrow('no-such.test');
  });

  it('translates addresses on the way out, and ports on the way in', async () => {
    const response = await lab.node('h1').fetch('http://203.0.113.9:8080/');
    // The router's address, not the host's.
    expect(await response.text()).toBe('::ffff:198.51.100.1');
    const inside = await lab.node('isp').fetch('http://198.51.100.1/');
    expect(await inside.text()).toBe('::ffff:198.51.100.2');
  });

  it('answers DNS for its nodes and its records, over UDP and TCP, for fetch, for programs and in reverse', async () => {
    const h1 = lab.node('h1');
    expect(await (await h1.fetch('http://isp.test:8080/')).text()).toBe('2001:db8:1::11');
    expect((await h1.run('getent', ['ahostsv4', 'h2'])).stdout).toContain('192.0.2.12');
    expect((await h1.run('getent', ['hosts', '192.0.2.12'])).stdout).toContain('h2.test');
    const many = (await h1.run('getent', ['ahosts', 'many.example'])).stdout;
    for (const address of ['203.0.113.1', '2001:db8::1']) expect(many).toContain(address);
    const lookup = (type: string, name: string): Promise<string> =>
      h1
        .run(process.execPath, [
          '-e',
          `require('node:dns').promises.resolve('${name}', '${type}').then((all) => console.log(JSON.stringify(all)), (error) => console.log(error.code))`,
        ])
        .then(({ stdout }) => stdout.trim());
    expect(await lookup('CNAME', 'www.example')).toBe('["isp.test"]');
    expect(JSON.parse(await lookup('A', 'www.example'))).toContain('198.51.100.2');
    expect(await lookup('A', 'nothing.example')).toBe('ENOTFOUND');
    expect(await lookup('A', 'example')).toBe('ENODATA');
    const tcp = await h1.run(process.execPath, [
      '-e',
      `const name = Buffer.from('\\x02h2\\x04test\\x00', 'latin1');
       const query = Buffer.concat([Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Buffer.from([0, 1, 0, 1])]);
       const socket = require('node:net').connect(53, '198.51.100.2');
       socket.write(Buffer.concat([Buffer.from([0, query.length]), query]));
       socket.once('data', (data) => { console.log(data.subarray(-4).join('.')); socket.destroy(); });`,
    ]);
    expect(tcp.stdout.trim()).toBe('192.0.2.12');
  });

  it('captures what a node sends and receives, in a file that tcpdump reads', async () => {
    const capture = await lab.node('r1').capture({ interface: 'eth1', filter: ({ protocol }) => protocol === 'udp' });
    await lab.node('h1').run('getent', ['ahostsv4', 'h2.test']);
    const packets = await capture.stop();
    expect(packets[0]).toMatchObject({
      interface: 'eth1',
      source: '198.51.100.1',
      destination: '198.51.100.2',
      destinationPort: 53,
    });
    expect(packets.some(({ source, sourcePort }) => source === '198.51.100.2' && sourcePort === 53)).toBe(true);
    const file = path.join(tmpdir(), `${uniqueName('lab')}.pcap`);
    writeFileSync(file, capture.pcap());
    const [program = '', ...args] = [...keepingGroups(), 'tcpdump', '-Z', 'root', '-n', '-r', file];
    const printed = run(program, args);
    rmSync(file);
    expect(printed).toMatch(/IP 198\.51\.100\.1\.\d+ > 198\.51\.100\.2\.53: .*A\? h2\.test/);
    expect(printed.trim().split('\n')).toHaveLength(packets.length);
    await expect(lab.node('r1').capture({ interface: 'eth7' })).rejects.toThrow("node r1 has no interface 'eth7'");
    await expect(lab.node('r1').capture({ filter: 'udp' as never })).rejects.toThrow('filter must be a function');
  });

  it('runs programs in its nodes, with their input, and says why one failed', async () => {
    const h1 = lab.node('h1');
    expect((await h1.run('cat', [], { input: 'hello' })).stdout).toBe('hello');
    await expect(h1.run('sh', ['-c', 'echo no such thing >&2; exit 3'])).rejects.toThrow(
      /in node h1 ended with exit code 3: no such thing/,
    );
    expect((await h1.run('sh', ['-c', 'exit 3'], { check: false })).exitCode).toBe(3);
    const { stdout } = await h1.run('ip', ['-j', 'link', 'show']);
    expect((JSON.parse(stdout) as IpLink[]).map(({ ifname }) => ifname)).toEqual(['lo', 'eth0']);
    const socket = await h1.dial({ host: '192.0.2.12', port: 8080 });
    expect(socket.remoteAddress).toBe('192.0.2.12');
    expect(lab.node('h2').process('http').running).toBe(true);
    expect(() => lab.node('h2').process('htp')).toThrow('did you mean http?');
    expect(() => lab.node('h11')).toThrow("the lab has no node 'h11'");
  });

  it('waits until a link that was set down is up again', async () => {
    ipIn('lab-h2', 'link set eth0 down');
    await expect(lab.waitUp({ timeout: 50 })).rejects.toThrow(/eth[01] of node (h2|sw) is/);
    ipIn('lab-h2', 'link set eth0 up');
    await lab.waitUp();
    expect(ipJson<IpLink>('link show eth0', 'lab-h2')[0]?.operstate).toBe('UP');
  });

  it('gives a second lab another prefix, and refuses one that is taken', async () => {
    const two: LabTopology = {
      nodes: { a: { kind: 'host' }, b: { kind: 'host' } },
      links: [{ between: ['a', 'b'], addresses: ['192.0.2.1/24', '192.0.2.2/24'] }],
    };
    await using second = await buildLab(two);
    expect(second.prefix).toBe('lab2-');
    expect(await second.node('a').ping('192.0.2.2')).toMatchObject({ received: 1 });
    await expect(buildLab(two, { prefix: 'lab2-' })).rejects.toMatchObject({ code: 'EBUSY' });
    await using third = await buildLab(two, { prefix: uniqueName('x') });
    expect(await third.node('a').ping('192.0.2.2')).toMatchObject({ received: 1 });
  });
});

describe('a lab that cannot be built', () => {
  it('leaves nothing, and says what is wrong where', async () => {
    const before = openFds();
    const nodes = { a: { kind: 'host' }, b: { kind: 'host', routes: { default: '203.0.113.1' } } } as const;
    const links = [{ between: ['a', 'b'], addresses: ['192.0.2.1/24', '192.0.2.2/24'] }] as const;
    await expect(buildLab({ nodes, links })).rejects.toThrow(
      /^node b: the route to default cannot be made: .*203\.0\.113\.1/,
    );
    await expect(
      buildLab({
        nodes: {
          a: { kind: 'host', processes: { web: { command: ['sh', '-c', 'echo broken >&2; exit 4'], port: 80 } } },
        },
      }),
    ).rejects.toThrow(/process web of node a has ended with exit code 4 .*: broken/);
    await expect(
      buildLab({ nodes: { a: { kind: 'host', processes: { x: { command: ['no-such-program-here'] } } } } }),
    ).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(
      buildLab({ nodes, links: [links[0]] }, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
    expect(labNames()).toEqual([]);
    expect(claims()).toEqual([]);
    await untilNoneButWatchesLeak(before);
  });

  it('does not touch a namespace that it has not made', async () => {
    addNamed('lab-mine').close();
    await expect(buildLab({ nodes: { mine: { kind: 'host' } } })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(labNames()).toEqual(['lab-mine']);
    deleteNamed('lab-mine');
  });
});

describe('a closed lab', () => {
  it('refuses further work', async () => {
    const lab = await buildLab({ nodes: { a: { kind: 'host' } } });
    const node = lab.node('a');
    const sleeper = await node.spawn('sleep', ['1000']);
    await lab.close();
    expect(sleeper.running).toBe(false);
    for (const attempt of [
      () => node.run('true'),
      () => node.fetch('http://192.0.2.1/'),
      () => node.ping('192.0.2.1'),
      () => node.capture(),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'ERR_LAB_CLOSED' });
  });
});

const pair: LabTopology = {
  nodes: { a: { kind: 'host' }, b: { kind: 'host' } },
  links: [{ between: ['a', 'b'], addresses: ['192.0.2.1/24', '192.0.2.2/24'] }],
};

describe('as a fixture', () => {
  const test = base.extend<{ lab: Lab }>({ lab: labFixture(pair) });
  test('of vitest it is there in the test', async ({ lab }) => {
    expect(await lab.node('a').ping('192.0.2.2')).toMatchObject({ received: 1 });
  });

  describe('by hooks', () => {
    const lab = labFixture(pair).hooks({ beforeAll, afterAll });
    it('it is there in all tests', async () => {
      expect(await lab().node('b').ping('192.0.2.1')).toMatchObject({ received: 1 });
    });
  });

  it('it is gone afterwards, and hooks that are not there are asked for', () => {
    expect(labNames()).toEqual([]);
    expect(() => labFixture(pair).hooks()).toThrow('beforeAll and afterAll');
    expect(() => labFixture(pair).hooks({ beforeAll: () => {}, afterAll: () => {} })()).toThrow('in tests only');
  });
});
