// All servers, on one address, until a signal ends them: node run.mjs <host> <address> <ports as JSON> <key> <certificate>
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createHttpServer } from './http.mjs';
import { createKafkaServer } from './kafka.mjs';
import { createKubernetesServer } from './kubernetes.mjs';
import { createMysqlServer } from './mysql.mjs';
import { createSmtpServer } from './smtp.mjs';
import { createSocketIoServer } from './socket-io.mjs';
import { createSshServer } from './ssh.mjs';

const [host, address, json, key, certificate] = process.argv.slice(2);
const ports = JSON.parse(json);

const servers = {
  http: createHttpServer(),
  kafka: createKafkaServer({ host, port: ports.kafka, topics: ['orders', 'payments'] }),
  kubernetes: createKubernetesServer({ key: readFileSync(key), cert: readFileSync(certificate) }),
  mysql: createMysqlServer(),
  smtp: createSmtpServer(),
  'socket.io': createSocketIoServer(),
  ssh: createSshServer(),
};
for (const [name, server] of Object.entries(servers)) {
  // mysql2's server is a wrapper, which emits nothing.
  const emitter = server._server ?? server;
  const listening = once(emitter, 'listening');
  server.listen(ports[name], address);
  await listening;
}
console.log('listening');
