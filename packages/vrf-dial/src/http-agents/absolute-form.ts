import type { ClientRequest } from 'node:http';
import { InvalidOptionError, NetnsError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { asciiName } from 'netns-core/etc';
import { hostAndPort } from '../dial/index.js';
import type { Destination } from './proxy-error.js';

/** What Node keeps of a request whose head is written already, as it is with an array of headers or with `Expect`. */
interface WrittenHead {
  _header: string | null;
  readonly _headerSent: boolean;
  /** What waits for a connection; the head is at the beginning. */
  readonly outputData: { data: unknown }[];
  outputSize: number;
}

/** Whether a request is for a connection of its own to the host, which a proxy gives only as a tunnel. */
export function wantsConnection(request: ClientRequest): boolean {
  const { _header: head } = request as unknown as WrittenHead;
  return request.method === 'CONNECT' || request.hasHeader('upgrade') || (head !== null && /\r\nupgrade:/i.test(head));
}

/**
 * Turns a request into one for a proxy (RFC 9112 section 3.2.2): the target in absolute form, and the proxy's headers,
 * unless the request has them itself.
 *
 * @throws InvalidOptionError for a path that is a URL already
 */
export function toAbsoluteForm(
  request: ClientRequest,
  { host, port }: Destination,
  headers: Readonly<Record<string, string>>,
): void {
  const ascii = asciiName(host);
  const origin = `http://${port === 80 ? hostInUrl(ascii) : hostAndPort(ascii, port)}`;
  const { method, path } = request;
  const written = request as unknown as WrittenHead;
  const head = written._header;
  if (!path.startsWith('/') && path !== '*')
    throw new InvalidOptionError(
      'path',
      `the path of a request must begin with '/', got ${shown(path)}: the agent names the host to the proxy itself`,
    );
  // Of all servers that are meant by `*` it is the one without a path.
  request.path = path === '*' ? origin : `${origin}${path}`;
  if (head === null || head === undefined) {
    for (const [name, value] of Object.entries(headers)) if (!request.hasHeader(name)) request.setHeader(name, value);
    return;
  }
  const start = `${method} ${path} HTTP/1.1\r\n`;
  if (!head.startsWith(start)) throw headTooEarly();
  const rest = head.slice(start.length);
  const added = Object.entries(headers)
    .filter(([name]) => !`\r\n${rest}`.toLowerCase().includes(`\r\n${name}:`))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const replaced = `${method} ${request.path} HTTP/1.1\r\n${added.join('')}${rest}`;
  if (written._headerSent) {
    const [first] = written.outputData;
    if (typeof first?.data !== 'string' || !first.data.startsWith(head)) throw headTooEarly();
    first.data = `${replaced}${first.data.slice(head.length)}`;
    written.outputSize += replaced.length - head.length;
  }
  written._header = replaced;
}

const hostInUrl = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

function headTooEarly(): NetnsError {
  return new NetnsError('a request whose head was sent before it had a connection cannot go through a proxy', {
    code: 'ERR_PROXY_REQUEST',
  });
}
