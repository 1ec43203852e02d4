import { readFileSync } from 'node:fs';
import { buildLab, type LabTopology, toMermaid, toSvg } from 'neslink/lab';
import { describe, expect, it } from 'vitest';
import { ip, run } from '#testkit';

const host = { kind: 'host' } as const;
const nodes = { a: host, b: host, r: { kind: 'router' }, s: { kind: 'switch' } } as const;
const link = { between: ['a', 'b'] } as const;

describe('a topology that cannot be is refused before anything is made:', () => {
  for (const [what, topology, message] of [
    ['without nodes', {}, 'nodes must be an object of nodes by name, got undefined'],
    ['another object', { nodes, wires: [] }, "the topology has no property 'wires': did you mean links?"],
    ['a kind', { nodes: { a: { kind: 'hub' } } }, "nodes.a.kind must be one of host, router, switch, got 'hub'"],
    [
      'a property of a node',
      { nodes: { a: { ...host, route: {} } } },
      "nodes.a has no property 'route': did you mean routes?",
    ],
    ['a name of a node', { nodes: { '../a': host } }, "'../a' cannot be the name of a node"],
    [
      'a link to a node that is not there',
      { nodes, links: [link, { between: ['a', 'x'] }] },
      "links[1].between has no node 'x'",
    ],
    [
      'a link of a node with itself',
      { nodes, links: [{ between: ['a', 'a'] }] },
      'links[0].between joins a with itself',
    ],
    ['a link with one end', { nodes, links: [{ between: ['a'] }] }, 'links[0].between must be the names of two nodes'],
    [
      'a misspelt limit',
      { nodes, links: [{ ...link, latency: 5 }] },
      "links[0] has no property 'latency': did you mean delay?",
    ],
    [
      'a loss over 100',
      { nodes, links: [{ ...link, loss: 101 }] },
      'links[0].loss must be a number from 0 to 100 (per cent), got 101',
    ],
    [
      'jitter without delay',
      { nodes, links: [{ ...link, jitter: 5 }] },
      'links[0].jitter (5 ms) must not be more than the delay (0 ms)',
    ],
    [
      'a rate as text',
      { nodes, links: [{ ...link, rate: '2mbit' }] },
      'links[0].rate must be from 1000 to 1e12 bits per second',
    ],
    ['an MTU', { nodes, links: [{ ...link, mtu: 10 }] }, 'links[0].mtu must be an integer from 68 to 65535, got 10'],
    ['an address', { nodes, links: [{ ...link, addresses: ['192.0.2.1/33'] }] }, 'links[0].addresses: '],
    [
      'the same interface twice',
      {
        nodes,
        links: [
          { ...link, names: ['x0', 'y0'] },
          { ...link, names: ['x0', 'y1'] },
        ],
      },
      "links[1].names: a has an interface 'x0' already",
    ],
    [
      'a long interface',
      { nodes, links: [{ ...link, names: ['x'.repeat(16), 'y0'] }] },
      'cannot be the name of an interface',
    ],
    [
      'a gateway',
      { nodes: { a: { ...host, routes: { default: 'r1' } } } },
      "nodes.a.routes['default'] must be the address of a gateway, got 'r1'",
    ],
    [
      'a sysctl of the machine',
      { nodes: { a: { ...host, sysctls: { 'kernel.panic': 1 } } } },
      "'kernel.panic' is not a sysctl of a network namespace",
    ],
    [
      'a path out of sysctls',
      { nodes: { a: { ...host, sysctls: { 'net/../kernel/panic': 1 } } } },
      'is not a sysctl of a network namespace',
    ],
    ['a service', { nodes: { a: { ...host, services: { ntp: true } } } }, "nodes.a.services has no property 'ntp'"],
    [
      'a DNS record',
      { nodes: { a: { ...host, services: { dns: { records: { 'x y': '192.0.2.1' } } } } } },
      "'x y' is not a domain name",
    ],
    [
      'a process',
      { nodes: { a: { ...host, processes: { p: { command: 'sleep 1' } } } } },
      "nodes.a.processes.p.command must be a program and its arguments, as in ['sleep', '1'], got 'sleep 1'",
    ],
    [
      'NAT on a host',
      { nodes, links: [link], nat: [{ router: 'a', towards: 'b' }] },
      'nat[0].router: a is a host, not a router',
    ],
    ['NAT to a stranger', { nodes, nat: [{ router: 'r', towards: 'b' }] }, 'nat[0].towards: r has no link to b'],
    [
      'a port forward',
      {
        nodes,
        links: [{ between: ['r', 'b'] }],
        nat: [{ router: 'r', towards: 'b', forward: [{ port: 80, to: 'a:80' }] }],
      },
      "nat[0].forward[0].to must be an IPv4 address and a port, such as '192.0.2.10:80', got 'a:80'",
    ],
  ] as const)
    it(what, async () => {
      const attempt = buildLab(topology as unknown as LabTopology);
      await expect(attempt).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
      await expect(attempt).rejects.toThrow(message);
      expect(ip('netns list')).toBe('');
    });

  it('options of buildLab', async () => {
    await expect(buildLab({ nodes }, { prefx: 'x' } as never)).rejects.toThrow('did you mean prefix?');
    await expect(buildLab({ nodes }, { prefix: '../x' })).rejects.toThrow('prefix must begin with a letter');
  });
});

