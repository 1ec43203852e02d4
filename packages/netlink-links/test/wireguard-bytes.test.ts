import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateWireguardKey, type WireguardSettings, wireguardPublicKey } from 'netlink-links';
import { expect, it } from 'vitest';
import { run } from '#testkit';
import { checkWireguardSettings } from '../src/wireguard/check.js';
import { settingMessages } from '../src/wireguard/write.js';

/**
 * `wg` sends nothing to a kernel without WireGuard, since it looks up the family first. So a copy of it looks up another
 * one, which every kernel has and which refuses what it is sent.
 */
function wgForAnyKernel(folder: string): string {
  const program = readFileSync(run('which', ['wg']).trim());
  const name = Buffer.from('\0wireguard\0');
  const at = program.indexOf(name);
  expect(at).toBeGreaterThan(0);
  expect(program.indexOf(name, at + 1)).toBe(-1);
  Buffer.from('\0ethtool\0\0\0').copy(program, at);
  const file = path.join(folder, 'wg');
  writeFileSync(file, program, { mode: 0o755 });
  return file;
}

/** The message by which a program configures a device, without its sequence number. */
function sentBy(program: string, args: readonly string[]): Buffer {
  const strace = ['-e', 'trace=sendto,sendmsg', '-e', 'write=all', '-s', '0', program, ...args];
  const { stderr } = spawnSync('strace', strace, { encoding: 'utf8' });
  const messages = stderr
    .split(/^send/m)
    .map((call) =>
      [...call.matchAll(/^ \| [0-9a-f]{5,} {2}((?:[0-9a-f]{2} {1,2}){1,16})/gm)].map(([, hex = '']) => hex).join(''),
    )
    .map((hex) => Buffer.from(hex.replace(/ /g, ''), 'hex'))
    .filter((message) => message.length > 20 && message.readUInt16LE(4) > 16 && message[16] === 1);
  const message = messages.at(-1);
  if (message === undefined) throw new Error(`wg sent nothing: ${stderr}`);
  return message.fill(0, 8, 16);
}

it('settings are sent byte for byte as wg sends them', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'wg-'));
  try {
    const wg = wgForAnyKernel(folder);
    const privateKey = generateWireguardKey();
    const publicKey = wireguardPublicKey(privateKey);
    const other = wireguardPublicKey(generateWireguardKey());
    const file = path.join(folder, 'key');
    writeFileSync(file, privateKey, { mode: 0o600 });
    const none = path.join(folder, 'none');
    writeFileSync(none, '');
    const cases: [string, WireguardSettings][] = [
      ['listen-port 5000 fwmark 7', { listenPort: 5000, fwmark: 7 }],
      [`private-key ${file} listen-port 0 fwmark off`, { privateKey, listenPort: 0, fwmark: 0 }],
      [`private-key ${none}`, { privateKey: null }],
      [`peer ${publicKey} remove`, { peers: [{ publicKey, remove: true }] }],
      [
        `peer ${publicKey} preshared-key ${file} endpoint 192.0.2.1:51820 persistent-keepalive 25 allowed-ips 192.0.2.0/24,2001:db8::/32,::/0`,
        {
          peers: [
            {
              publicKey,
              presharedKey: privateKey,
              endpoint: '192.0.2.1:51820',
              persistentKeepalive: 25,
              allowedIPs: ['192.0.2.0/24', '2001:db8::/32', '::/0'],
              replaceAllowedIPs: true,
            },
          ],
        },
      ],
      [
        `peer ${publicKey} endpoint [2001:db8::1]:7 persistent-keepalive off peer ${other} preshared-key ${none} allowed-ips `,
        {
          peers: [
            { publicKey, endpoint: '[2001:db8::1]:7', persistentKeepalive: 0 },
            { publicKey: other, presharedKey: null, replaceAllowedIPs: true },
          ],
        },
      ],
    ];
    for (const [line, given] of cases) {
      const theirs = sentBy(wg, ['set', 'wg0', ...line.split(' ')]);
      const [ours] = settingMessages(theirs.readUInt16LE(4), 'wg0', checkWireguardSettings(given));
      expect(Buffer.from(ours ?? []).toString('hex'), line).toBe(theirs.toString('hex'));
    }
    const config = path.join(folder, 'config');
    writeFileSync(
      config,
      `[Interface]\nPrivateKey = ${privateKey}\n[Peer]\nPublicKey = ${other}\nAllowedIPs = 192.0.2.7/32\n`,
    );
    const theirs = sentBy(wg, ['setconf', 'wg0', config]);
    const [ours] = settingMessages(
      theirs.readUInt16LE(4),
      'wg0',
      checkWireguardSettings({
        privateKey,
        listenPort: 0,
        fwmark: 0,
        replacePeers: true,
        peers: [{ publicKey: other, allowedIPs: ['192.0.2.7/32'], replaceAllowedIPs: true }],
      }),
    );
    expect(Buffer.from(ours ?? []).toString('hex')).toBe(theirs.toString('hex'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
