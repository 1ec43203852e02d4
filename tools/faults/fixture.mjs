// Namespaces, links, servers and files for the operations to work with. All of it lives in the sandbox of the process.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { createUdpSocket, listenInVrf } from 'vrf-dial';

export const ip = (line) =>
  execFileSync('ip', line.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** As `ip`, for what may be gone already. */
export function ipIfThere(line) {
  try {
    ip(line);
  } catch {
    // Gone already, or never made.
  }
}

/** Answers every question for an A record with 127.0.0.1, everything else with an empty answer. */
function answerDns(query) {
  const question = query.subarray(12);
  const end = question.indexOf(0) + 5;
  const type = question.readUInt16BE(end - 4);
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(type === 1 ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const answer = type === 1 ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]) : Buffer.alloc(0);
  return Buffer.concat([head, question.subarray(0, end), answer]);
}

/** Namespaces `red` and `blue` with a link each, and links at home. */
export async function makeNamespaces() {
  const pids = { home: process.pid };
  for (const name of ['red', 'blue']) {
    ip(`netns add ${name}`);
    ip(`-n ${name} link set lo up`);
    ip(`-n ${name} link add eth0 type veth peer name peer0`);
    ip(`-n ${name} addr add 192.0.2.1/24 dev eth0`);
    ip(`-n ${name} link set eth0 up`);
    ip(`-n ${name} link set peer0 up`);
    // It ends with this process, however that ends: then nothing holds its standard input.
    const sleeper = spawn('ip', ['netns', 'exec', name, 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(sleeper, 'spawn');
    pids[name] = sleeper.pid;
    sleeper.unref();
    sleeper.stdin.unref();
  }
  ip('link set lo up');
  ip('link add a0 type veth peer name a1');
  ip('link add br0 type bridge');
  for (const name of ['a0', 'a1', 'br0']) ip(`link set ${name} up`);
  ip('addr add 198.51.100.1/24 dev a0');
  mkdirSync('/etc/netns/red', { recursive: true });
  writeFileSync('/etc/netns/red/resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  return pids;
}

/** A server in `red` and one at home, on the same port: each says where it is. */
export async function startServers() {
  const closing = [];
  const server = (place) =>
    http
      .createServer((_request, response) => response.end(place))
      .on('connection', (socket) => socket.on('error', () => {}));
  const home = server('home').listen(8080, '127.0.0.1');
  await once(home, 'listening');
  const red = server('red');
  const listener = await listenInVrf(red, { namespace: 'red', host: '127.0.0.1', port: 8080 });
  const dns = await createUdpSocket({ namespace: 'red', type: 'udp4', bind: { address: '127.0.0.1', port: 53 } });
  dns.on('message', (query, peer) => dns.send(answerDns(query), peer.port, peer.address));
  closing.push(
    () => home.close(),
    () => listener.close(),
    () => dns.close(),
  );
  return { close: () => Promise.all(closing.map((close) => close())) };
}

/** What the server at the other end of a connection says of itself. */
export function askPlace(socket) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part) => {
      text += part;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text.split('\r\n').at(-1)));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  });
}

export const freePort = async () => {
  const server = net.createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
};
