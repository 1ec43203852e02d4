// The servers of one namespace, in a process that `nsenter` has started there: nothing of this repository is involved
// in where they are. Each answers with the number of its namespace. What the campaign's main process must know
// (connections, TLS tickets of other namespaces) goes to it by IPC.
import dgram from 'node:dgram';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { IPV4, numberAddresses, ownAddress, PORTS } from './addresses.mjs';
import { now } from './clock.mjs';

/** The first 16 bytes of a TLS ticket name the key it was made with, in clear. */
const TICKET_NAME = /campaign:w(\d{6})/;

process.once('message', (config) => {
  serve(config).then(
    () => process.send({ ready: true }),
    (error) => {
      process.send({ failed: String(error.stack) });
    },
  );
});
process.on('disconnect', () => process.exit());

/** Accepted connections, [time, remote port, local port] each, flattened; remote port 0 if it was gone already. */
let accepted = [];
let datagrams = 0;
let queries = 0;
setInterval(() => {
  if (accepted.length === 0 && datagrams === 0 && queries === 0) return;
  process.send({ accepted, datagrams, queries });
  accepted = [];
  datagrams = 0;
  queries = 0;
}, 50);

async function serve({ world, id, key, cert }) {
  const answer = (request, response) => {
    const url = new URL(request.url, 'http://server');
    const body = `${id} ${url.searchParams.get('n') ?? ''}`;
    const wait = Number(url.searchParams.get('wait') ?? 0);
    const finish = () => response.end(body);
    if (wait > 0) setTimeout(finish, wait);
    else finish();
  };
  const count = (socket) => {
    socket.on('error', () => {});
    accepted.push(now(), socket.remotePort ?? 0, socket.localPort ?? 0);
  };

  // Idle connections are closed by clients alone: a server that closes one which is just being used fails a request.
  const plain = http.createServer({ keepAliveTimeout: 0 }, answer);
  plain.on('connection', count);

  const ticketKeys = Buffer.alloc(48, world);
  ticketKeys.write(`campaign:w${String(world).padStart(6, '0')}`);
  const secure = http2.createSecureServer({ key, cert, ticketKeys, allowHTTP1: true }, answer);
  secure.on('sessionError', () => {});
  secure.on('tlsClientError', () => {});
  const secureDoor = net.createServer((socket) => {
    count(socket);
    socket.once('data', (hello) => {
      const ticket = TICKET_NAME.exec(hello.latin1Slice());
      if (ticket !== null && Number(ticket[1]) !== world)
        process.send({ alienTicket: Number(ticket[1]), at: now(), port: socket.remotePort });
      socket.pause();
      socket.unshift(hello);
      secure.emit('connection', socket);
    });
  });

  const proxy = http.createServer({ keepAliveTimeout: 0 }, answer);
  proxy.on('connection', count);
  proxy.on('connect', (_request, socket, head) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.unshift(head);
    plain.emit('connection', socket);
  });

  const echo = net.createServer((socket) => {
    count(socket);
    socket.write(`${id}\n`);
    socket.pipe(socket);
  });

  const nameServerTcp = net.createServer((socket) => {
    count(socket);
    socket.once('data', (data) => {
      queries += 1;
      const message = dnsAnswer(world, data.subarray(2));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.end(Buffer.concat([length, message]));
    });
  });

  const listen = (server, port) =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '::', port, backlog: 4096 }, () => {
        server.off('error', reject);
        server.on('error', () => {});
        resolve();
      });
    });
  await Promise.all([
    listen(plain, PORTS.http),
    listen(secureDoor, PORTS.https),
    listen(proxy, PORTS.proxy),
    listen(echo, PORTS.echo),
    listen(nameServerTcp, PORTS.dns),
    datagramServer(PORTS.udp, (data) => {
      datagrams += 1;
      return `${id} ${data}`;
    }),
    datagramServer(PORTS.dns, (data) => {
      queries += 1;
      return dnsAnswer(world, data);
    }),
  ]);
  process.on('message', ({ probe, port, timeout }) => {
    if (probe !== undefined) probeListener(probe, port, timeout);
  });
}

function datagramServer(port, answer) {
  const socket = dgram.createSocket({ type: 'udp6' });
  socket.on('message', (data, { port: remotePort, address }) => {
    if (remotePort !== 0) socket.send(answer(data), remotePort, address, () => {});
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '::', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve();
    });
  });
}

/** Asks the listener on a port of this namespace who it is. */
function probeListener(probe, port, timeout) {
  const start = now();
  const socket = net.connect({ host: IPV4, port });
  let text = '';
  let local = 0;
  const done = (result) => {
    clearTimeout(timer);
    socket.destroy();
    if (process.connected) process.send({ probe, port, start, end: now(), local, ...result });
  };
  const timer = setTimeout(() => done({ error: 'timeout' }), timeout);
  socket.on('connect', () => {
    local = socket.localPort ?? 0;
  });
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += chunk;
    if (text.endsWith('\n')) done({ answer: text.trim() });
  });
  socket.once('error', (error) => done({ error: error.code }));
  socket.once('end', () => done({ error: 'end' }));
}

/**
 * An answer of RFC 1035: `id-*.campaign.example` is the number of this namespace, `web-*.campaign.example` its own
 * address, `*.a.example` and `*.b.example` the number and which of the two was asked for. Nothing else exists.
 */
function dnsAnswer(world, query) {
  const labels = [];
  let at = 12;
  while (query[at] > 0) {
    labels.push(query.latin1Slice(at + 1, at + 1 + query[at]).toLowerCase());
    at += query[at] + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const domain = labels.slice(1).join('.');
  const records = [];
  const known = ['campaign.example', 'a.example', 'b.example'].indexOf(domain);
  if (known >= 0 && type === 28) records.push(ipv6Bytes(ownAddress(world, known)));
  if (known >= 0 && type === 1 && labels[0].startsWith('id-'))
    for (const address of numberAddresses(world)) records.push(Buffer.from(address.split('.').map(Number)));
  const ttl = labels[0].endsWith('-0') ? 0 : 3600;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(known >= 0 ? 0x8580 : 0x8583, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([
    header,
    question,
    ...records.map((data) => {
      const record = Buffer.alloc(12);
      record.writeUInt16BE(0xc00c, 0);
      record.writeUInt16BE(type, 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt32BE(ttl, 6);
      record.writeUInt16BE(data.length, 10);
      return Buffer.concat([record, data]);
    }),
  ]);
}

/** Only for addresses of `ownAddress`: four groups, `::`, one group. */
function ipv6Bytes(address) {
  const [head, tail] = address.split('::');
  const bytes = Buffer.alloc(16);
  head.split(':').forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  });
  bytes.writeUInt16BE(Number.parseInt(tail, 16), 14);
  return bytes;
}
