// A mail server that takes every message.
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

export function createSmtpServer() {
  return createServer((socket) => {
    let message = false;
    const say = (line) => socket.write(`${line}\r\n`);
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      if (message) {
        if (line !== '.') return;
        message = false;
        say('250 taken');
      } else if (/^data/i.test(line)) {
        message = true;
        say('354 go on');
      } else if (/^quit/i.test(line)) {
        socket.end('221 bye\r\n');
      } else say('250 ok');
    });
    say('220 server ESMTP');
  });
}
