// Clients of netns-core, netlink-links, neslink and cni-types.
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import net from 'node:net';
import { invokePlugin } from 'cni-types/runtime';
import { Do, NAGeneric, NALinks, NPName, NPNameAt, NPPath } from 'neslink';
import { linkByName, linkList, Netlink } from 'netlink-links';
import {
  addNamedAsync,
  deleteNamed,
  NamespaceWorker,
  openSocket,
  resolveNamespace,
  runInNamespace,
  spawnInNamespace,
} from 'netns-core';
import { IPV4, IPV6, PORTS } from '../addresses.mjs';
import { lineOf } from './line.mjs';

/** Names by VRF are a reference of netns-core, too. */
const reference = ({ target }) => ('vrf' in target ? { vrf: target.vrf } : target.namespace);
const inode = (link) => `ino:${/\d+/.exec(link)?.[0]}`;
const inodeHere = () => inode(readlinkSync('/proc/thread-self/ns/net'));

function provider(name) {
  const ref = reference(name);
  if (typeof ref === 'string') return NPName(ref);
  if ('vrf' in ref) return NPName(`ns-${ref.vrf}`);
  return 'dir' in ref ? NPNameAt(ref.dir, ref.name) : NPPath(ref.path);
}

async function firstLine(child) {
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw Object.assign(new Error(`ended with ${code}`), { code: 'CHILD_FAILED' });
  return text.trim();
}

export const otherKinds = [
  {
    name: 'runInNamespace',
    weight: 4,
    open: reference,
    ask: async (ref) => runInNamespace(ref, inodeHere),
  },
  {
    name: 'resolveNamespace',
    weight: 2,
    open: reference,
    ask: async (ref) => {
      const handle = resolveNamespace(ref);
      try {
        return `ino:${handle.ino}`;
      } finally {
        handle.close();
      }
    },
  },
  {
    name: 'openSocket',
    weight: 4,
    open: reference,
    ask: (ref, { random, nonce }) => {
      const ipv6 = random.chance(0.3);
      const fd = openSocket({ namespace: ref, family: ipv6 ? 'ipv6' : 'ipv4', type: 'stream' });
      const socket = new net.Socket({ fd });
      const line = lineOf(socket, nonce);
      socket.connect(PORTS.echo, ipv6 ? IPV6 : IPV4);
      return line;
    },
  },
  {
    name: 'NamespaceWorker',
    weight: 0.05,
    open: reference,
    ask: async (ref, { nonce, random }) => {
      const worker = new NamespaceWorker(ref, new URL('./worker.mjs', import.meta.url), {
        workerData: { host: IPV4, port: PORTS.echo, nonce },
      });
      if (random.chance(0.1)) setTimeout(() => worker.terminate(), random.integer(0, 60));
      try {
        return await new Promise((resolve, reject) => {
          worker.once('message', ({ answer, code }) =>
            answer === undefined ? reject(Object.assign(new Error('in the worker'), { code })) : resolve(answer),
          );
          worker.once('error', reject);
          worker.once('exit', (status) =>
            reject(Object.assign(new Error(`ended with ${status}`), { code: 'WORKER_ENDED' })),
          );
        });
      } finally {
        await worker.terminate();
      }
    },
  },
  {
    name: 'spawnInNamespace',
    weight: 0.1,
    open: reference,
    ask: async (ref, { random }) => {
      const child = spawnInNamespace(ref, 'readlink', ['/proc/self/ns/net'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        ...(random.chance(0.2) ? { netnsEtc: 'campaign' } : {}),
      });
      return inode(await firstLine(child));
    },
  },
  {
    name: 'Netlink.open, linkList',
    weight: 2,
    open: reference,
    ask: async (ref, { random }) => {
      const netlink = Netlink.open(ref);
      try {
        const links = random.chance(0.5) ? netlink.sync.linkList() : await netlink.linkList();
        return links.find(({ name }) => name === 'lo')?.alias ?? 'no alias';
      } finally {
        netlink.close();
      }
    },
  },
  {
    name: 'links inside a hop',
    weight: 2,
    open: reference,
    ask: async (ref, { random }) =>
      runInNamespace(ref, () => (random.chance(0.5) ? linkByName('lo') : linkList()[0])?.alias ?? 'no alias'),
  },
  {
    name: 'neslink Do',
    weight: 2,
    open: provider,
    ask: async (from) => {
      const [links, here] = await Do(
        from,
        NALinks(),
        NAGeneric('inode', ({ handle }) => String(handle?.ino ?? '')),
      );
      return links.find(({ name }) => name === 'lo')?.alias ?? `no alias in ${here}`;
    },
  },
  {
    name: 'CNI plugin',
    weight: 0.05,
    open: (name) => name.file,
    ask: async (file) => {
      const result = await invokePlugin({
        command: 'ADD',
        type: 'campaign',
        path: ['/run/campaign/plugins'],
        config: { cniVersion: '1.0.0', name: 'campaign', type: 'campaign' },
        containerId: 'c1',
        netns: file,
        ifName: 'eth0',
        timeout: 5000,
      });
      return inode(result.interfaces[0].name);
    },
  },
  {
    name: 'addNamedAsync and deleteNamed',
    weight: 0.05,
    // Its namespaces have no server: what counts is that they are made and gone, and that this thread is still at home.
    open: () => ({}),
    ask: async (_kept, { nonce }) => {
      const name = `own-${process.pid}-${nonce}`;
      const handle = await addNamedAsync(name);
      try {
        const inside = runInNamespace(name, inodeHere);
        return inside === `ino:${handle.ino}` ? 'own' : `made ${handle.ino}, entered ${inside}`;
      } finally {
        handle.close();
        deleteNamed(name);
      }
    },
  },
];

/** The plugin, a shell script that tells in which namespace it was asked to work. */
export const PLUGIN = `#!/bin/sh
cat >/dev/null
ino=$(nsenter --net="$CNI_NETNS" readlink /proc/self/ns/net) || exit 1
printf '{"cniVersion":"1.0.0","interfaces":[{"name":"%s","sandbox":"%s"}],"ips":[]}' "$(echo "$ino" | tr -dc 0-9)" "$CNI_NETNS"
`;
