// 2,000 peers given to a new WireGuard device, against `wg syncconf` with the same peers. Where the kernel has no
// WireGuard, the virtual machine has it: node tools/vm/run.mjs -- node bench/netlink/wireguard.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateWireguardKey, generateWireguardPresharedKey, Netlink } from 'netlink-links';
import { missing } from '../harness/peers.mjs';
import { compare } from '../harness/report.mjs';
import { sized } from '../harness/turns.mjs';

const PEERS = sized(2000, 50);
const LINK = 'bench-wg';
const netlink = Netlink.open();

/** Whether this kernel has WireGuard. */
function hasWireguard() {
  try {
    netlink.sync.linkAdd({ type: 'wireguard', name: LINK });
    netlink.sync.linkDel(LINK);
    return true;
  } catch (error) {
    if (error.code === 'EOPNOTSUPP') return false;
    throw error;
  }
}

const settings = {
  privateKey: generateWireguardKey(),
  listenPort: 51_820,
  replacePeers: true,
  // A public key may be any 32 bytes, as a preshared key is.
  peers: Array.from({ length: PEERS }, (_, at) => ({
    publicKey: generateWireguardPresharedKey(),
    presharedKey: generateWireguardPresharedKey(),
    endpoint: `192.0.2.${at & 255}:51820`,
    persistentKeepalive: 0,
    allowedIPs: [`10.${at >> 8}.${at & 255}.0/24`],
  })),
};

const folder = mkdtempSync(path.join(tmpdir(), 'bench-wireguard-'));
const file = path.join(folder, 'peers.conf');
writeFileSync(
  file,
  [
    `[Interface]\nPrivateKey = ${settings.privateKey}\nListenPort = ${settings.listenPort}`,
    ...settings.peers.map(
      ({ publicKey, presharedKey, endpoint, allowedIPs }) =>
        `[Peer]\nPublicKey = ${publicKey}\nPresharedKey = ${presharedKey}\nEndpoint = ${endpoint}\nAllowedIPs = ${allowedIPs}`,
    ),
  ].join('\n'),
  { mode: 0o600 },
);

/** Milliseconds; the device is made, its peers are counted, and it is removed outside of the time. */
async function time(set) {
  netlink.sync.linkAdd({ type: 'wireguard', name: LINK });
  const start = performance.now();
  await set();
  const took = performance.now() - start;
  const { peers } = netlink.sync.wireguardGet(LINK);
  if (peers.length !== PEERS) throw new Error(`${peers.length} peers are there instead of ${PEERS}`);
  netlink.sync.linkDel(LINK);
  return took;
}

const lacking = hasWireguard() ? undefined : 'a kernel with WireGuard, as the one of tools/vm';
await compare({
  id: 'peers',
  title: `${PEERS.toLocaleString('en')} peers of WireGuard`,
  unit: 'ms',
  base: 'wg',
  // Nearly all of it is the kernel's: with a private key it computes a shared secret for each peer.
  rounds: 3,
  contestants: {
    wg: {
      name: '`wg syncconf`, with its start',
      missing: missing('wg') ?? lacking,
      run: () => time(() => execFileSync('wg', ['syncconf', LINK, file])),
    },
    sync: {
      name: 'netlink-links, synchronous',
      missing: lacking,
      run: () => time(() => netlink.sync.wireguardSet(LINK, settings)),
      aim: { ratio: { atMost: 1 } },
    },
    promise: {
      name: 'netlink-links, promise',
      missing: lacking,
      run: () => time(() => netlink.wireguardSet(LINK, settings)),
      aim: { ratio: { atMost: 1 } },
    },
  },
});
rmSync(folder, { recursive: true });
netlink.close();
