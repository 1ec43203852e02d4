import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  generateWireguardKey,
  generateWireguardPresharedKey,
  Netlink,
  type WireguardSettings,
  wireguardPublicKey,
} from 'netlink-links';
import { wireguardGet, wireguardSet } from 'netlink-links/operations';
import { scriptedNetlink } from 'netlink-links/testing';
import { describe, expect, it } from 'vitest';
import { run } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.js';
import { checkWireguardSettings } from '../src/wireguard/check.js';
import { clamped, formatKey, parseKey } from '../src/wireguard/keys.js';
import { joinParts, readDevicePart } from '../src/wireguard/read.js';
import { settingMessages } from '../src/wireguard/write.js';

const key = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

describe('keys of WireGuard', () => {
  it('have the public keys of RFC 7748, and those that wg prints', () => {
    const alice = key(ALICE_PRIVATE);
    expect(wireguardPublicKey(alice)).toBe(key(ALICE_PUBLIC));
    for (let count = 0; count < 5; count += 1) {
      const made = generateWireguardKey();
      expect(run('wg', ['pubkey'], { input: made }).trim()).toBe(wireguardPublicKey(made));
      expect(formatKey(clamped(parseKey(made, 'key')))).toBe(made);
      expect(generateWireguardPresharedKey()).toHaveLength(44);
    }
    const theirs = run('wg', ['genkey']).trim();
    expect(wireguardPublicKey(theirs)).toBe(run('wg', ['pubkey'], { input: theirs }).trim());
  });
});

/** RFC 7748, section 6.1 */
const ALICE_PRIVATE = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
const ALICE_PUBLIC = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';

const publicKeys = fc.uniqueArray(
  fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => formatKey(bytes.map((byte, at) => (at === 5 ? 7 : byte)))),
  { minLength: 0, maxLength: 5 },
);
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => formatKey(clamped(bytes)));
const network = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((byte) => `192.0.${byte}.0/24`),
  // Not 0, which is not written so.
  fc.integer({ min: 1, max: 255 }).map((byte) => `2001:db8:${byte.toString(16)}::/48`),
  fc.constantFrom('0.0.0.0/0', '::/0', '192.0.2.7/32', '2001:db8::1/128'),
);
const settings: fc.Arbitrary<WireguardSettings> = fc
  .record({
    privateKey: secret,
    listenPort: fc.integer({ min: 0, max: 65_535 }),
    fwmark: fc.integer({ min: 0, max: 0xffffffff }),
    keys: publicKeys,
    presharedKey: fc.option(secret, { nil: undefined }),
    endpoint: fc.constantFrom(undefined, '192.0.2.1:51820', '[2001:db8::1]:1', '[fe80::1%7]:65535'),
    persistentKeepalive: fc.integer({ min: 0, max: 65_535 }),
    allowedIPs: fc.array(network, { maxLength: 900 }),
  })
  .map(({ keys, presharedKey, endpoint, persistentKeepalive, allowedIPs, ...device }) => ({
    ...device,
    peers: keys.map((publicKey) => ({ publicKey, presharedKey, endpoint, persistentKeepalive, allowedIPs })),
  }));

/** What the kernel would understand, which tells of a device in the same attributes. */
function understood(given: WireguardSettings): ReturnType<typeof joinParts> {
  const messages = settingMessages(30, 'wg0', checkWireguardSettings(given));
  for (const message of messages) expect(message.length).toBeLessThan(17_000);
  return joinParts(messages.map((message) => readDevicePart(MessageBytes.from(message), 16, message.length)));
}

