// Runs in a NamespaceWorker: Node's own net, in the namespace of the thread.
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { lineOf } from './line.mjs';

const { host, port, nonce } = workerData;
const socket = net.connect({ host, port });
lineOf(socket, nonce).then(
  (answer) => parentPort?.postMessage({ answer }),
  (error) => parentPort?.postMessage({ code: error.code }),
);
