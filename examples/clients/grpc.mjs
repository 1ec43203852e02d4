// gRPC in a VRF, with `@grpc/grpc-js`: it resolves names and opens sockets itself and leaves no door for either, so
// it runs in a thread that lives in the namespace. Nothing in that thread's program knows of it.
//
//   node grpc.mjs <vrf> <host> <port>
import { once } from 'node:events';
import { NamespaceWorker } from 'netns-core';

const [vrf, host, port] = process.argv.slice(2);

const worker = new NamespaceWorker({ vrf }, new URL('./grpc-client.mjs', import.meta.url), {
  workerData: { target: `${host}:${port}` },
});
const [answer] = await once(worker, 'message');
console.log(answer);
await worker.terminate();
