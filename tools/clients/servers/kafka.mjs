// A Kafka broker with two topics and no messages: ApiVersions and Metadata. It names itself as it is asked to, so that
// clients connect to that name.
import { createServer } from 'node:net';

const API_VERSIONS = 18;
const METADATA = 3;

const int16 = (value) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const string = (value) => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
const nullString = int16(-1);
const no = Buffer.alloc(1);
const array = (items) => Buffer.concat([int32(items.length), ...items]);

function answer(apiKey, version, { host, port, topics }) {
  if (apiKey === API_VERSIONS) {
    const versions = array([
      Buffer.concat([int16(API_VERSIONS), int16(0), int16(2)]),
      Buffer.concat([int16(METADATA), int16(1), int16(1)]),
    ]);
    return Buffer.concat([int16(0), versions, version > 0 ? int32(0) : Buffer.alloc(0)]);
  }
  if (apiKey !== METADATA) return undefined;
  const id = int32(1);
  const partition = Buffer.concat([int16(0), int32(0), id, array([id]), array([id])]);
  return Buffer.concat([
    array([Buffer.concat([id, string(host), int32(port), nullString])]),
    id,
    array(topics.map((topic) => Buffer.concat([int16(0), string(topic), no, array([partition])]))),
  ]);
}

/** @param broker `{ host, port, topics }`, as it describes itself */
export function createKafkaServer(broker) {
  return createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const request = received.subarray(4, 4 + received.readInt32BE(0));
        received = received.subarray(4 + request.length);
        const body = answer(request.readInt16BE(0), request.readInt16BE(2), broker);
        if (body === undefined) return socket.destroy();
        const response = Buffer.concat([request.subarray(4, 8), body]);
        socket.write(Buffer.concat([int32(response.length), response]));
      }
    });
  });
}
