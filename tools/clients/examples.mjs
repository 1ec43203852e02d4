// What each example prints, and what it is run against.

/** Where the servers of `servers/run.mjs` listen, in the VRF; at home traps do. */
export const PORTS = {
  http: 8080,
  kafka: 9092,
  kubernetes: 6443,
  mysql: 3306,
  smtp: 2525,
  'socket.io': 8081,
  ssh: 2222,
};

/** Where the examples' own servers listen. */
export const SERVER_PORT = 8000;

const GREETING = "{ greeting: 'hello' }";

/** In examples/clients: `prints` are lines on stdout. */
export const CLIENTS = [
  { file: 'axios.mjs', server: 'http', prints: [GREETING, 'ECONNABORTED timeout of 300ms exceeded'] },
  { file: 'got.mjs', server: 'http', prints: ['{"greeting":"hello"}', 'timings true', 'ETIMEDOUT connect'] },
  { file: 'superagent.mjs', server: 'http', prints: [GREETING, /^ECONNABORTED .*300ms exceeded$/] },
  { file: 'needle.mjs', server: 'http', prints: [GREETING, 'ECONNRESET'] },
  { file: 'ky.mjs', server: 'http', prints: [GREETING, 'TimeoutError'] },
  { file: 'openai.mjs', server: 'http', prints: ['hello to you'] },
  { file: 's3.mjs', server: 'http', prints: ['hello'] },
  {
    file: 'kubernetes.mjs',
    server: 'kubernetes',
    prints: ['pods web', 'watch ADDED web', 'exec web'],
    // Its undici is version 8.
    needsNode: 22,
  },
  { file: 'mysql2.mjs', server: 'mysql', prints: ['42 42 42 42 42 42 42 42'] },
  { file: 'kafkajs.mjs', server: 'kafka', prints: ['orders payments'] },
  { file: 'nodemailer.mjs', server: 'smtp', prints: ['250 taken'] },
  { file: 'ssh2.mjs', server: 'ssh', prints: ['server'] },
  { file: 'socket-io.mjs', server: 'socket.io', prints: ['hello to you', 'hello again to you over websocket'] },
];

/** In examples/servers: `answers` is what a request from inside the VRF must get. */
export const SERVERS = [
  { file: 'fastify.mjs', answers: /^\{"greeting":"hello","ip":"192\.0\.2\.10"\}$/ },
  { file: 'express.mjs', answers: /^\{"greeting":"hello","ip":"192\.0\.2\.10"\}$/ },
  { file: 'prom-client.mjs', answers: /^vrf_dial_bound_total 1$/m },
];

/** Files of examples/clients that clients.test.ts runs, against servers from Debian, and files that belong to others. */
export const ELSEWHERE = [
  'grpc-client.mjs',
  'grpc-server.mjs',
  'grpc.mjs',
  'ioredis.mjs',
  'mqtt.mjs',
  'pg.mjs',
  'streams-server.mjs',
  'undici-streams.mjs',
  'fastify-vrf.mjs',
  'vrf-dial-metrics.mjs',
];