const drawn: LabTopology = {
  nodes: { end: { kind: 'host' }, r: { kind: 'router', addresses: ['203.0.113.1/32'] }, s: { kind: 'switch' } },
  links: [
    { between: ['end', 's'], addresses: ['192.0.2.2/24'] },
    {
      between: ['s', 'r'],
      addresses: [[], ['192.0.2.1/24', '2001:db8::1/64']],
      delay: 10,
      jitter: 2,
      loss: 0.5,
      rate: 2_500_000,
      mtu: 1400,
    },
    { between: ['end', 'r'] },
  ],
};

describe('a topology is drawn', () => {
  it('as a Mermaid flowchart', () => {
    expect(toMermaid(drawn).split('\n')).toEqual([
      'flowchart LR',
      '  n0["end"]',
      '  n1{{"r<br>203.0.113.1/32"}}',
      '  n2(["s"])',
      '  n0 ---|"192.0.2.2/24"| n2',
      '  n2 ---|"10 ms ± 2<br>0.5 % loss<br>2.5 Mbit/s<br>MTU 1400<br>192.0.2.1/24<br>2001:db8::1/64"| n1',
      '  n0 --- n1',
    ]);
  });

  it('as well-formed SVG with all names, addresses and limits, the same each time', () => {
    const svg = toSvg(drawn);
    expect(toSvg({ topology: drawn })).toBe(svg);
    const texts = run(
      'python3',
      [
        '-c',
        'import sys, xml.dom.minidom as d\nfor t in d.parseString(sys.stdin.buffer.read()).getElementsByTagName("text"): print(t.firstChild.data)',
      ],
      { input: svg },
    );
    expect(texts.trim().split('\n').sort()).toEqual(
      [
        'end',
        'r',
        's',
        '203.0.113.1/32',
        '192.0.2.2/24',
        '192.0.2.1/24',
        '2001:db8::1/64',
        '10 ms ± 2',
        '0.5 % loss',
        '2.5 Mbit/s',
        'MTU 1400',
      ].sort(),
    );
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  it('with nodes that do not lie on one another', () => {
    const ring = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const svg = toSvg({
      nodes: Object.fromEntries(ring.map((name) => [name, host])),
      links: ring.map((name, index) => ({ between: [name, ring[(index + 1) % 12] ?? ''] as [string, string] })),
    });
    const boxes = [...svg.matchAll(/<rect x="(-?\d+)" y="(-?\d+)" width="96"/g)].map(
      ([, x, y]) => [Number(x), Number(y)] as const,
    );
    expect(boxes).toHaveLength(12);
    for (const [index, [x, y]] of boxes.entries())
      for (const [otherX, otherY] of boxes.slice(index + 1))
        expect(Math.abs(x - otherX) >= 96 || Math.abs(y - otherY) >= 40).toBe(true);
  });

  it('only if it can be', () => {
    expect(() => toSvg({ nodes, links: [{ between: ['a', 'x'] }] })).toThrow("has no node 'x'");
  });
});

it('the guide shows the example as it is', () => {
  const file = (name: string): string => readFileSync(new URL(`../../../../${name}`, import.meta.url), 'utf8');
  expect(file('docs/guide/labs.md')).toContain(file('examples/lab/lab.test.ts'));
});
