import { spawnSync } from 'node:child_process';
import { generateWireguardKey, generateWireguardPresharedKey, Netlink, wireguardPublicKey } from 'netlink-links';
import { genericFamilyGet, linkAdd, wireguardSet } from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, run, uniqueName, vethBetween } from '#testkit';

const here = uniqueName('wa');
const there = uniqueName('wb');
let namespaces: Disposable;
let a: Netlink;
let b: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(here, there);
  vethBetween(
    { namespace: here, name: 'v0', addresses: ['192.0.2.1/24'] },
    { namespace: there, name: 'v1', addresses: ['192.0.2.2/24'] },
  );
  a = Netlink.open(here);
  b = Netlink.open(there);
  for (const netlink of [a, b]) netlink.sync.linkAdd({ type: 'wireguard', name: 'wg0', up: true });
});
afterAll(() => {
  a.close();
  b.close();
  namespaces[Symbol.dispose]();
});

const wg = (...args: string[]): string => ip('netns', 'exec', here, 'wg', ...args);
const pings = (address: string): boolean =>
  spawnSync('ip', ['netns', 'exec', here, 'ping', '-c', '3', '-i', '0.2', '-W', '2', address]).status === 0;

/** The messages that `wg` sends, without those that look up the family or the device. */
function sentByWg(line: string): string[] {
  const { stderr } = spawnSync(
    'ip',
    [
      'netns',
      'exec',
      here,
      'strace',
      '-f',
      '-e',
      'trace=sendto,sendmsg,write',
      '-e',
      'write=all',
      '-s',
      '0',
      'wg',
      ...line.split(' '),
    ],
    { encoding: 'utf8' },
  );
  const messages: string[] = [];
  let hex = '';
  for (const row of [...stderr.split('\n'), ' | 00000  ']) {
    const dump = /^ \| ([0-9a-f]{5,}) {2}((?:[0-9a-f]{2} {1,2}){0,16})/.exec(row);
    if (dump === null) continue;
    if (/^0+$/.test(dump[1] ?? '') && hex !== '') {
      messages.push(hex);
      hex = '';
    }
    hex += (dump[2] ?? '').replace(/ /g, '');
  }
  const family = a.sync.execute(genericFamilyGet('wireguard')).id;
  return messages.filter((message) => Buffer.from(message, 'hex').readUInt16LE(4) === family).map(normalised);
}

function normalised(hex: string): string {
  const message = Buffer.from(hex, 'hex');
  message.writeUInt32LE(0, 8);
  message.writeUInt32LE(0, 12);
  return message.toString('hex');
}

