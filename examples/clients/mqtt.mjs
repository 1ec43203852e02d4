// MQTT in a VRF, with `mqtt`: the client asks for a stream when it connects and each time it reconnects.
//
//   node mqtt.mjs <vrf> <host> <port>
import { once } from 'node:events';
import { MqttClient } from 'mqtt';
import { createVrfSocket } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const client = new MqttClient(() => createVrfSocket({ vrf }).connect(Number(port), host), { reconnectPeriod: 50 });
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
