// A name server that does what real ones do on their worst days. Run inside a namespace:
//
//   ip netns exec srv node misbehaving-server.mjs '{"addresses":["192.0.2.53"],"spoofer":"192.0.2.66"}'
//
// What it does with a query is said by the first label of the name, or for all names by `mode`. It prints a line of
// JSON for each query. Its DNS is written out here by hand, so that it shares no code with what is tested.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const { addresses, spoofer, mode: modeOfAll, port = 53 } = JSON.parse(process.argv[2]);
const seen = new Map();

function readQuery(bytes) {
  const labels = [];
  let at = 12;
  while (bytes[at] !== 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]));
    at += 1 + bytes[at];
  }
  const type = bytes.readUInt16BE(at + 1);
  return {
    id: bytes.readUInt16BE(0),
    name: labels.join('.'),
    type,
    question: bytes.subarray(12, at + 5),
    edns: bytes.readUInt16BE(10) > 0,
  };
}

const wire = (name) =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
const record = (owner, type, ttl, data) => {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, fixed, data]);
};
const SELF = Buffer.from([0xc0, 12]);
const IPV4 = Buffer.from([198, 51, 100, 7]);
const IPV6 = Buffer.from('20010db8000000000000000000000007', 'hex');
const EVIL = { 1: Buffer.from([203, 0, 113, 66]), 28: Buffer.from('20010db8000000000000000000000066', 'hex') };
const GOOD = { 1: IPV4, 28: IPV6 };
const soa = (minimum) => {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(minimum, 16);
  return record(wire('example'), 6, 3600, Buffer.concat([wire('ns.example'), wire('admin.example'), numbers]));
};

function message({ id, question }, { flags = 0x8180, answers = [], authorities = [], withQuestion = true }) {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(withQuestion ? 1 : 0, 4);
  head.writeUInt16BE(answers.length, 6);
  head.writeUInt16BE(authorities.length, 8);
  return Buffer.concat([head, ...(withQuestion ? [question] : []), ...answers, ...authorities]);
}

const address = (query, ttl = 60) => message(query, { answers: [record(SELF, query.type, ttl, GOOD[query.type])] });
const evil = (query) => message(query, { answers: [record(SELF, query.type, 60, EVIL[query.type])] });

