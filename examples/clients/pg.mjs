// PostgreSQL in a VRF, with `pg`: every connection of the pool is made over a socket that was born in the namespace.
//
//   node pg.mjs <vrf> <host> <port>
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { openSocket } from 'netns-core';
import pg from 'pg';
import { createVrfLookup } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

// pg would look the name up at home, so it gets the address.
const { address, family } = await promisify(createVrfLookup({ vrf }))(host, { all: true }).then(([first]) => first);

const pool = new pg.Pool({
  host: address,
  port: Number(port),
  user: 'postgres',
  database: 'postgres',
  max: 4,
  // pg connects the socket that it is given.
  stream: () =>
    new Socket({ fd: openSocket({ namespace: { vrf }, family: family === 6 ? 'ipv6' : 'ipv4', type: 'stream' }) }),
});

const answers = await Promise.all(
  Array.from({ length: 8 }, (_, index) => pool.query('select $1::int as index, inet_server_addr() as server', [index])),
);
console.log(JSON.stringify(answers.map(({ rows }) => rows[0])));
await pool.end();
