// An express server in a VRF: an express application is a function for a server of node:http.
//
//   node express.mjs <vrf> <host> <port>
import http from 'node:http';
import express from 'express';
import { listenInVrf } from 'vrf-dial';

const [vrf, host, port] = process.argv.slice(2);

const app = express();
app.get('/', ({ ip }, response) => response.json({ greeting: 'hello', ip }));

const listener = await listenInVrf(http.createServer(app), { vrf, host, port: Number(port) });
console.log(listener.state);

process.once('SIGTERM', () => listener.close());