describe('settings of a WireGuard device', () => {
  it('are written as they are read, in as many messages as it takes, and a device as it was read is a setting', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const device = understood(given);
        const { privateKey, listenPort, fwmark, peers } = given;
        expect(device).toMatchObject({ name: 'wg0', privateKey, listenPort, fwmark });
        expect(device?.peers).toEqual(
          peers?.map((peer) => ({
            ...JSON.parse(JSON.stringify(peer)),
            rxBytes: 0n,
            txBytes: 0n,
            protocolVersion: 0,
          })),
        );
        const written = JSON.parse(JSON.stringify(device ?? null));
        expect(written?.peers).toEqual(device?.peers.map((peer) => ({ ...peer, rxBytes: 0, txBytes: 0 })));
        if (device !== undefined) expect(understood({ ...device, replacePeers: true })).toEqual(device);
      }),
      { numRuns: 8 },
    );
  });

  it('that are removed are zeros, and a peer that continues keeps its networks', () => {
    const publicKey = wireguardPublicKey(generateWireguardKey());
    const networks = Array.from({ length: 5000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    const messages = settingMessages(
      30,
      3,
      checkWireguardSettings({
        privateKey: null,
        replacePeers: true,
        peers: [{ publicKey, replaceAllowedIPs: true, presharedKey: null, allowedIPs: networks }],
      }),
    );
    expect(messages.length).toBeGreaterThan(5);
    const [first, ...rest] = messages.map(attributesOf);
    expect(first?.device).toMatchObject({ 1: 3, 5: 1, 3: '0'.repeat(64) });
    expect(first?.peers).toMatchObject([{ 3: 2, 2: '0'.repeat(64) }]);
    for (const { device, peers } of rest) {
      expect(Object.keys(device)).toEqual(['1']);
      expect(Object.keys(peers[0] ?? {})).toEqual(['1', '9']);
    }
  });

  it('are refused where they cannot be, without repeating a key', () => {
    const publicKey = wireguardPublicKey(generateWireguardKey());
    const set =
      (given: object): (() => unknown) =>
      () =>
        wireguardSet('wg0', given as never);
    expect(set({ privateKey: 'x' })).toThrow('privateKey must be a key of 32 bytes in base64, 44 characters');
    // The last bits of 43 characters belong to no byte: base64 that is not canonical.
    expect(set({ privateKey: `${'A'.repeat(42)}B=` })).toThrow('privateKey must be a key');
    expect(set({ peers: [{}] })).toThrow('peers[0].publicKey must be a key');
    expect(set({ peers: [{ publicKey, endpoint: 'vpn.example:51820' }] })).toThrow('names are not looked up');
    expect(set({ peers: [{ publicKey, endpoint: '192.0.2.1:0' }] })).toThrow('peers[0].endpoint must be an address');
    expect(set({ peers: [{ publicKey, endpoint: '2001:db8::1:5' }] })).toThrow('peers[0].endpoint must be an address');
    expect(set({ peers: [{ publicKey, allowedIPs: ['192.0.2.77/26'] }] })).toThrow(
      "peers[0].allowedIPs[0] '192.0.2.77/26' has bits set behind its prefix: the network is '192.0.2.64/26', the address alone '192.0.2.77'",
    );
    expect(set({ peers: [{ publicKey }, { publicKey }] })).toThrow('peers[1].publicKey is that of peers[0], too');
    expect(set({ peers: [{ publicKey, remove: true, endpoint: '192.0.2.1:1' }] })).toThrow(
      'peers[0].remove excludes endpoint',
    );
    expect(set({ listenPort: 65_536 })).toThrow('listenPort must be an integer from 0 to 65535');
    expect(set({ mark: 1 })).toThrow('did you mean fwmark?');
  });
});

/** The attributes of a message and of its peers, by their numbers: 32-bit numbers as numbers, others in hexadecimal. */
function attributesOf(message: Uint8Array): { device: Record<number, unknown>; peers: Record<number, unknown>[] } {
  const view = new DataView(message.buffer, message.byteOffset);
  const walk = (from: number, to: number): [number, number, number][] => {
    const found: [number, number, number][] = [];
    for (let at = from; at + 4 <= to; at += (view.getUint16(at, true) + 3) & ~3)
      found.push([view.getUint16(at + 2, true) & 0x3fff, at + 4, at + view.getUint16(at, true)]);
    return found;
  };
  const values = (list: [number, number, number][]): Record<number, unknown> =>
    Object.fromEntries(
      list.map(([type, from, to]) => [
        type,
        to - from === 4 ? view.getUint32(from, true) : Buffer.from(message.subarray(from, to)).toString('hex'),
      ]),
    );
  const all = walk(20, message.length);
  const nest = all.find(([type]) => type === 8);
  return {
    device: values(all.filter(([type]) => type !== 8)),
    peers: nest === undefined ? [] : walk(nest[1], nest[2]).map(([, from, to]) => values(walk(from, to))),
  };
}

