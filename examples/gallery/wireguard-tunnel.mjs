// A WireGuard tunnel between two namespaces, with keys that are made here: a request goes through it, its counters are
// read, and the keys of one side are changed while it is in use. A kernel without WireGuard is named, with exit code 2.
//
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/wireguard-tunnel.mjs   (after `npx -y pnpm@10 build`)
import http from 'node:http';
import {
  Do,
  LAAddAddr,
  LAGeneric,
  LANewVeth,
  LANewWireguard,
  LASetUp,
  LAWireguard,
  LPName,
  NADeleteNamed,
  NANewNs,
  NASetLinkNs,
  NPName,
  NPNow,
} from 'neslink';
import { generateWireguardKey, generateWireguardPresharedKey, wireguardPublicKey } from 'netlink-links';
import { createVrfFetch, listenInVrf } from 'vrf-dial';

const PORT = 51820;
const NO_WIREGUARD = 2;
const presharedKey = generateWireguardPresharedKey();
const north = { name: 'north', address: '192.0.2.1', inside: '198.51.100.1', key: generateWireguardKey() };
const south = { name: 'south', address: '192.0.2.2', inside: '198.51.100.2', key: generateWireguardKey() };
const namespaceOf = ({ name }) => NPName(`ns-${name}`);

/** What one side knows of the other: its public key, where it is, and which addresses are behind it. */
const peerOf = ({ key, address, inside }) => ({
  publicKey: wireguardPublicKey(key),
  presharedKey,
  endpoint: `${address}:${PORT}`,
  allowedIPs: [`${inside}/32`],
});

async function setUp(site, other) {
  const [cable, tunnel] = [LPName(`v-${site.name}`), LPName('wg0')];
  await Do(
    namespaceOf(site),
    LAAddAddr(cable, `${site.address}/24`),
    LASetUp(cable),
    LANewWireguard('wg0'),
    LAWireguard(tunnel, { privateKey: site.key, listenPort: PORT, peers: [peerOf(other)] }),
    LAAddAddr(tunnel, `${site.inside}/24`),
    LASetUp(tunnel),
  );
}

/** Gives one side another key, and tells the other side of it. */
async function changeKey(site, other) {
  const old = wireguardPublicKey(site.key);
  site.key = generateWireguardKey();
  const peers = [{ publicKey: old, remove: true }, peerOf(site)];
  await Do(namespaceOf(other), LAWireguard(LPName('wg0'), { peers }));
  await Do(namespaceOf(site), LAWireguard(LPName('wg0'), { privateKey: site.key }));
}

async function useTunnel() {
  const server = http.createServer(({ socket }, response) => response.end(`hello, ${socket.remoteAddress}`));
  const listener = await listenInVrf(server, { vrf: 'south', host: south.inside, port: 8080 });
  const fetch = createVrfFetch({ vrf: 'north' });
  const ask = async () => {
    const response = await fetch(`http://${south.inside}:8080/`, { signal: AbortSignal.timeout(20_000) });
    console.log(`south says: ${await response.text()}`);
  };
  try {
    await ask();
    const [device] = await Do(
      namespaceOf(north),
      LAGeneric('read', ({ netlink }) => netlink.wireguardGet('wg0')),
    );
    for (const { endpoint, allowedIPs, lastHandshake, rxBytes, txBytes } of device.peers) {
      console.log(`north's peer: ${endpoint}, networks ${allowedIPs.join(', ')}`);
      console.log(`handshake: ${lastHandshake === undefined ? 'none' : new Date(lastHandshake).toISOString()}`);
      console.log(`received ${rxBytes} bytes, sent ${txBytes} bytes`);
    }
    await changeKey(south, north);
    await ask();
  } finally {
    await fetch.close();
    await listener.close();
  }
}

// Scenery: two namespaces with a cable between them.
await Do(NPNow(), NANewNs('ns-north'));
await Do(NPNow(), NANewNs('ns-south'));
try {
  await Do(namespaceOf(north), LANewVeth('v-north', 'v-south'), NASetLinkNs(LPName('v-south'), namespaceOf(south)));
  await setUp(north, south);
  await setUp(south, north);
  await useTunnel();
} catch (error) {
  // The kernel has no such kind of link.
  if (error.code !== 'EOPNOTSUPP') throw error;
  console.error(error.message);
  process.exitCode = NO_WIREGUARD;
} finally {
  await Do(NPNow(), NADeleteNamed('ns-north'), NADeleteNamed('ns-south'));
}
