// HTTP in a VRF, with `needle`: an agent of the URL's protocol. `use_proxy_from_env_var: false`, or the environment's proxy
// is asked, through the VRF.
//
//   node needle.mjs <vrf> <host> <port> <host that does not answer>
import needle from 'needle';
import { VrfHttpAgent } from 'vrf-dial';

const [vrf, host, port, silent] = process.argv.slice(2);

const options = { agent: new VrfHttpAgent({ vrf }), follow_max: 3, use_proxy_from_env_var: false };
const { body } = await needle('get', `http://${host}:${port}/moved`, options);
console.log(body);

await needle('get', `http://${silent}:${port}/`, { ...options, open_timeout: 300 }).catch(({ code }) =>
  console.log(code),
);