describe('private and preshared keys', () => {
  /** All ways in which a key could be seen: as text, in hexadecimal, and as a list of its bytes. */
  const seen = (text: string, secretKey: string): boolean => {
    const bytes = Buffer.from(secretKey, 'base64');
    const forms = [
      secretKey,
      secretKey.slice(0, 30),
      bytes.toString('hex'),
      [...bytes].join(','),
      [...bytes].join(', '),
    ];
    return forms.some((form) => text.replace(/\s+/g, ' ').includes(form));
  };
  const everything = (value: unknown): string => {
    const printed = inspect(value, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null });
    if (!(value instanceof Error)) return printed;
    return `${printed} ${value.message} ${value.stack} ${JSON.stringify(value)} ${everything(value.cause)}`;
  };
  const caught = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (error) {
      return error;
    }
  };

  it('are in no error, wherever they are given by mistake', () => {
    const publicKey = wireguardPublicKey(generateWireguardKey());
    const places: ((given: string) => readonly [unknown, unknown])[] = [
      (given) => [given, {}],
      (given) => [{ index: given }, {}],
      (given) => ['wg0', given],
      (given) => ['wg0', { [given]: 1 }],
      (given) => ['wg0', [given]],
      (given) => ['wg0', { privateKey: `${given} ` }],
      (given) => ['wg0', { privateKey: given.slice(1) }],
      (given) => ['wg0', { privateKey: given, listenPort: given }],
      (given) => ['wg0', { privateKey: given, fwmark: -1 }],
      (given) => ['wg0', { privateKey: given, peers: given }],
      (given) => ['wg0', { privateKey: given, peers: [given] }],
      (given) => ['wg0', { peers: [{ publicKey: given }, { publicKey: given }] }],
      (given) => ['wg0', { peers: [{ publicKey: `${given}=` }] }],
      (given) => ['wg0', { peers: [{ [given]: given }] }],
      (given) => ['wg0', { replacePeers: given }],
      ...['presharedKey', 'endpoint', 'persistentKeepalive', 'replaceAllowedIPs', 'remove', 'updateOnly'].map(
        (name) => (given: string) => ['wg0', { peers: [{ publicKey, [name]: `${given}x` }] }] as const,
      ),
      (given) => ['wg0', { peers: [{ publicKey, allowedIPs: given }] }],
      (given) => ['wg0', { peers: [{ publicKey, allowedIPs: [given] }] }],
      (given) => ['wg0', { peers: [{ publicKey, allowedIPs: [`192.0.2.1/${given}`] }] }],
    ];
    const base64 = (bytes: Buffer): string => bytes.toString('base64');
    const hexadecimal = (bytes: Buffer): string => bytes.toString('hex');
    for (let round = 0; round < 3; round += 1)
      // In hexadecimal it could be the name of a link.
      for (const place of places)
        for (const form of place === places[0] ? [base64] : [base64, hexadecimal]) {
          const bytes = randomBytes(32);
          const [link, given] = place(form(bytes));
          const error = caught(() => wireguardSet(link as never, given as never));
          expect(error).toBeDefined();
          expect(seen(everything(error), bytes.toString('base64'))).toBe(false);
          expect(everything(error)).not.toContain(form(bytes).slice(1, 30));
        }
  });

  it('are in no operation, and in no error of the kernel, of a script or of a batch', async () => {
    const privateKey = generateWireguardKey();
    const presharedKey = generateWireguardPresharedKey();
    const publicKey = wireguardPublicKey(generateWireguardKey());
    const operation = wireguardSet('no-such', { privateKey, peers: [{ publicKey, presharedKey }] });
    const { netlink: scripted, executed } = scriptedNetlink([
      { operation: 'wireguardSet', error: 'EPERM' },
      { operation: 'wireguardSet', error: 'EPERM' },
    ]);
    using netlink = Netlink.open();
    const errors = [
      caught(() => netlink.sync.execute(operation)),
      await netlink.execute(operation).catch((error: unknown) => error),
      caught(() => netlink.sync.batch([operation])),
      await netlink.batch([operation, operation]).catch((error: unknown) => error),
      await scripted.execute(operation).catch((error: unknown) => error),
      await scripted.batch([operation]).catch((error: unknown) => error),
    ];
    for (const error of errors) expect(error).toMatchObject({ operation: 'wireguardSet', target: 'no-such' });
    const batchErrors = errors.flatMap((error) => (error as { results?: unknown }).results ?? []);
    for (const held of [operation, ...errors, ...batchErrors, executed, netlink, netlink.sync])
      for (const secretKey of [privateKey, presharedKey]) expect(seen(everything(held), secretKey)).toBe(false);
  });

  it('are hidden where a device is printed, and are there where it is written back', () => {
    const privateKey = generateWireguardKey();
    const presharedKey = generateWireguardPresharedKey();
    const publicKey = wireguardPublicKey(privateKey);
    const device = understood({ privateKey, peers: [{ publicKey, presharedKey }] });
    const printed = inspect(device, { depth: 5 });
    expect(printed).toContain("privateKey: '(hidden)'");
    expect(printed).toContain("presharedKey: '(hidden)'");
    expect(printed).toContain(publicKey);
    expect(seen(printed, privateKey) || seen(printed, presharedKey)).toBe(false);
    expect(device).toMatchObject({ privateKey, peers: [{ presharedKey }] });
    expect(understood({ ...device, replacePeers: true })).toEqual(device);
  });
});

it('where the kernel lacks WireGuard, or the link, the error says so', async () => {
  using netlink = Netlink.open();
  const missing = !existsSync('/sys/module/wireguard');
  const expected = missing ? /generic netlink family 'wireguard' is not registered/ : /there is no link "wg0"/;
  await expect(netlink.wireguardGet('wg0')).rejects.toThrow(expected);
  expect(() => netlink.sync.execute(wireguardGet('wg0'))).toThrow(expected);
});
