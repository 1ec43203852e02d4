// A gRPC server for the test of grpc.mjs.
import { Server, ServerCredentials } from '@grpc/grpc-js';

const [address, port] = process.argv.slice(2);
const server = new Server();
server.addService(
  {
    greet: {
      path: '/example.Greeter/Greet',
      requestStream: false,
      responseStream: false,
      requestSerialize: Buffer.from,
      requestDeserialize: String,
      responseSerialize: Buffer.from,
      responseDeserialize: String,
    },
  },
  { greet: (call, callback) => callback(null, `${call.request} to you`) },
);
server.bindAsync(`${address}:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
