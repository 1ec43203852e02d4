// Two routers, three hosts and a slow link between the routers. It runs as root, and as an ordinary user in namespaces
// of its own with an /etc and a /run that can be written to:
//
//   node tools/sandbox/sandbox.mjs -- vitest run examples/lab
import { type Lab, labFixture, toMermaid } from 'neslink/lab';
import { test as base, describe, expect } from 'vitest';

const lab = labFixture({
  nodes: {
    r1: { kind: 'router', routes: { '203.0.113.0/24': '198.51.100.2' } },
    r2: { kind: 'router', routes: { '192.0.2.0/24': '198.51.100.1' } },
    h1: { kind: 'host', routes: { default: '192.0.2.1' } },
    h2: { kind: 'host', routes: { default: '192.0.2.65' } },
    h3: { kind: 'host', routes: { default: '203.0.113.1' }, services: { dns: true } },
  },
  links: [
    { between: ['h1', 'r1'], addresses: ['192.0.2.10/26', '192.0.2.1/26'] },
    { between: ['h2', 'r1'], addresses: ['192.0.2.70/26', '192.0.2.65/26'] },
    { between: ['r1', 'r2'], addresses: ['198.51.100.1/30', '198.51.100.2/30'], rate: 2_000_000 },
    { between: ['r2', 'h3'], addresses: ['203.0.113.1/24', '203.0.113.10/24'] },
  ],
});
const test = base.extend<{ lab: Lab }>({ lab: [lab, { scope: 'file' }] });

describe('the lab', () => {
  test('routes pings between all hosts, by name', async ({ lab }) => {
    const hosts = ['h1', 'h2', 'h3'];
    for (const from of hosts)
      for (const to of hosts) expect(await lab.node(from).ping(to), `${from} to ${to}`).toMatchObject({ received: 1 });
  });

  test('loses packets on its slow link alone', async ({ lab }) => {
    const flood = async (to: string): Promise<number> =>
      Number(
        /(\d+) received/.exec((await lab.node('h1').run('ping', ['-qnc50', '-l50', '-W3', '-s1400', to])).stdout)?.[1],
      );
    expect(await flood('h2')).toBe(50);
    expect(await flood('h3')).toBeLessThan(40);
  });

  test('shows which way packets go', async ({ lab }) => {
    await using capture = await lab.node('r2').capture({ filter: ({ protocol }) => protocol === 'icmp' });
    await lab.node('h2').ping('h3');
    const way = (await capture.stop()).map(({ interface: name, source }) => `${name} ${source}`);
    expect(way).toEqual(['eth0 192.0.2.70', 'eth1 192.0.2.70', 'eth1 203.0.113.10', 'eth0 203.0.113.10']);
  });

  test('is drawn', ({ lab }) => {
    expect(toMermaid(lab)).toContain('n0 ---|"198.51.100.1/30<br>2 Mbit/s<br>198.51.100.2/30"| n1');
  });
});
