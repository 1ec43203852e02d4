// Kafka in a VRF, with `kafkajs`: it asks for a socket for each broker, those that it learns of from others as well.
//
//   node kafkajs.mjs <vrf> <host> <port>
import { connect } from 'node:tls';
import { Kafka, logLevel } from 'kafkajs';
import { createVrfSocket } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const kafka = new Kafka({
  brokers: [`${host}:${port}`],
  logLevel: logLevel.ERROR,
  socketFactory({ host, port, ssl, onConnect }) {
    const socket = createVrfSocket({ vrf, noDelay: true }).connect(port, host);
    return ssl ? connect({ servername: host, ...ssl, socket }, onConnect) : socket.once('connect', onConnect);
  },
});
const admin = kafka.admin();
await admin.connect();
console.log((await admin.listTopics()).join(' '));
await admin.disconnect();
