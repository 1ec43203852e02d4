// socket.io's own server.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

export function createSocketIoServer() {
  const server = createServer();
  new Server(server).on('connection', (socket) => socket.on('greet', (text, answer) => answer(`${text} to you`)));
  return server;
}
