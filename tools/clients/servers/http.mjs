// What HTTP clients are tested with: a redirect, an S3 bucket that keeps objects in memory, and a chat that repeats.
import { createServer } from 'node:http';
import { buffer, json } from 'node:stream/consumers';

export function createHttpServer() {
  const objects = new Map();
  return createServer(async (request, response) => {
    const { method, headers } = request;
    const { pathname } = new URL(request.url, 'http://server');
    if (pathname === '/moved') return response.writeHead(302, { location: `http://${headers.host}/hello` }).end();
    if (pathname === '/hello')
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{"greeting":"hello"}');
    if (pathname === '/v1/chat/completions') return repeat(await json(request), response);
    if (pathname.startsWith('/bucket/')) {
      if (method === 'PUT') {
        objects.set(pathname, unchunked(await buffer(request), headers));
        return response.writeHead(200, { etag: '"1"' }).end();
      }
      if (objects.has(pathname)) return response.writeHead(200).end(objects.get(pathname));
    }
    response.writeHead(404).end();
  });
}

function repeat({ messages }, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of messages[0].content.split(/(?= )/))
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
  response.end('data: [DONE]\n\n');
}

/** The SDK may send a body in chunks of its own, with a checksum behind (`aws-chunked`): `5\r\nhello\r\n0\r\n…`. */
function unchunked(body, headers) {
  if (!/aws-chunked/.test(headers['content-encoding'] ?? '')) return body;
  const start = body.indexOf('\r\n') + 2;
  return body.subarray(start, start + Number.parseInt(body.toString('latin1'), 16));
}
