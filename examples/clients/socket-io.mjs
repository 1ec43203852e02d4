// Socket.IO in a VRF, with `socket.io-client`: the agent is for both transports, HTTP polling and the WebSocket that
// follows. For an https URL it is a VrfHttpsAgent.
//
//   node socket-io.mjs <vrf> <host> <port>
import { once } from 'node:events';
import { io } from 'socket.io-client';
import { VrfHttpAgent } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const socket = io(`http://${host}:${port}`, { agent: new VrfHttpAgent({ vrf }) });
await once(socket, 'connect');
console.log(await socket.emitWithAck('greet', 'hello'));
if (socket.io.engine.transport.name !== 'websocket') await once(socket.io.engine, 'upgrade');
console.log(await socket.emitWithAck('greet', 'hello again'), 'over', socket.io.engine.transport.name);
socket.close();
