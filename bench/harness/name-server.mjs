// Answers every query for an address with one, some milliseconds later: name-server.mjs <address> <milliseconds>
import { createSocket } from 'node:dgram';

const TYPE_AAAA = 28;
const [address, later] = process.argv.slice(2);
const socket = createSocket('udp4');

/** The query's header and question, as a response with one record. */
function answer(query) {
  let end = 12;
  while (query[end] !== 0) end += query[end] + 1;
  const ipv6 = query.readUInt16BE(end + 1) === TYPE_AAAA;
  const head = Buffer.from(query.subarray(0, end + 5));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt32BE(1, 6);
  head.writeUInt16BE(1, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.alloc(12 + (ipv6 ? 16 : 4));
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(ipv6 ? TYPE_AAAA : 1, 2);
  record.writeUInt16BE(1, 4);
  // A day: what is cached stays so for as long as a benchmark runs.
  record.writeUInt32BE(86_400, 6);
  record.writeUInt16BE(record.length - 12, 10);
  return Buffer.concat([head, record]);
}

socket.on('message', (query, from) => {
  const send = () => socket.send(answer(query), from.port, from.address);
  if (Number(later) > 0) setTimeout(send, Number(later));
  else send();
});
socket.bind(53, address, () => console.log('ready'));
