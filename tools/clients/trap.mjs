// Home, as a client that goes around what it is given would find it: the same addresses, a server on every port that is
// used, names that mean something else, a name server, a proxy. Nothing of it may be used.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const TYPE_A = 1;

/** Answers a DNS query for an IPv4 address, and says that there are no others. */
function answerQuery(query, address) {
  const labels = [];
  let offset = 12;
  while (query[offset] > 0) {
    labels.push(query.toString('latin1', offset + 1, offset + 1 + query[offset]));
    offset += 1 + query[offset];
  }
  // The name's end, type and class.
  const question = query.subarray(12, offset + 5);
  const answers = query.readUInt16BE(offset + 1) === TYPE_A ? 1 : 0;
  const header = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, answers, 0, 0, 0, 0]);
  // The name of the question, type A, class IN, a TTL of 0, four bytes.
  const record = Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
  return { name: labels.join('.'), answer: Buffer.concat([header, question, ...(answers > 0 ? [record] : [])]) };
}

export class Trap {
  #servers = [];
  #caught = [];
  #packets = 0;

  /**
   * @param ports TCP ports
   * @param address what every name means
   */
  static async open(ports, address) {
    const trap = new Trap();
    for (const port of ports) {
      const server = createServer((socket) => {
        trap.#caught.push(`a connection to ${socket.localAddress} port ${port}`);
        socket.on('error', () => {});
        socket.destroy();
      });
      server.listen(port);
      await once(server, 'listening');
      trap.#servers.push(server);
    }
    const names = createSocket('udp4', (query, { address: client, port }) => {
      const { name, answer } = answerQuery(query, address);
      trap.#caught.push(`a question for ${name}`);
      names.send(answer, port, client);
    });
    names.bind(53);
    await once(names, 'listening');
    trap.#servers.push(names);
    trap.look();
    return trap;
  }

  /** Whatever came since the last look. The kernel counts, too: what went to a port without a trap is a packet. */
  look() {
    const before = this.#packets;
    const [, packets] = /^\s*lo:\s*\d+\s+(\d+)/m.exec(readFileSync('/proc/self/net/dev', 'utf8'));
    this.#packets = Number(packets);
    const caught = this.#caught.splice(0);
    if (this.#packets !== before) caught.push(`${this.#packets - before} packets`);
    return caught;
  }

  close() {
    for (const server of this.#servers) server.close();
  }
}