describe('a WireGuard tunnel between two namespaces', () => {
  const keys = [generateWireguardKey(), generateWireguardKey()] as const;
  const [publicA, publicB] = [wireguardPublicKey(keys[0]), wireguardPublicKey(keys[1])];
  const presharedKey = generateWireguardPresharedKey();

  it('carries packets, goes on when its keys change, and is what wg shows', async () => {
    await a.addrAdd('wg0', '198.51.100.1/24');
    await b.addrAdd('wg0', '198.51.100.2/24');
    await b.wireguardSet('wg0', {
      privateKey: keys[1],
      listenPort: 51_820,
      peers: [{ publicKey: publicA, presharedKey, allowedIPs: ['198.51.100.1/32'] }],
    });
    await a.wireguardSet('wg0', {
      privateKey: keys[0],
      fwmark: 0,
      peers: [
        {
          publicKey: publicB,
          presharedKey,
          endpoint: '192.0.2.2:51820',
          persistentKeepalive: 25,
          allowedIPs: ['198.51.100.2/32', '2001:db8:7::/48'],
        },
      ],
    });
    expect(pings('198.51.100.2')).toBe(true);
    const device = await a.wireguardGet('wg0');
    const [first = '', second = ''] = wg('show', 'wg0', 'dump').trim().split('\n');
    expect(first.split('\t')).toEqual([device.privateKey, device.publicKey, String(device.listenPort), 'off']);
    const [peer] = device.peers;
    expect(second.split('\t')).toEqual([
      peer?.publicKey,
      peer?.presharedKey,
      peer?.endpoint,
      peer?.allowedIPs.join(','),
      String(Math.floor((peer?.lastHandshake ?? 0) / 1000)),
      String(peer?.rxBytes),
      String(peer?.txBytes),
      '25',
    ]);
    expect(peer?.rxBytes).toBeGreaterThan(0n);
    // Another key on one side, while the tunnel is in use.
    const next = generateWireguardKey();
    await b.wireguardSet('wg0', {
      peers: [
        { publicKey: publicA, remove: true },
        { publicKey: wireguardPublicKey(next), presharedKey, allowedIPs: ['198.51.100.1/32'] },
      ],
    });
    await a.wireguardSet('wg0', { privateKey: next });
    expect(pings('198.51.100.2')).toBe(true);
    // Without the preshared key there is no tunnel: it counts.
    await a.wireguardSet('wg0', { peers: [{ publicKey: publicB, presharedKey: null, updateOnly: true }] });
    expect((await a.wireguardGet('wg0')).peers[0]?.presharedKey).toBeUndefined();
  });

  it('is told by its link, and other links are not WireGuard devices', async () => {
    const { ifindex, name } = await a.wireguardGet('wg0');
    expect((await a.linkByName('wg0')).index).toBe(ifindex);
    expect((await a.wireguardGet(ifindex)).name).toBe(name);
    await expect(a.wireguardGet('v0')).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
      message: 'cannot read WireGuard device v0: link v0 is not a WireGuard device (EOPNOTSUPP)',
    });
    await expect(a.wireguardSet('none', { listenPort: 0 })).rejects.toMatchObject({ name: 'LinkNotFoundError' });
    a.sync.linkAddAltName('wg0', 'a-name-of-more-than-fifteen-bytes');
    expect((await a.wireguardGet('a-name-of-more-than-fifteen-bytes')).ifindex).toBe(ifindex);
  });

  it('is made by the same messages as wg sends', () => {
    const file = '/tmp/wireguard-key';
    run('sh', ['-c', `umask 077; cat > ${file}`], { input: keys[0] });
    const ours = (settings: Parameters<typeof wireguardSet>[1]): string[] => {
      const program = wireguardSet('wg0', settings).start();
      const family = a.sync.execute(genericFamilyGet('wireguard'));
      program.next();
      const request = program.next(family).value;
      return [normalised(Buffer.from((request as { message: Uint8Array }).message).toString('hex'))];
    };
    const peer = { publicKey: publicB };
    expect(ours({ listenPort: 5000, fwmark: 7 })).toEqual(sentByWg('set wg0 listen-port 5000 fwmark 7'));
    expect(ours({ privateKey: keys[0] })).toEqual(sentByWg(`set wg0 private-key ${file}`));
    expect(
      ours({
        peers: [
          {
            ...peer,
            presharedKey: keys[0],
            endpoint: '[2001:db8::1]:7',
            persistentKeepalive: 9,
            allowedIPs: ['192.0.2.0/24', '::/0'],
            replaceAllowedIPs: true,
          },
        ],
      }),
    ).toEqual(
      sentByWg(
        `set wg0 peer ${publicB} preshared-key ${file} endpoint [2001:db8::1]:7 persistent-keepalive 9 allowed-ips 192.0.2.0/24,::/0`,
      ),
    );
    expect(ours({ peers: [{ ...peer, remove: true }] })).toEqual(sentByWg(`set wg0 peer ${publicB} remove`));
    run('rm', [file]);
  });

  it('may have many peers, and a peer many networks; a device as it was read makes an exact copy', async () => {
    await a.execute(linkAdd({ type: 'wireguard', name: 'wg1' }));
    await a.execute(linkAdd({ type: 'wireguard', name: 'wg2' }));
    const peers = Array.from({ length: 2000 }, (_, index) => ({
      publicKey: wireguardPublicKey(generateWireguardKey()),
      presharedKey,
      allowedIPs:
        index === 1000
          ? Array.from({ length: 5000 }, (_, net) => `100.${64 + (net >> 8)}.${net & 255}.0/24`)
          : [`10.${index >> 8}.${index & 255}.0/24`],
    }));
    await a.wireguardSet('wg1', { privateKey: keys[0], listenPort: 7777, peers });
    const device = await a.wireguardGet('wg1');
    expect(device.peers.map(({ publicKey }) => publicKey).sort()).toEqual(
      peers.map(({ publicKey }) => publicKey).sort(),
    );
    const many = device.peers.find(({ publicKey }) => publicKey === peers[1000]?.publicKey);
    expect([...(many?.allowedIPs ?? [])].sort()).toEqual([...(peers[1000]?.allowedIPs ?? [])].sort());
    await a.wireguardSet('wg2', { ...device, listenPort: 7778, replacePeers: true });
    const lines = (name: string): string[] => wg('show', name, 'dump').trim().split('\n').slice(1).sort();
    const networks = (line: string): string => line.replace(/\S+\/\S+/, (list) => list.split(',').sort().join());
    expect(lines('wg2').map(networks)).toEqual(lines('wg1').map(networks));
    ipIn(here, 'link del wg2');
    // Peers that are not given go.
    await a.wireguardSet('wg1', { replacePeers: true, peers: peers.slice(0, 3) });
    expect((await a.wireguardGet('wg1')).peers).toHaveLength(3);
  });
});
