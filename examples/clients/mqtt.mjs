// MQTT in a VRF, with `mqtt`: the client asks for a stream when it connects and each time it reconnects.
//
//   node mqtt.mjs <vrf> <host> <port>
import { once } from 'node:events';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { MqttClient } from 'mqtt';
import { openSocket } from 'netns-core';
import { createVrfLookup } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);
const [{ address, family }] = await promisify(createVrfLookup({ vrf }))(host, { all: true });

const client = new MqttClient(
  () =>
    new Socket({
      fd: openSocket({ namespace: { vrf }, family: family === 6 ? 'ipv6' : 'ipv4', type: 'stream' }),
    }).connect(Number(port), address),
  { reconnectPeriod: 50 },
);
await once(client, 'connect');
await client.subscribeAsync('greetings/#');
const message = once(client, 'message');
await client.publishAsync('greetings/first', 'hello', { qos: 1 });
const [topic, payload] = await message;
console.log(topic, payload.toString());

client.stream.destroy();
await once(client, 'connect');
console.log('connected again');
await client.endAsync();
