// A server for the test of undici-streams.mjs: WebSocket (with `ws`) and server-sent events.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const [address, port] = process.argv.slice(2);
const server = createServer((request, response) => {
  if (request.url !== '/events') return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: first\n\n');
});
new WebSocketServer({ server, path: '/echo' }).on('connection', (socket) => {
  socket.on('message', (text) => socket.send(`${text} to you`));
});
server.listen(Number(port), address);
