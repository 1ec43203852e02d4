// Metrics for Prometheus, served in a VRF: what this process has done with vrf-dial.
//
//   node prom-client.mjs <vrf> <host> <port>
import http from 'node:http';
import { register } from 'prom-client';
import { listenInVrf } from 'vrf-dial';
import { collectVrfDialMetrics } from './vrf-dial-metrics.mjs';

const [vrf, host, port] = process.argv.slice(2);

collectVrfDialMetrics(register);
const server = http.createServer(async (_request, response) => {
  response.setHeader('content-type', register.contentType);
  response.end(await register.metrics());
});
const listener = await listenInVrf(server, { vrf, host, port: Number(port) });
console.log(listener.state);

process.once('SIGTERM', () => listener.close());
