// MySQL in a VRF, with `mysql2`: it asks for a stream for each connection of the pool.
//
//   node mysql2.mjs <vrf> <host> <port>
import mysql from 'mysql2/promise';
import { createVrfSocket } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const pool = mysql.createPool({
  user: 'root',
  connectionLimit: 4,
  // mysql2 does not connect the stream, so this names the server.
  stream: () => createVrfSocket({ vrf, noDelay: true }).connect(Number(port), host),
});
const answers = await Promise.all(Array.from({ length: 8 }, () => pool.query('select 42 as answer')));
console.log(answers.map(([[{ answer }]]) => answer).join(' '));
await pool.end();
