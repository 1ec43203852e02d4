// undici's WebSocket and EventSource in a VRF: both take the agent.
//
//   node undici-streams.mjs <vrf> <host> <port>
import { once } from 'node:events';
import { EventSource, WebSocket } from 'undici';
import { VrfAgent } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);
const agent = new VrfAgent({ vrf });

const socket = new WebSocket(`ws://${host}:${port}/echo`, { dispatcher: agent });
await once(socket, 'open');
socket.send('hello');
const [{ data }] = await once(socket, 'message');
console.log('WebSocket', data);
socket.close();
await once(socket, 'close');

const events = new EventSource(`http://${host}:${port}/events`, { dispatcher: agent });
const [first] = await once(events, 'message');
console.log('EventSource', first.data);
events.close();
await agent.destroy();
