// HTTP in a VRF, with `ky`: it takes a fetch.
//
//   node ky.mjs <vrf> <host> <port> <host that does not answer>
import ky from 'ky';
import { createVrfFetch } from 'vrf-dial';

const [vrf, host, port, silent] = process.argv.slice(2);

const fetch = createVrfFetch({ vrf });
const client = ky.create({ fetch, retry: 0 });
console.log(await client.get(`http://${host}:${port}/moved`).json());

await client.get(`http://${silent}:${port}/`, { timeout: 300 }).catch(({ name }) => console.log(name));
await fetch.agent.destroy();
