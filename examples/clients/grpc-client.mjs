// An ordinary program with `@grpc/grpc-js`. See grpc.mjs.
import { promisify } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { Client, credentials } from '@grpc/grpc-js';

const client = new Client(workerData.target, credentials.createInsecure());
const call = promisify(client.makeUnaryRequest.bind(client));
// The messages are plain text here; with a .proto file these two functions are generated.
const answer = await call('/example.Greeter/Greet', Buffer.from, String, 'hello');
parentPort.postMessage(answer);
client.close();
