// HTTP in a VRF, with `got`: its agents, its timings, its timeouts for each phase. Leave `http2` off: got makes HTTP/2
// connections by itself, from home.
//
//   node got.mjs <vrf> <host> <port> <host that does not answer>
import got from 'got';
import { VrfHttpAgent, VrfHttpsAgent } from 'vrf-dial';

const [vrf, host, port, silent] = process.argv.slice(2);

const client = got.extend({
  agent: { http: new VrfHttpAgent({ vrf }), https: new VrfHttpsAgent({ vrf }) },
  retry: { limit: 0 },
});
const { body, timings } = await client(`http://${host}:${port}/moved`);
console.log(body);
const { dns, tcp, firstByte } = timings.phases;
console.log(
  'timings',
  [dns, tcp, firstByte].every((time) => time >= 0),
);

await client(`http://${silent}:${port}/`, { timeout: { connect: 300 } }).catch(({ code, event }) =>
  console.log(code, event),
);
