// HTTP in a VRF, with `superagent`: one agent for each request, which must be of the URL's protocol. A redirect from http
// to https is an error then. Leave `http2()` off.
//
//   node superagent.mjs <vrf> <host> <port> <host that does not answer>
import superagent from 'superagent';
import { VrfHttpAgent } from 'vrf-dial';

const [vrf, host, port, silent] = process.argv.slice(2);

const agent = new VrfHttpAgent({ vrf });
const { body } = await superagent.get(`http://${host}:${port}/moved`).agent(agent);
console.log(body);

await superagent
  .get(`http://${silent}:${port}/`)
  .agent(agent)
  .timeout({ response: 300 })
  .catch(({ code, message }) => console.log(code, message));
