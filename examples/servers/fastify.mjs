// A fastify server in a VRF. It waits for the namespace if it is not there yet, and follows it.
//
//   node fastify.mjs <vrf> <host> <port>
import fastify from 'fastify';
import { fastifyVrf } from './fastify-vrf.mjs';

const [vrf, host, port] = process.argv.slice(2);

const app = fastify();
app.register(fastifyVrf);
app.get('/', async ({ ip }) => ({ greeting: 'hello', ip }));
await app.after();
const listener = await app.listenInVrf({ vrf, host, port: Number(port) });
console.log(listener.state);

process.once('SIGTERM', () => app.close());
