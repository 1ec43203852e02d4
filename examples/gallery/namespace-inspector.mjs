// Every network namespace of this host as a tree: its links with their addresses, its processes, and the sockets that
// receive in it. It only reads: run it as root for the host itself, or in the sandbox of this repository.
//
//   sudo node examples/gallery/namespace-inspector.mjs                                (after `npx -y pnpm@10 build`)
//   node tools/sandbox/sandbox.mjs -- node examples/gallery/namespace-inspector.mjs
import { readFileSync } from 'node:fs';
import { Netlink } from 'netlink-links';
import { listNamespaces } from 'netns-core';

// The reader of the output may stop reading: `namespace-inspector.mjs | head`.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** Names come from the kernel: what a terminal would take as a command is shown as text. */
const shown = (text) => JSON.stringify(text).slice(1, -1);

const MAX_LINES = 12;

/** Processes by their names: `nginx: 812, 813`. */
function processesOf(pids) {
  const byName = new Map();
  for (const pid of pids)
    try {
      const name = shown(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
      byName.set(name, [...(byName.get(name) ?? []), pid]);
    } catch {
      // It has ended meanwhile.
    }
  return [...byName].map(([name, all]) => `${name}: ${all.join(', ')}`);
}

/** A namespace as the lines of its branches: `[heading, lines]`. */
async function inspect({ paths, pids }) {
  const [path, pid] = [paths[0], pids[0]];
  if (path === undefined && pid === undefined) return [['kept alive by a descriptor or a socket', []]];
  const netlink = Netlink.open(path === undefined ? { pid } : { path });
  try {
    const [links, addresses, sockets] = await Promise.all([
      netlink.linkList(),
      netlink.addrList(),
      netlink.socketList({ protocol: ['tcp', 'udp'], states: ['listen', 'close'] }),
    ]);
    const lines = links.map(({ name, index, type, operState }) => {
      const own = addresses.filter(({ ifindex }) => ifindex === index).map(({ address }) => address);
      return [shown(name), type, operState, ...own].join(' ');
    });
    const receiving = sockets.map(({ protocol, local }) => `${protocol} ${local.address} port ${local.port}`);
    return [
      ['links', lines],
      ['processes', processesOf(pids)],
      ['sockets', [...new Set(receiving)].sort()],
    ];
  } finally {
    netlink.close();
  }
}

for (const namespace of listNamespaces()) {
  console.log(namespace.names.map(shown).join(', ') || `net:[${namespace.ino}]`);
  let branches;
  try {
    branches = await inspect(namespace);
  } catch (error) {
    // Another user's, or gone meanwhile: the others are still of interest.
    branches = [[`cannot be entered: ${error.message}`, []]];
  }
  for (const [index, [heading, lines]] of branches.entries()) {
    const last = index === branches.length - 1;
    console.log(`${last ? '└─' : '├─'} ${heading}${lines.length === 0 && branches.length > 1 ? ': none' : ''}`);
    const more = lines.length - MAX_LINES;
    const printed = more > 0 ? [...lines.slice(0, MAX_LINES), `${more} more`] : lines;
    for (const [line, text] of printed.entries())
      console.log(`${last ? ' ' : '│'}  ${line === printed.length - 1 ? '└─' : '├─'} ${text}`);
  }
}
