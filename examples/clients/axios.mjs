// HTTP in a VRF, with `axios`: it takes Node's agents, and keeps them for redirects. Without `proxy: false` it would use
// the proxy that the environment names, through the VRF.
//
//   node axios.mjs <vrf> <host> <port> <host that does not answer>
import axios from 'axios';
import { VrfHttpAgent, VrfHttpsAgent } from 'vrf-dial';

const [vrf, host, port, silent] = process.argv.slice(2);

const client = axios.create({
  httpAgent: new VrfHttpAgent({ vrf }),
  httpsAgent: new VrfHttpsAgent({ vrf }),
  proxy: false,
});
const { data } = await client.get(`http://${host}:${port}/moved`);
console.log(data);

// The timeout covers the time in which the socket connects.
await client
  .get(`http://${silent}:${port}/`, { timeout: 300 })
  .catch(({ code, message }) => console.log(code, message));
