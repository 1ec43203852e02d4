// A Kubernetes API server with one pod: list, watch, and exec over a WebSocket.
import { createServer } from 'node:https';
import { WebSocketServer } from 'ws';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default' } };
const PODS = '/api/v1/namespaces/default/pods';
/** Channels of the protocol `v5.channel.k8s.io`. */
const STDOUT = 1;
const STATUS = 3;

export function createKubernetesServer(tls) {
  const server = createServer(tls, (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'https://server');
    if (pathname !== PODS) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    if (searchParams.has('watch')) response.write(`${JSON.stringify({ type: 'ADDED', object: POD })}\n`);
    else response.end(JSON.stringify({ apiVersion: 'v1', kind: 'PodList', metadata: {}, items: [POD] }));
  });
  const handleProtocols = (protocols) => [...protocols][0];
  new WebSocketServer({ server, handleProtocols }).on('connection', (socket) => {
    socket.send(Buffer.concat([Buffer.from([STDOUT]), Buffer.from('web')]));
    socket.send(Buffer.concat([Buffer.from([STATUS]), Buffer.from('{"status":"Success"}')]));
    socket.close();
  });
  return server;
}
