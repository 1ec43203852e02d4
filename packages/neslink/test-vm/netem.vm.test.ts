import {
  Do,
  LAAddAddr,
  LAAddNetem,
  LANewDummy,
  LANewGRETap,
  LANewVeth,
  LANewWireguard,
  LASetUp,
  LAWireguard,
  LinkDo,
  LPName,
  LPNewDummy,
  LPNewGRETap,
  LPNewWireguard,
  NAExec,
  NALinks,
  NASetLinkNs,
  NPName,
} from 'neslink';
import { buildLab } from 'neslink/lab';
import { generateWireguardKey, wireguardPublicKey } from 'netlink-links';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespaces, run, uniqueName } from '#testkit';

const name = uniqueName('n');
const other = uniqueName('n');
let namespaces: Disposable;
beforeAll(() => {
  namespaces = makeNamespaces(name, other);
});
afterAll(() => namespaces[Symbol.dispose]());

/** What a ping says of packets received and of the shortest way there and back, ms. */
async function ping(...options: string[]): Promise<{ received: number; shortest: number }> {
  const [process] = await Do(NPName(name), NAExec('ping', ['-n', '-q', ...options, '192.0.2.2']));
  const { stdout } = await process.result();
  return {
    received: Number(/(\d+) received/.exec(stdout)?.[1]),
    shortest: Number(/= ([\d.]+)\//.exec(stdout)?.[1] ?? Number.NaN),
  };
}

describe('links of kinds that this kernel has', () => {
  it('are made by providers and by actions: dummy, GRE with Ethernet, WireGuard', async () => {
    for (const provider of [LPNewDummy('d0'), LPNewGRETap('g0', '192.0.2.1', '192.0.2.9'), LPNewWireguard('w0')]) {
      const { err } = await LinkDo(NPName(name), provider, LASetUp());
      expect(err, provider.name).toBeUndefined();
    }
    const [, , , links] = await Do(
      NPName(name),
      LANewDummy('d1'),
      LANewGRETap('g1', '192.0.2.1', '192.0.2.8'),
      LANewWireguard('w1'),
      NALinks(),
    );
    const kinds = new Map(links.map((link) => [link.name, link.type]));
    expect(['d0', 'd1', 'g0', 'g1', 'w0', 'w1'].map((link) => kinds.get(link))).toEqual([
      'dummy',
      'dummy',
      'gretap',
      'gretap',
      'wireguard',
      'wireguard',
    ]);
  });
});

describe('LAWireguard', () => {
  it('gives a link its key and peers, as wg shows them', async () => {
    const [own, peer] = [generateWireguardKey(), wireguardPublicKey(generateWireguardKey())];
    const { err } = await LinkDo(
      NPName(name),
      LPNewWireguard('w2'),
      LAWireguard({
        privateKey: own,
        listenPort: 51_820,
        peers: [{ publicKey: peer, endpoint: '192.0.2.9:51820', allowedIPs: ['198.51.100.0/24'] }],
      }),
    );
    expect(err).toBeUndefined();
    const wg = (what: string): string => run('ip', ['netns', 'exec', name, 'wg', 'show', 'w2', what]).trim();
    expect(wg('private-key')).toBe(own);
    expect(wg('listen-port')).toBe('51820');
    expect(wg('allowed-ips')).toBe(`${peer}\t198.51.100.0/24`);
    const { err: other } = await LinkDo(NPName(name), LPName('d0'), LAWireguard({ listenPort: 1 }));
    expect(other).toMatchObject({ action: 'LAWireguard', code: 'EOPNOTSUPP' });
  });
});

describe('LAAddNetem', () => {
  it('delays packets by milliseconds and loses them by per cent, as tc and ping see it', async () => {
    await Do(
      NPName(name),
      LANewVeth('v0', 'v1'),
      NASetLinkNs(LPName('v1'), NPName(other)),
      LAAddAddr(LPName('v0'), '192.0.2.1/24'),
      LASetUp(LPName('v0')),
    );
    await LinkDo(NPName(other), LPName('v1'), LAAddAddr('192.0.2.2/24'), LASetUp());
    // Let both ends learn each other's address first.
    expect((await ping('-c', '3', '-i', '0.2')).received).toBeGreaterThan(0);
    const { err } = await LinkDo(NPName(name), LPName('v0'), LAAddNetem({ latency: 200, jitter: 10, loss: 30 }));
    expect(err).toBeUndefined();
    expect(run('tc', ['-n', name, 'qdisc', 'show', 'dev', 'v0'])).toMatch(
      /netem .*delay 200(\.0)?ms\s+10(\.0)?ms loss 30%/,
    );
    const { received, shortest } = await ping('-c', '100', '-i', '0.05', '-W', '3');
    expect(shortest).toBeGreaterThan(150);
    expect(received).toBeGreaterThan(30);
    expect(received).toBeLessThan(95);
  });
});

describe('a link of a lab', () => {
  it('delays, limits and loses packets in each direction, as tc and ping see it', async () => {
    await using lab = await buildLab({
      nodes: { a: { kind: 'host' }, b: { kind: 'host' } },
      links: [
        { between: ['a', 'b'], addresses: ['192.0.2.1/24', '192.0.2.2/24'], delay: 50, jitter: 5, rate: 8_000_000 },
        { between: ['a', 'b'], addresses: ['198.51.100.1/24', '198.51.100.2/24'], loss: 100 },
      ],
    });
    for (const node of ['a', 'b'])
      expect(run('tc', ['-n', lab.node(node).namespace, 'qdisc', 'show', 'dev', 'eth0'])).toMatch(
        /netem .*delay 50(\.0)?ms\s+5(\.0)?ms rate 8Mbit/,
      );
    const { received, min } = await lab.node('a').ping('192.0.2.2', { count: 3, interval: 200, timeout: 2000 });
    expect(received).toBe(3);
    expect(min).toBeGreaterThan(80);
    expect(await lab.node('a').ping('198.51.100.2', { timeout: 500 })).toMatchObject({ sent: 1, received: 0 });
  });
});