/** @param reply sends bytes back the way the query came; @param elsewhere sends them from other addresses and ports */
function handle(query, { reply, elsewhere, tcp, close }) {
  const count = (seen.get(query.name + query.type) ?? 0) + 1;
  seen.set(query.name + query.type, count);
  const mode = modeOfAll ?? query.name.split('.')[0];
  switch (mode) {
    case 'silent':
      return;
    case 'lossy':
      if (count > 1) reply(address(query));
      return;
    case 'silentaaaa':
      if (query.type === 1) reply(address(query));
      return;
    case 'slow':
      return void setTimeout(() => reply(address(query)), 300);
    case 'late': {
      // Answers to the first try arrive when no query waits for them any more, and bear a wrong address.
      if (count === 1) return void setTimeout(() => reply(evil(query)), 1300);
      return void setTimeout(() => reply(address(query)), 600);
    }
    case 'servfail':
      return reply(message(query, { flags: 0x8182 }));
    case 'refused':
      return reply(message(query, { flags: 0x8185 }));
    case 'headeronly':
      return reply(message(query, { flags: 0x8182, withQuestion: false }));
    case 'nxdomain':
      return reply(message(query, { flags: 0x8183, authorities: [soa(30)] }));
    case 'nxdomain1':
      return reply(message(query, { flags: 0x8183, authorities: [soa(1)] }));
    case 'nxdomainbare':
      return reply(message(query, { flags: 0x8183 }));
    case 'nodata':
      return reply(message(query, { authorities: [soa(30)] }));
    case 'v4only':
      return reply(query.type === 1 ? address(query) : message(query, { authorities: [soa(30)] }));
    case 'v6only':
      return reply(query.type === 28 ? address(query) : message(query, { authorities: [soa(30)] }));
    case 'ttl0':
      return reply(address(query, 0));
    case 'ttl1':
      return reply(address(query, 1));
    case 'wrongid':
      for (let step = 1; step < 5; step += 1) reply(evil({ ...query, id: (query.id + step) & 0xffff }));
      return void setTimeout(() => reply(address(query)), 50);
    case 'wrongname':
      reply(evil({ ...query, question: Buffer.concat([wire('other.example'), query.question.subarray(-4)]) }));
      return void setTimeout(() => reply(address(query)), 50);
    case 'wrongtype': {
      const other = Buffer.from(query.question);
      other.writeUInt16BE(query.type === 1 ? 28 : 1, other.length - 4);
      reply(evil({ ...query, question: other }));
      return void setTimeout(() => reply(address(query)), 50);
    }
    case 'query':
      reply(message(query, { flags: 0x0100, answers: [record(SELF, query.type, 60, EVIL[query.type])] }));
      return void setTimeout(() => reply(address(query)), 50);
    case 'garbage': {
      reply(Buffer.alloc(0));
      reply(Buffer.from([1]));
      const id = Buffer.alloc(2);
      id.writeUInt16BE(query.id);
      reply(id);
      reply(Buffer.concat([id, Buffer.alloc(600, 0xff)]));
      reply(address(query).subarray(0, -3));
      // A name whose pointer leads to itself, and one that leads beyond the end.
      const base = message(query, { answers: [] });
      base.writeUInt16BE(1, 6);
      reply(Buffer.concat([base, Buffer.from([0xc0, base.length]), Buffer.alloc(14)]));
      reply(Buffer.concat([base, Buffer.from([0xff, 0xff]), Buffer.alloc(14)]));
      return void setTimeout(() => reply(address(query)), 50);
    }
    case 'spoof':
      elsewhere(evil(query));
      return void setTimeout(() => reply(address(query)), 100);
    case 'formerr':
      return reply(query.edns ? message(query, { flags: 0x8181, withQuestion: false }) : address(query));
    case 'notimp':
      return reply(query.edns ? message(query, { flags: 0x8184 }) : address(query));
    case 'referral':
      return reply(
        message(query, { flags: 0x8000, authorities: [record(wire('example'), 2, 60, wire('ns.example'))] }),
      );
    case 'truncate':
      return reply(
        tcp
          ? address(query)
          : message(query, { flags: 0x8380, answers: [record(SELF, query.type, 60, EVIL[query.type])] }),
      );
    case 'tcphang':
      if (!tcp) reply(message(query, { flags: 0x8380 }));
      return;
    case 'tcpclose':
      if (tcp) close();
      else reply(message(query, { flags: 0x8380 }));
      return;
    case 'tcpdrip': {
      if (!tcp) return reply(message(query, { flags: 0x8380 }));
      const bytes = address(query);
      const framed = Buffer.concat([Buffer.from([0, bytes.length]), bytes]);
      // One timer after the other: timers of several lengths may fire out of order where the event loop was blocked.
      const drip = (index) => {
        close(framed.subarray(index, index + 1));
        if (index + 1 < framed.length) setTimeout(drip, 2, index + 1);
      };
      drip(0);
      return;
    }
    case 'cname': {
      const chain = ['a.example', 'b.example', 'c.example'];
      let owner = SELF;
      const answers = chain.map((target, index) => {
        const made = record(owner, 5, 100 - index, wire(target));
        owner = wire(target);
        return made;
      });
      return reply(message(query, { answers: [record(owner, query.type, 60, GOOD[query.type]), ...answers] }));
    }
    case 'dangling':
      return reply(message(query, { answers: [record(SELF, 5, 60, wire('found.example'))] }));
    case 'loop':
      return reply(
        message(query, {
          answers: [record(SELF, 5, 60, wire('loop2.example')), record(wire('loop2.example'), 5, 60, wire(query.name))],
        }),
      );
    case 'longloop': {
      const step = Number(query.name.split('.')[1] ?? 0);
      return reply(message(query, { answers: [record(SELF, 5, 60, wire(`longloop.${step + 1}.example`))] }));
    }
    case 'stranger':
      // A record for a name that was not asked for must not count.
      return reply(
        message(query, {
          answers: [record(wire('other.example'), query.type, 60, EVIL[query.type])],
          authorities: [soa(30)],
        }),
      );
    case 'dotted': {
      // One label `x.found`, which is not the name x.found.example.
      const label = Buffer.concat([Buffer.from([7]), Buffer.from('x.found'), wire('example')]);
      return reply(
        message(query, {
          answers: [record(SELF, 5, 60, wire('x.found.example')), record(label, query.type, 60, EVIL[query.type])],
          authorities: [soa(30)],
        }),
      );
    }
    case 'missing':
      // Below a domain of the search list: only the second one has it.
      return reply(
        query.name.endsWith('.two.example')
          ? address(query)
          : message(query, { flags: 0x8183, authorities: [soa(30)] }),
      );
    default:
      return reply(address(query));
  }
}

const log = (entry) => process.stdout.write(`${JSON.stringify(entry)}\n`);
let waiting = 0;
const ready = () => {
  waiting -= 1;
  if (waiting === 0) log({ ready: true });
};

const spoofers = [];
if (spoofer) {
  for (const [host, from] of [
    [spoofer, 53],
    [spoofer, 5353],
    [addresses[0], 5353],
  ]) {
    const socket = createSocket('udp4');
    waiting += 1;
    socket.bind(from, host, ready);
    spoofers.push(socket);
  }
}
for (const host of addresses) {
  const ipv6 = host.includes(':');
  const socket = createSocket({ type: ipv6 ? 'udp6' : 'udp4' });
  socket.on('message', (bytes, from) => {
    const query = readQuery(bytes);
    log({
      server: host,
      name: query.name,
      type: query.type,
      id: query.id,
      port: from.port,
      from: from.address,
      edns: query.edns,
      transport: 'udp',
    });
    handle(query, {
      tcp: false,
      reply: (answer) => socket.send(answer, from.port, from.address),
      elsewhere: (answer) => {
        for (const other of spoofers) other.send(answer, from.port, from.address);
      },
      close: () => undefined,
    });
  });
  waiting += 2;
  socket.bind(port, host, ready);
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    let received = Buffer.alloc(0);
    connection.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const query = readQuery(received.subarray(2));
      log({
        server: host,
        name: query.name,
        type: query.type,
        id: query.id,
        port: connection.remotePort,
        from: connection.remoteAddress,
        edns: query.edns,
        transport: 'tcp',
      });
      handle(query, {
        tcp: true,
        reply: (answer) => {
          const size = Buffer.alloc(2);
          size.writeUInt16BE(answer.length);
          connection.write(Buffer.concat([size, answer]));
        },
        elsewhere: () => undefined,
        close: (bytes) => (bytes === undefined ? connection.destroy() : connection.write(bytes)),
      });
    });
  });
  server.listen(port, host, ready);
}
