// PostgreSQL in a VRF, with `pg`: it connects the socket that it is given, by name, for each connection of the pool.
//
//   node pg.mjs <vrf> <host> <port>
import pg from 'pg';
import { createVrfSocket } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const pool = new pg.Pool({
  host,
  port: Number(port),
  user: 'postgres',
  database: 'postgres',
  max: 4,
  stream: () => createVrfSocket({ vrf, noDelay: true }),
});

const answers = await Promise.all(
  Array.from({ length: 8 }, (_, index) => pool.query('select $1::int as index, inet_server_addr() as server', [index])),
);
console.log(JSON.stringify(answers.map(({ rows }) => rows[0])));
await pool.end();
