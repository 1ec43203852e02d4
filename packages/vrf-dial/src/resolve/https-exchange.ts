import type { Socket } from 'node:net';
import { requestOver } from '../socket/request-over.js';
import { failedSocket, MAX_MESSAGE, NO_ANSWER, type Reply } from './reply.js';

const DNS_MESSAGE = 'application/dns-message';

/**
 * Posts a query (RFC 8484) over a connection to the server. Redirects are not followed.
 *
 * @param stream speaks TLS; the caller destroys it
 * @param received takes the message that comes back
 */
export function askByHttp(
  stream: Socket,
  host: string,
  path: string,
  query: Uint8Array,
  received: (message: Uint8Array) => void,
  end: (reply: Reply) => void,
): void {
  const request = requestOver(stream, {
    method: 'POST',
    path,
    headers: { host, 'content-type': DNS_MESSAGE, accept: DNS_MESSAGE, 'content-length': query.length },
  });
  const failed = (error: NodeJS.ErrnoException): void => {
    // What Node's parser does not take as HTTP.
    if (error.code?.startsWith('HPE_')) end({ ...NO_ANSWER, cause: error });
    else end(failedSocket(error));
  };
  request.on('error', failed);
  request.on('response', (response) => {
    const { statusCode, headers } = response;
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (statusCode !== 200 || type !== DNS_MESSAGE) {
      const failure = statusCode === 200 ? 'no DNS message in its response' : `status ${statusCode}`;
      end({ failure, code: 'EBADRESP', silent: false });
      return;
    }
    const chunks: Buffer[] = [];
    let total = 0;
    response.on('data', (chunk: Buffer) => {
      total += chunk.length;
      chunks.push(chunk);
      if (total > MAX_MESSAGE) end(NO_ANSWER);
    });
    response.on('error', failed);
    response.on('end', () => received(Buffer.concat(chunks)));
  });
  request.end(query);
}
